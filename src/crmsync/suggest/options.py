"""Texts of options → words of a policy: by phrases, by spans of time, by bands of figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crmsync.suggest.names import Words, phrases_in, place_of, words_in
from crmsync.suggest.shapes import AskedFact, OrgField
from crmsync.suggest.vocabulary import UNITS, NamePhrases

_FIGURE = re.compile(
    r"(?P<figure>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d{1,2})?)"
    r"\s*(?P<scale>k|t|tsd|tausend|thousand|mil|mille|tusen|duizend|m|mio|mn|mln|mill|million|millionen|millions?|milioni|"
    r"millones|miljoen|millioner|bn|mrd|md|mld|milliarden|billion|miljard|milliarder|miliardi)?(?![a-z0-9])\.?",
    re.IGNORECASE,
)
_THOUSANDS = frozenset({"k", "t", "tsd", "tausend", "thousand", "mil", "mille", "tusen", "duizend"})
_MILLIARDS = frozenset({"bn", "mrd", "md", "mld", "milliarden", "billion", "miljard", "milliarder", "miliardi"})
_NONE = "none"
_STATED = frozenset({"available", "decision_maker"})
"""Words that are `none` where they are denied; less than these is more than none."""
_COUNTED = re.compile(r"^\s*(?:\d{1,2}|[A-Za-z])\s*(?:[.):]|-\s)\s*(?=\D)")
_LONGEST_FIGURE = 24
"""What has more signs is a number of something, and counts nothing."""
_SMALL = 1000
"""Figures below this may be meant in thousands or millions."""
_SPANS: Sequence[tuple[float, str]] = ((1, "now"), (3, "this_quarter"), (12, "this_year"))


@dataclass(frozen=True, slots=True)
class Read:
    """`translations`: native value → word, null = says nothing known. `unread`: values that nothing fits."""

    translations: Mapping[str, str | None]
    unread: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the values those that are understood, 0 … 1; a word of the policy must be among them."""
        if not any(self.translations.values()):
            return 0.0
        return len(self.translations) / (len(self.translations) + len(self.unread))


def options_of(field: OrgField) -> tuple[tuple[str, str], ...]:
    """(value, text) of what may stand in a field: its list, or what was seen there."""
    listed = tuple((it.value, it.label) for it in field.choices if it.active)
    if not listed and field.type == "boolean":
        return (("true", "true"), ("false", "false"))
    return listed or tuple((text, text) for text, _ in field.values)


def translated(asked: AskedFact, options: Iterable[tuple[str, str]], words: NamePhrases) -> Read:
    """Of a fact with a list of values."""
    found: dict[str, str | None] = {}
    unread = []
    for value, text in options:
        known, word = _one(asked, text, words)
        if not known and value != text:
            known, word = _one(asked, value, words)
        if not known and text in ("true", "false"):
            known, word = _one(asked, "yes" if text == "true" else "no", words)
        if known:
            found[value] = word
        else:
            unread.append(value)
    return Read(found, tuple(unread))


def _one(asked: AskedFact, text: str, words: NamePhrases) -> tuple[bool, str | None]:
    """(whether it is understood, the policy's word; null = says nothing known)."""
    own = {words_in(value): value for value in asked.values}
    phrases = {**words.options.get(asked.name, {}), **own}
    phrases = {phrase: word for phrase, word in phrases.items() if word in asked.values}
    read = words_in(text)
    for form in (read, words_in(_COUNTED.sub("", text))):
        if form in phrases or form in words.unknown or not read:
            return True, phrases.get(form)
    if any(len(phrase) > 1 for phrase in phrases_in(read, words.unknown)):
        return True, None  # `no sabría decir`: that nobody knows is no `no`
    span = _span(text, words) if asked.name == "timeline" else None
    if span in asked.values:
        return True, span
    none = _NONE in asked.values and _says_there_is_none(asked.name, read, words)
    word = _NONE if none else _by_parts(read, phrases, words)
    return word is not None, word


def _by_parts(read: Words, phrases: Mapping[Words, str], words: NamePhrases) -> str | None:
    """By the longest phrase within, where nothing else there contradicts it."""
    within = [*phrases_in(read, phrases)]
    if not within:
        return None
    longest = max(within, key=lambda phrase: (len(phrase), len("".join(phrase))))
    word = phrases[longest]
    if any(phrases[phrase] != word for phrase in within if place_of(phrase, longest) is None):
        return None
    told = {it for phrase in within if phrases[phrase] == word for it in phrase}
    if any(it in words.negations and it not in told for it in read):
        return _NONE if word in _STATED else None
    return word


def _says_there_is_none(fact: str, read: Words, words: NamePhrases) -> bool:
    """`Kein Budget`, `Pas de besoin`: a negation and what the fact is called."""
    if len(read) < 2 or read[0] not in words.negations:
        return False
    rest = tuple(word for word in read[1:] if word not in words.noise)
    return (rest or read[1:]) in words.facts.get(fact, ())


def _span(text: str, words: NamePhrases) -> str | None:
    """A span of time as a word of timelines; what is open above half a year is later."""
    read = words_in(text)
    unit = next((words.units[word] for word in read if word in words.units), None)
    figures = [int(it) for it in re.findall(r"\d+", text) if len(it) <= _LONGEST_FIGURE] or _written_out(read, words)
    within = any(phrases_in(read, words.less))
    open_ = is_open(text, read, words)
    if unit is None or len(figures) > 2 or (not figures and not within and not open_):
        return None
    if len(figures) == 1 and unit == UNITS["quarters"] and not within and not open_:
        return None  # the first quarter of which year?
    months = max(figures, default=1) * unit
    if len(figures) <= 1 and open_:
        return "later" if months >= 6 else "this_year"
    return next((word for most, word in _SPANS if months <= most), "later")


def _written_out(read: Words, words: NamePhrases) -> list[int]:
    """The figure right before a unit (`drei bis sechs Monate` → 6); elsewhere the same letters are other words."""
    return [words.numbers[it] for it, unit in pairwise(read) if it in words.numbers and unit in words.units]


def is_open(text: str, read: Words, words: NamePhrases) -> bool:
    """Whether it says "more than"."""
    return any(sign in text for sign in "+>≥") or any(phrases_in(read, words.more))


def bands(options: Iterable[tuple[str, str]], words: NamePhrases, least: int = 1) -> Read:
    """Of a figure: the lower end of each band, at least `least`; a field of plain figures needs no translations.

    `1.000-5.000`, `11–50 Mitarbeiter`, `> 1 Mio. €`, `10k-50k`, `< 5`.
    """
    found: dict[str, str | None] = {}
    unread = []
    for value, text in options:
        figures = figures_in(text)
        read = words_in(text)
        if len(figures) == 2 and figures[0] < figures[1]:
            found[value] = str(max(least, figures[0]))
        elif len(figures) == 1:
            under = any(sign in text for sign in "<≤") or any(phrases_in(read, words.less))
            found[value] = str(least) if under and not is_open(text, read, words) else str(figures[0])
        elif read in words.unknown:
            found[value] = None
        elif least == 1 and read in words.alone:
            found[value] = "1"
        else:
            unread.append(value)
    return Read(found, tuple(unread))


def figures_in(text: str) -> list[int]:
    """Whole figures of a text; a scale behind the second of two counts for a small first one, too (`1-5 Mio.`)."""
    found = (it for it in _FIGURE.finditer(text) if len(it["figure"]) <= _LONGEST_FIGURE)
    told = [(it["figure"], (it["scale"] or "").lower()) for it in found]
    last = told[-1][1] if told else ""
    scales = [scale or (last if _plain(figure) < _SMALL else "") for figure, scale in told]
    return [round(_plain(figure) * _times(scale)) for (figure, _), scale in zip(told, scales, strict=True)]


def _plain(figure: str) -> float:
    if re.fullmatch(r"\d+[.,]\d{1,2}", figure):
        return float(figure.replace(",", "."))
    return float(re.sub(r"\D", "", figure))


def _times(scale: str) -> int:
    if not scale:
        return 1
    return 1_000 if scale in _THOUSANDS else 1_000_000_000 if scale in _MILLIARDS else 1_000_000
