"""When people of the roster are away and which day is their last, and the roster's text with other days for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crmsync.configuration import rewritten
from crmsync.errors import UsageError
from crmsync.operations.edit.typed_days import WrongDays, typed_absence, typed_day
from crmsync.operations.run.ready import NeverRead, stored
from crmsync.route.people.person import Person
from crmsync.settings import Settings, with_roster_text
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class ToldAbsence:
    """An absence as the file has it: days as 2026-12-24, times as 12:00, empty for whole days.

    `zoned`: a time has a zone of its own, which no form keeps.
    """

    from_day: str
    from_time: str
    to_day: str
    to_time: str
    zoned: bool


@dataclass(frozen=True, slots=True)
class PersonsDays:
    """A person of the roster. `name`: as the CRM calls them. `named`: the file has an entry of theirs, else the CRM
    alone does. `others`: calendars or holidays count besides, which have files of their own or hold for several.
    """

    key: str
    name: str
    named: bool
    absences: tuple[ToldAbsence, ...]
    time_zone: str
    starts: date | None
    ends: date | None
    others: bool


def persons_days(settings: Settings, connection: str, text: str, key: str) -> PersonsDays:
    """By this text of the roster. Raises `UsageError` where nobody there goes by this key."""
    return _days(with_roster_text(settings, text), connection, key)


def with_absence(
    settings: Settings, connection: str, text: str, key: str, number: int | None, typed: Mapping[str, str]
) -> str:
    """The roster's text with another absence of a person; `number`: of theirs, from 0; null = one more.

    `typed`: see `typed_absence`. Raises `WrongDays` for days that cannot stand there, `UsageError` for a person or an
    absence that there is not, and for a text that cannot be changed there.
    """
    told = typed_absence(typed)
    tried, days, before = _opened(settings, connection, text, key)
    if told in [_fields(each) for place, each in enumerate(days.absences) if place != number]:
        raise WrongDays({"from_day": "there_already"})
    some = list(before.get("absences") or ())
    first, last = _written(*told[:2]), _written(*told[2:])
    if number is None:
        return _put(tried, text, key, {**before, "absences": [*some, {"from": first, "to": last}]})
    had = dict(some[_within(number, some)])
    was = _fields(days.absences[number])
    if days.absences[number].zoned:
        raise UsageError(
            "this absence cannot be changed here", hint="change it in an editor: a time of it has a zone of its own"
        )
    if was[:2] != told[:2]:
        had["from"] = first
    if was[2:] != told[2:]:
        had["to"] = last
    some[number] = had
    return _put(tried, text, key, {**before, "absences": some})


def without_absence(settings: Settings, connection: str, text: str, key: str, number: int) -> str:
    """The roster's text without the absence. Raises `UsageError` as `with_absence` does."""
    tried, _, before = _opened(settings, connection, text, key)
    some = list(before.get("absences") or ())
    del some[_within(number, some)]
    return _put(tried, text, key, {**before, "absences": some} if some else _without(before, "absences", []))


def with_last_day(settings: Settings, connection: str, text: str, key: str, typed: str | None) -> str:
    """The roster's text with another last day of a person; null = none. Raises as `with_absence` does."""
    last = None if typed is None else typed_day(typed, "ends")
    tried, days, before = _opened(settings, connection, text, key)
    if last is None:
        return _put(tried, text, key, _without(before, "ends", None))
    if days.starts is not None and last < days.starts:
        raise WrongDays({"ends": "before_first_day"})
    return _put(tried, text, key, before if last == days.ends else {**before, "ends": last})


def _opened(
    settings: Settings, connection: str, text: str, key: str
) -> tuple[Settings, PersonsDays, Mapping[str, Any]]:
    """The settings with this roster, the person, and what the file says of them.

    Whom the CRM alone names gets an entry: who is named and read is one person, by the same key.
    """
    tried = with_roster_text(settings, text)
    days = _days(tried, connection, key)
    place = _place(tried, key)
    if place is not None:
        return tried, days, _people(tried)[place]
    return tried, days, {"user": key if len(settings.configured) == 1 else {connection: key}}


def _days(settings: Settings, connection: str, key: str) -> PersonsDays:
    place, everybody = _place(settings, key), _everybody(settings, connection)
    person, name = everybody.get(key, (None, key))
    if place is not None:
        person = settings.roster.people[place]
    if person is None:
        raise UsageError(
            "nobody in the roster goes by this name", hint="the page on routing lists everybody who is in it"
        )
    told = tuple(
        ToldAbsence(*_told(each.from_), *_told(each.to), _zoned(each.from_) or _zoned(each.to))
        for each in person.absences
    )
    others = bool(person.calendar) or any(True for _ in settings.roster.holidays_of(person))
    return PersonsDays(key, name, place is not None, told, person.time_zone, person.starts, person.ends, others)


def _place(settings: Settings, key: str) -> int | None:
    """Which entry of `people` is theirs."""
    found = (place for place, person in enumerate(settings.roster.people) if person.person_key == key)
    return next(found, None)


def _everybody(settings: Settings, connection: str) -> Mapping[str, tuple[Person, str]]:
    """Key → person and name, of those who were found in the CRM."""
    with closing(Store(settings.store)) as store:
        try:
            known = stored(settings, settings.connection(connection), store)
        except NeverRead:
            return {}
    names = known.user_names
    return {it.key: (it.person, names.get(it.user) or it.key) for it in known.roster.members}


def _put(settings: Settings, text: str, key: str, entry: Mapping[str, Any]) -> str:
    people, place = list(_people(settings)), _place(settings, key)
    if place is None:
        people.append(entry)
    else:
        people[place] = entry
    return rewritten(text, str(settings.roster_path), ("people",), people)


def _without(entry: Mapping[str, Any], key: str, nothing: Any) -> Mapping[str, Any]:
    """Without the key. One that begins the entry stays, with nothing behind it: the dash of its line stands there."""
    if next(iter(entry), None) == key:
        return {**entry, key: nothing}
    return {name: value for name, value in entry.items() if name != key}


def _people(settings: Settings) -> Sequence[Any]:
    return settings.roster_document.data.get("people") or ()


def _fields(told: ToldAbsence) -> tuple[str, str, str, str]:
    return told.from_day, told.from_time, told.to_day, told.to_time


def _told(moment: date | datetime) -> tuple[str, str]:
    if not isinstance(moment, datetime):
        return moment.isoformat(), ""
    return moment.date().isoformat(), moment.time().isoformat("seconds" if moment.second else "minutes")


def _zoned(moment: date | datetime) -> bool:
    return isinstance(moment, datetime) and moment.tzinfo is not None


def _written(day: str, time: str) -> date | str:
    return f"{day}T{time}" if time else date.fromisoformat(day)


def _within(number: int, some: Sequence[Any]) -> int:
    if not 0 <= number < len(some):
        raise UsageError("this absence is not there any more", hint="load the page again, and look what is")
    return number
