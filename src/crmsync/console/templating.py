"""Templates, and what each of them may say. Text that is not ours is cleaned and escaped wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from crmsync.configuration import escaped, seen_whole
from crmsync.console.assets import address_of
from crmsync.console.field_words import FIELD_WORDS
from crmsync.console.next_steps import next_of, page_of, place_of, told_next
from crmsync.qualify.criteria import plain
from crmsync.showing.charts.chart import Chart
from crmsync.showing.charts.figure import figure
from crmsync.showing.foreign_text import MOST_OF_REASONS, cleaned, cut, one_line, prose_html
from crmsync.showing.instants import instant
from crmsync.showing.run.note_words import note_words
from crmsync.tongue import ENGLISH, Tongue

_MOST_OF_A_VALUE = 200
FOLDER = Path(__file__).parent / "templates"


def environment(tongue: Tongue = ENGLISH, names: Collection[str] = ()) -> Environment:
    """A name that nobody gave is an error, never an empty place.

    `tongue`: in which pages are named where a command stands in a sentence. `names`: of connections, which no
    sentence begins with a capital.
    """
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_cleaned,
    )
    made.globals["asset"] = address_of
    made.globals["field_words"] = FIELD_WORDS
    made.filters["short"] = _short
    made.filters["exact"] = _exact
    made.filters["as_line"] = _as_line
    made.filters["as_day"] = date.fromisoformat
    made.filters["drawn"] = _drawn
    made.filters["prose"] = partial(_prose, tongue=tongue)
    made.filters["sentence"] = partial(_sentence, tongue=tongue, names=names)
    made.filters["unbroken"] = _unbroken
    return made


def filled(templates: Environment, name: str, values: Mapping[str, Any], tongue: Tongue) -> str:
    """A template as text. It speaks by `say` and `say_many`, and tells numbers, days and instants as people do."""

    def at(moment: datetime) -> str:
        return instant(moment, tongue=tongue)

    words = {
        "next_of": partial(next_of, tongue=tongue),
        "hint_of": partial(told_next, tongue=tongue),
        "page_of": partial(page_of, tongue=tongue),
        "noted": partial(note_words, tongue=tongue),
        "say": tongue.say,
        "say_many": tongue.say_many,
        "own": tongue.own,
        "plain": partial(plain, tongue=tongue),
        "number": tongue.number,
        "figures": tongue.figures,
        "decimals": tongue.decimals,
        "day": tongue.day,
        "at": at,
        "language": tongue.code,
    }
    return templates.get_template(name).render(**words, **values)


def _short(text: str | None) -> str | None:
    """A value of a field, a name: what is longer would push everything else off the page."""
    return None if text is None else one_line(text, _MOST_OF_A_VALUE)


class _Html(str):
    """HTML that is clean and escaped already: templates leave it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def as_html(told: str) -> Markup:
    """What `showing` has made into HTML already, and cleaned and escaped there."""
    return Markup(told)  # noqa: S704


def _drawn(chart: Chart) -> _Html:
    """A chart; `figure` cleans and escapes what stands in it."""
    return _Html(figure(chart))


def _exact(text: str) -> Markup:
    """What a form brings back as it is: a file's text, a value of the CRM. Escaped, and nothing taken out."""
    return escape(text)


def _as_line(text: str) -> Markup:
    """A line of a file: cleaned, with the spaces that it begins with, and signs that nobody sees as escapes."""
    shown = "".join(sign if seen_whole(sign) else escaped(sign) for sign in text.replace("\t", "    "))
    return escape(cut(cleaned(shown), MOST_OF_REASONS))


def _prose(text: str, tongue: Tongue, *, begins: bool = False) -> Markup:
    """Words of ours within a sentence, or at its beginning: what they have in backticks is code, or the page that
    does the same.
    """

    def code(words: str) -> str | None:
        place = place_of(words, tongue)
        if place is None:
            return None
        told = tongue.say("the page “{page}”", page=place.words)  # one page, whatever its title: verbs agree
        first = begins and text.startswith(f"`{words}`")
        return f'<a href="{escape(place.path)}">{escape(told[:1].upper() + told[1:] if first else told)}</a>'

    return as_html(prose_html(cut(text, MOST_OF_REASONS), code))


def _sentence(text: str, tongue: Tongue, names: Collection[str]) -> Markup:
    """The same as a sentence by itself: with a capital at its beginning, unless that is somebody's name."""
    begins = _BEGINS.match(text)
    return _prose(text[:1].upper() + text[1:] if begins and begins[0] not in names else text, tongue, begins=True)


def _unbroken(moment: str) -> Markup:
    """A day and its time, between which a narrow column may break, and nowhere else."""
    day, _, time = moment.partition(" ")
    parts = (f'<span class="unbroken">{escape(part)}</span>' for part in (day, time) if part)
    return as_html(" ".join(parts))


_BEGINS = re.compile(r"(?!crmsync\b)[a-zà-öø-ÿ]+(?=[\s,:’'])")
"""A word, of any of our languages; what begins otherwise is a name, a number or code, and so is crmsync."""


def _cleaned(value: object) -> object:
    """Whatever a template puts out; what is HTML already (a macro's) stays."""
    if value is None:
        return ""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return one_line(value, MOST_OF_REASONS)
