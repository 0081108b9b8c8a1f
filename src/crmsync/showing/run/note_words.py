"""Notes of a plan in the reader's language.

Plans keep their notes as English sentences, in the store, in files and in JSON. A page of another language knows a
sentence by its shape, and says it again with its figures. What it does not know stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from crmsync.showing.run.occasional_notes import FIXED_NOW_AND_THEN, SHAPES, number_of
from crmsync.tongue import ENGLISH, Tongue, to_say

FIXED = frozenset(
    {
        to_say("first run: all records are read"),
        to_say("full run: all records are read again"),
        to_say("something that was stored is damaged: all records are read again"),
        to_say("a guard has stopped the last run for what it read: all records are read again"),
        to_say("a run has ended before what it read was looked at: all records are read again"),
        to_say("the CRM's currencies or their rates have changed: all records are read again"),
        to_say("the mapping has changed: all records are read again"),
        to_say("the CRM's fields or its time zone have changed: all records are read again"),
        to_say("the policy has changed: every lead is decided anew"),
        to_say("the roster has changed: every lead is decided anew"),
        to_say("the mapping has changed: every lead is decided anew"),
        to_say("the CRM's fields or its time zone have changed: every lead is decided anew"),
        to_say("what changed files mean for stages and other people's leads is left to the next run"),
        to_say("a pilot: no other leads than those named were looked at; they stay due"),
    }
)
"""Said word for word."""
STORED = ", from what is stored; nothing is read again for it"
"""What may stand behind one of them."""
_LEADS = r"(?P<number>[\d,]+) leads?"


def note_words(note: str, tongue: Tongue) -> str:
    """The note as it is told in this language; as it is, where nobody knows its shape."""
    if tongue is ENGLISH or tongue.code == ENGLISH.code:
        return note
    plain = note.removesuffix(STORED)
    if plain in FIXED | FIXED_NOW_AND_THEN:
        told = tongue.say(plain)
        return told if plain == note else told + tongue.say(", from what is stored; nothing is read again for it")
    for shape, said in (*_SHAPES, *SHAPES):
        if found := shape.fullmatch(note):
            return said(found.groupdict(), tongue)
    return note


def _all_unmanaged(found: Mapping[str, str], tongue: Tongue) -> str:
    return tongue.say(
        "every lead is in a stage that the mapping does not name, so nothing can be decided: {values} (see {some}) "
        "→ to have them decided, name the values under `stage: values:`",
        values=found["values"],
        some=found["some"],
    )


def _unmanaged(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead in a stage that the mapping does not name is left alone: {values} (see {some}) "
        "→ to have them decided, name the values under `stage: values:`",
        "{number} leads in a stage that the mapping does not name are left alone: {values} (see {some}) "
        "→ to have them decided, name the values under `stage: values:`",
        number,
        number=tongue.number(number),
        values=found["values"],
        some=found["some"],
    )


def _held(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead is held and left alone ({some}) → why is told by `crmsync holds`",
        "{number} leads are held and left alone ({some}) → why is told by `crmsync holds`",
        number,
        number=tongue.number(number),
        some=found["some"].replace(" until ", " → "),
    )


def _pinned(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead is pinned in the CRM by {fields} and left alone ({some})",
        "{number} leads are pinned in the CRM by {fields} and left alone ({some})",
        number,
        number=tongue.number(number),
        fields=found["fields"],
        some=found["some"],
    )


def _given_in(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead is stopped and left alone, because somebody else replaces what crmsync writes ({some}) → who, "
        "is told by `{conflicts}`; `crmsync hold LEAD --release` lets crmsync go on",
        "{number} leads are stopped and left alone, because somebody else replaces what crmsync writes ({some}) → "
        "who, is told by `{conflicts}`; `crmsync hold LEAD --release` lets crmsync go on",
        number,
        number=tongue.number(number),
        some=found["some"],
        conflicts=found["conflicts"],
    )


def _undone(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead is left alone until {day} at the latest, because what a run wrote there was taken back "
        "({some}) → `crmsync hold LEAD --release` lets crmsync go on",
        "{number} leads are left alone until {day} at the latest, because what a run wrote there was taken back "
        "({some}) → `crmsync hold LEAD --release` lets crmsync go on",
        number,
        number=tongue.number(number),
        day=found["day"],
        some=found["some"],
    )


def _left_scope(found: Mapping[str, str], tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead has fallen out of scope (`lead: when:` in the mapping): left alone from now on, history is "
        "kept",
        "{number} leads have fallen out of scope (`lead: when:` in the mapping): left alone from now on, history is "
        "kept",
        number,
        number=tongue.number(number),
    )


_WAY_ON = r" → to have them decided, name the values under `stage: values:`"
_SHAPES: tuple[tuple[re.Pattern[str], Callable[[Mapping[str, str], Tongue], str]], ...] = (
    (
        re.compile(
            r"every lead is in a stage that the mapping does not name, so nothing can be decided: (?P<values>.+) "
            rf"\(see (?P<some>.+)\){_WAY_ON}"
        ),
        _all_unmanaged,
    ),
    (
        re.compile(
            rf"{_LEADS} in a stage that the mapping does not name (?:is|are) left alone: (?P<values>.+) "
            rf"\(see (?P<some>.+)\){_WAY_ON}"
        ),
        _unmanaged,
    ),
    (re.compile(rf"{_LEADS} (?:is|are) held and left alone \((?P<some>.+)\) → `crmsync holds` says why"), _held),
    (
        re.compile(rf"{_LEADS} (?:is|are) pinned in the CRM by (?P<fields>.+) and left alone \((?P<some>.+)\)"),
        _pinned,
    ),
    (
        re.compile(
            rf"{_LEADS} (?:is|are) stopped and left alone, because somebody else replaces what crmsync writes "
            r"\((?P<some>.+)\) → `(?P<conflicts>crmsync report conflicts [^`]+)` says who; "
            r"`crmsync hold LEAD --release` lets crmsync go on"
        ),
        _given_in,
    ),
    (
        re.compile(
            rf"{_LEADS} (?:is|are) left alone until (?P<day>\S+) at the latest, because what a run wrote there was "
            r"taken back \((?P<some>.+)\) → `crmsync hold LEAD --release` lets crmsync go on"
        ),
        _undone,
    ),
    (
        re.compile(
            rf"{_LEADS} (?:has|have) fallen out of scope \(`lead: when:` in the mapping\): left alone from now on, "
            "history is kept"
        ),
        _left_scope,
    ),
)
"""How the runs word a note → the same in another language."""
