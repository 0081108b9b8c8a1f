"""Notes that a plan has now and then, in the reader's language: of what is taken back, of fields for people, of
values that say nothing, of people who leave, or of another language.

Like those of every week (`note_words`) they are known by their shape. What an admin meets less than once in a year
stays English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from crmsync.languages.known import LANGUAGES
from crmsync.showing.instants import instant
from crmsync.tongue import Tongue, to_say

FIXED_NOW_AND_THEN = frozenset(
    {
        to_say("hands are not off these leads any more: the next run decides them like any other"),
        to_say(
            "the policy knows no hands-off time (`movement: hands_off_days`): the next run decides these leads anew, "
            "and may write the same again"
        ),
    }
)
"""Said word for word."""
Found = Mapping[str, str]
"""What stands in the places of a note's shape."""
Said = Callable[[Found, Tongue], str]


def number_of(found: Found, place: str = "number") -> int:
    """A figure of a note, which is written as 1,200."""
    return int(found[place].replace(",", ""))


def _taken_back(found: Found, tongue: Tongue) -> str:
    at = instant(datetime.strptime(found["at"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC), tongue=tongue)
    if found["verb"] == "takes back":
        return tongue.say("takes back run {run}, of {at}; nothing else is written", run=found["run"], at=at)
    return tongue.say(
        "puts back what run {run}, of {at}, took back; nothing else is written", run=found["run"], at=at
    )


def _left_alone_then(found: Found, tongue: Tongue) -> str:
    days = number_of(found)
    return tongue.say_many(
        "what is taken back is left alone for {number} day (`movement: hands_off_days`) → "
        "`crmsync hold LEAD --release` ends that",
        "what is taken back is left alone for {number} days (`movement: hands_off_days`) → "
        "`crmsync hold LEAD --release` ends that",
        days,
        number=tongue.number(days),
    )


def _as_before(found: Found, tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "{number} lead holds already what was there before ({some})",
        "{number} leads hold already what was there before ({some})",
        number,
        number=tongue.number(number),
        some=found["some"],
    )


def _never_arrived(found: Found, tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "on {number} lead nothing of run {run} had arrived ({some})",
        "on {number} leads nothing of run {run} had arrived ({some})",
        number,
        number=tongue.number(number),
        run=found["run"],
        some=found["some"],
    )


def _fields_beside(found: Found, tongue: Tongue) -> str:
    number = number_of(found)
    return tongue.say_many(
        "fields for people are written on {number} lead, together with stage or owner: no further call",
        "fields for people are written on {number} leads, together with stage or owner: no further call",
        number,
        number=tongue.number(number),
    )


def _fields_alone(found: Found, tongue: Tongue) -> str:
    number = number_of(found)
    told = tongue.say_many(
        "fields for people are written on {number} lead; written for them alone: {alone}",
        "fields for people are written on {number} leads; written for them alone: {alone}",
        number,
        number=tongue.number(number),
        alone=tongue.number(number_of(found, "alone")),
    )
    if not found["calls"]:
        return told + tongue.say(", no further call")
    calls = number_of(found, "calls")
    more = tongue.say_many(
        ", about {number} call more", ", about {number} calls more", calls, number=tongue.number(calls)
    )
    return told + more


_LEADS, _RECORDS, _SOME = (r"(?P<number>[\d,]+) leads?", r"(?P<number>[\d,]+) records?", r"\((?P<some>[^()]*)\)")
_UNREAD = {
    rf"unknown for {_RECORDS}, because (?P<field>.+?) holds text that does not convert": to_say(
        "{name} is not known for {records}, because {field} holds text that does not convert: {values} (see {some})"
    ),
    rf"{_RECORDS} left out, because (?P<field>.+?) holds no day": to_say(
        "{name}: {records} left out, because {field} holds no day: {values} (see {some})"
    ),
    rf"{_RECORDS} of a kind that no rule names by (?P<field>.+?)": to_say(
        "{name}: {records} of a kind that no rule names by {field}: {values} (see {some})"
    ),
    rf"the outcome of {_RECORDS} is unknown, because no rule names what (?P<field>.+?) holds": to_say(
        "{name}: the outcome of {records} is not known, because no rule names what {field} holds: {values} "
        "(see {some})"
    ),
    rf"the direction of {_RECORDS} is unknown, because no rule names what (?P<field>.+?) holds": to_say(
        "{name}: the direction of {records} is not known, because no rule names what {field} holds: {values} "
        "(see {some})"
    ),
}
"""How it is said which values were not understood → the same, to be told."""
_MEND = {
    "translate them with `values`, or correct them in the CRM": to_say(
        "translate them with `values`, or correct them in the CRM"
    ),
    "name them in the mapping under `values`": to_say("name them in the mapping under `values`"),
    "name them in the mapping under `values`: until then such records do not count as done": to_say(
        "name them in the mapping under `values`: until then such records do not count as done"
    ),
}


def _unread(message: str, found: Found, tongue: Tongue) -> str:
    number = number_of(found)
    records = tongue.say_many("{number} record", "{number} records", number, number=tongue.number(number))
    values = found["values"]
    if found["more"]:
        more = number_of(found, "more")
        values = tongue.say_many(
            "{values} and {number} more value",
            "{values} and {number} more values",
            more,
            values=values,
            number=tongue.number(more),
        )
    places = {"name": found["name"], "records": records, "field": found["field"], "values": values}
    told = tongue.say(message, **places, some=found["some"])
    return f"{told} → {tongue.say(_MEND[found['mend']])}" if found["mend"] else told


_STAYS = {
    "off the ladder": to_say("off the ladder"),
    "by the roster's rules, or because a person has to decide": to_say(
        "by the roster's rules, or because a person has to decide"
    ),
}


def _stay(found: Found, tongue: Tongue) -> str:
    number, why = number_of(found), found["why"]
    if days := re.fullmatch(r"with an owner whom a person or another program set within (\d+) days", why):
        told = tongue.say("with an owner whom a person or another program set within {days} days", days=days[1])
    elif command := re.fullmatch(r"with a change of an earlier run that is still open: `(.+)` settles it", why):
        told = tongue.say(
            "with a change of an earlier run that is still open: `{command}` settles it", command=command[1]
        )
    else:
        told = tongue.say(_STAYS[why])
    return tongue.say_many(
        "{number} of their leads stays, {why} ({some})",
        "{number} of their leads stay, {why} ({some})",
        number,
        number=tongue.number(number),
        why=told,
        some=found["some"],
    )


def _goes_on(found: Found, tongue: Tongue) -> str:
    return tongue.say(
        "user {user} goes on getting leads by the roster: write `ends` there, or take the person out",
        user=found["user"],
    )


def _language(found: Found, tongue: Tongue) -> str:
    codes = {name: code for code, name in LANGUAGES.items()}
    before, after = (codes.get(found[it], found[it]) for it in ("before", "after"))
    return tongue.say(
        "the language has changed ({before} → {after}): every lead is looked at; texts for people are written in it",
        before=before,
        after=after,
    )


_LEADS_OF_THEIRS = r"(?P<number>[\d,]+) of their leads stays?"
_WHY = "|".join(
    (
        *map(re.escape, _STAYS),
        r"with an owner whom a person or another program set within \d+ days",
        r"with a change of an earlier run that is still open: `.+?` settles it",
    )
)
_WORDED: tuple[tuple[str, Said], ...] = (
    (
        r"(?P<verb>takes back|puts back what was taken back by) run (?P<run>\d+) \(\w+, "
        r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d) UTC\); nothing else is written",
        _taken_back,
    ),
    (
        r"what is taken back is left alone for (?P<number>\d+) days \(`movement: hands_off_days`\) → "
        r"`crmsync hold LEAD --release` ends that",
        _left_alone_then,
    ),
    (rf"{_LEADS} holds? already what was there before {_SOME}", _as_before),
    (rf"on {_LEADS} nothing of run (?P<run>\d+) had arrived {_SOME}", _never_arrived),
    (
        rf"fields for people are written on {_LEADS}, together with stage or owner: no further call",
        _fields_beside,
    ),
    (
        rf"fields for people are written on {_LEADS}, of which (?P<alone>[\d,]+) (?:is|are) written for them "
        r"alone: (?:no further call|about (?P<calls>[\d,]+) calls more)",
        _fields_alone,
    ),
    *(
        (
            rf"(?P<name>.+?): {middle}: (?P<values>.+?)(?: and (?P<more>[\d,]+) more values)? "
            rf"\(see (?P<some>[^()]*)\)(?: → (?P<mend>{'|'.join(map(re.escape, _MEND))}))?",
            partial(_unread, message),
        )
        for middle, message in _UNREAD.items()
    ),
    (rf"{_LEADS_OF_THEIRS}, (?P<why>{_WHY}) {_SOME}", _stay),
    (
        r"user (?P<user>\S+) goes on getting leads by the roster: write `ends` there, or take the person out",
        _goes_on,
    ),
    (
        r"the language has changed from (?P<before>\w+) to (?P<after>\w+): every lead is looked at; texts for "
        r"people are written in it",
        _language,
    ),
)
SHAPES = tuple((re.compile(shape), said) for shape, said in _WORDED)
"""How the runs word a note → the same in another language."""
