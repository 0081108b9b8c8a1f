"""Absences from an iCalendar file: which events count, and when they are.

Pure: the file's text comes in, stretches of days and times go out. Titles are looked at only to choose events and are
never kept, so that nobody's holiday plans reach a message.

An event counts unless it is cancelled or tentative, or its person is free or merely elsewhere meanwhile (TRANSP,
X-MICROSOFT-CDO-BUSYSTATUS). Of the rest, whole days and whatever lasts 24 hours or more count, and what the calendar
itself calls "out of office"; a calendar that is said to hold absences only (`events: all`, or words under `only`)
counts hours, too. All events of a calendar of public holidays count, as such calendars show everybody as free.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from msgspec import Struct

from crmsync.route.hours.counting import Counting, ReadCalendar
from crmsync.route.hours.icalendar_rules import effort
from crmsync.route.hours.icalendar_series import Series
from crmsync.route.hours.icalendar_text import Component, ContentLine, components
from crmsync.route.hours.icalendar_times import Moment, Zones, length, moment, refused
from crmsync.route.hours.time_away import Away

MOST_SERIES = 2_000
MOST_OCCURRENCES_A_YEAR = 20_000
MOST_STEPS = 3_000_000
"""From the starts of all recurring events, one by one."""
MOST_DATES = 5_000
"""Of RDATE and EXDATE of one event."""

_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")
_WORDS = ("SUMMARY", "CATEGORIES", "DESCRIPTION")
_STATE = ("UID", "SEQUENCE", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")
_NOT_AWAY = {"STATUS": {"TENTATIVE"}, "TRANSP": {"TRANSPARENT"}}
_BUSY = "X-MICROSOFT-CDO-BUSYSTATUS"
_NOT_BUSY = frozenset({"FREE", "TENTATIVE", "WORKINGELSEWHERE"})


class AbsenceCalendar(Struct, frozen=True):
    """The events that count. `digest` changes with the absences, not with titles or anything else of the file."""

    file: str
    single: tuple[Away, ...]
    series: tuple[Series, ...]
    digest: str

    def between(self, first: date, last: date) -> ReadCalendar:
        """Absences between two days (somewhat beyond them, too). Raises `ConfigurationError`."""
        found = [each for each in self.single if each.touches(first, last)]
        for one in self.series:
            found.extend(one.away(self.file, first, last))
        return ReadCalendar(tuple(found), self.digest)


def read_calendar(text: str, file: str, counting: Counting) -> AbsenceCalendar:
    """The calendar in this text. Raises `ConfigurationError` with the place of what is wrong."""
    found = components(text, file, (*_TIMES, *_WORDS, *_STATE))
    reader = _CalendarReader(file, counting, Zones(file, [each for each in found if each.name == "VTIMEZONE"]))
    groups: dict[str, list[Component]] = defaultdict(list)
    for number, event in enumerate(each for each in found if each.name == "VEVENT"):
        name = event.get("UID")
        groups[name.value if name else f"event {number}"].append(event)
    for group in groups.values():
        reader.take(group)
    return reader.calendar()


class _CalendarReader:
    """Collects the absences of one file, event by event; the versions and exceptions of an event come together."""

    def __init__(self, file: str, counting: Counting, zones: Zones) -> None:
        self._file = file
        self._counting = counting
        self._zones = zones
        self._only = _any_word(counting.only)
        self._single: list[Away] = []
        self._series: list[Series] = []
        self._digests: list[str] = []
        self._occurrences = self._steps = 0

    def take(self, group: Sequence[Component]) -> None:
        """One event."""
        counted = [self._counts(event) for event in group]
        if not any(counted):
            return
        event = group[0]
        if len(group) == 1 and not any(event.get(name) for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
            away = self._away(event)
            self._single.append(away)
            self._digests.append(away.words)
            return
        for event in group:
            self._check(event)
        series = Series.of(group, counted, self._zones)
        self._series.append(series)
        self._digests.append(series.digest)

    def calendar(self) -> AbsenceCalendar:
        """What was collected."""
        state = json.dumps(sorted(self._digests))
        return AbsenceCalendar(
            self._file, tuple(self._single), tuple(self._series), hashlib.sha256(state.encode()).hexdigest()
        )

    def _counts(self, event: Component) -> bool:
        state = {name: _word(event.get(name)) for name in ("STATUS", "TRANSP", _BUSY)}
        if state["STATUS"] == "CANCELLED" or not self._is_meant(event):
            return False
        if not self._counting.holidays and (
            any(state[name] in words for name, words in _NOT_AWAY.items()) or state[_BUSY] in _NOT_BUSY
        ):
            return False
        away = self._away(event)
        if away.is_empty:
            return False
        return self._counting.events == "all" or state[_BUSY] == "OOF" or away.lasts_days

    def _is_meant(self, event: Component) -> bool:
        """Whether one of the words stands in the title or a category (of a holiday, in its description, too)."""
        if self._only is None:
            return True
        names = _WORDS if self._counting.holidays else _WORDS[:2]
        return any(self._only.search(_plain(line.value)) for name in names for line in event.all(name))

    def _away(self, event: Component) -> Away:
        begins, ends = event.get("DTSTART"), event.get("DTEND")
        if begins is None:
            place = ContentLine("DTSTART", {}, "", event.line, 1)
            raise refused(self._file, place, "this event has no DTSTART", "export it again, or take it out")
        start = moment(self._file, begins, self._zones)
        if ends is not None:
            end = moment(self._file, ends, self._zones)
            if isinstance(start, datetime) != isinstance(end, datetime):
                hint = "write both as days or both as times"
                raise refused(self._file, ends, "DTEND and DTSTART are not of one kind", hint)
        elif (lasts := event.get("DURATION")) is not None:
            end = _later(self._file, lasts, start)
        else:
            end = start
        away = Away.between(start, end)
        if away is None:
            place = ends or event.get("DURATION") or begins
            raise refused(self._file, place, "this event ends before it starts", "mend the event, or take it out")
        return away

    def _check(self, event: Component) -> None:
        """An exception to a recurring event may be one that does not count; it has to be right all the same."""
        start = self._away(event).start
        if (old := event.get("EXRULE")) is not None:
            raise refused(self._file, old, "EXRULE is not read", "write the exceptions as EXDATE")
        rules = event.all("RRULE")
        if len(rules) > 1:
            raise refused(self._file, rules[1], "one event has several rules", "make an event of each")
        for name in ("RDATE", "EXDATE", "RECURRENCE-ID"):
            dates = [(line, value) for line in event.all(name) for value in line.value.split(",") if value.strip()]
            if len(dates) > MOST_DATES:
                raise refused(self._file, dates[0][0], f"more than {MOST_DATES:,} dates", "use a rule (RRULE)")
            for line, value in dates:
                moment(self._file, line, self._zones, value.partition("/")[0])
            self._occurrences += len(dates) if name != "EXDATE" else 0
        if rules:
            cost = effort(self._file, rules[0], start)
            self._occurrences += cost.occurrences
            self._steps += cost.steps
        for number, most, words in (
            (len(self._series), MOST_SERIES - 1, f"more than {MOST_SERIES:,} of the file's absences recur"),
            (
                self._occurrences,
                MOST_OCCURRENCES_A_YEAR,
                f"the file's absences recur more than {MOST_OCCURRENCES_A_YEAR:,} times a year",
            ),
            (self._steps, MOST_STEPS, f"it takes more than {MOST_STEPS:,} steps to follow what recurs so long"),
        ):
            if number > most:
                raise refused(self._file, rules[0] if rules else event.lines[0], words, _FEWER)


_FEWER = "say with `only` which events are absences, or export a calendar of absences"


def _later(file: str, line: ContentLine, start: Moment) -> Moment:
    try:
        return start + length(file, line)
    except OverflowError:
        raise refused(file, line, "this event ends too far away to count with", "mend the event") from None


def _word(line: ContentLine | None) -> str:
    return "" if line is None else line.value.strip().upper()


def _plain(text: str) -> str:
    """Text without the escapes of iCalendar."""
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nN" else found[1], text)


def _any_word(words: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of the words as a word of its own, without case; null = no words."""
    listed = [re.escape(word.strip()) for word in words if word.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(listed)})(?!\w)", re.IGNORECASE) if listed else None
