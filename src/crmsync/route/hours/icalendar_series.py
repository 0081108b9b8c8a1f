"""Recurring events, followed for a while by the library `recurring-ical-events`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from crmsync.errors import ConfigurationError, Finding
from crmsync.route.hours.icalendar_text import Component, ContentLine
from crmsync.route.hours.icalendar_times import Zones
from crmsync.route.hours.time_away import Away

_KEPT = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE")
_COUNTS = "X-CRMSYNC-COUNTS"
_MARGIN = timedelta(days=2)


class Series(Struct, frozen=True):
    """An event that recurs, with the exceptions to it. `text`: an iCalendar of nothing but its times.

    Each version in it says whether it counts: one occurrence of a holiday may be cancelled, one of a weekly meeting
    may be a day off.
    """

    line: int
    text: str
    digest: str

    @classmethod
    def of(cls, group: Sequence[Component], counted: Sequence[bool], zones: Zones) -> Series:
        """The series that these components make together. They have been checked."""
        rules: dict[str, tuple[str, ...]] = {}
        events = []
        for event, counts in zip(group, counted, strict=True):
            lines = [
                _written(line, zones, rules)
                for line in event.lines
                if line.name in _KEPT and not _single_day(line, event)
            ]
            events.append((*sorted(lines), f"{_COUNTS}:{int(counts)}"))
        told = [[line for line in event if not line.startswith("SEQUENCE")] for event in events]
        state = json.dumps([sorted(told), sorted(rules.items())])
        text = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:crmsync"]
        for described in rules.values():
            text += described
        for event_lines in events:
            text += ["BEGIN:VEVENT", "UID:1", *event_lines, "END:VEVENT"]
        text += ["END:VCALENDAR", ""]
        return cls(group[0].line, "\r\n".join(text), hashlib.sha256(state.encode()).hexdigest())

    def away(self, file: str, first: date, last: date) -> Iterator[Away]:
        """The absences between two days. Raises `ConfigurationError` when the library cannot follow the event."""
        import icalendar  # noqa: PLC0415  (only who has a calendar waits for it)
        import recurring_ical_events  # noqa: PLC0415

        try:
            calendar = icalendar.Calendar.from_ical(self.text)
            found = recurring_ical_events.of(calendar).between(first - _MARGIN, last + _MARGIN)
        except Exception as error:
            # A library that meets a file it was not made for may raise anything; the reader gets the place.
            message = f"this recurring event cannot be followed ({type(error).__name__})"
            hint = "write it into the roster's `absences`, or make single events of it"
            raise ConfigurationError([Finding(file, self.line, 1, message, hint)]) from None
        for occurrence in found:
            away = Away.between(occurrence["DTSTART"].dt, occurrence["DTEND"].dt)
            if str(occurrence.get(_COUNTS)) == "1" and away is not None and not away.is_empty:
                yield away


def _single_day(line: ContentLine, event: Component) -> bool:
    """Whether this is the end of a day that is written as the day itself."""
    start = event.get("DTSTART")
    return line.name == "DTEND" and start is not None and len(start.value.strip()) == 8 and line.value == start.value


def _written(line: ContentLine, zones: Zones, rules: dict[str, tuple[str, ...]]) -> str:
    """The property with the parameters that matter. A zone of the file's own is named for its rules."""
    parameters = "".join(f";{name}={line.parameters[name]}" for name in ("VALUE", "RANGE") if name in line.parameters)
    zone = zones.of(line)
    if zone is not None:
        parameters += f";TZID={zone.name}"
        if zone.rules:
            rules[zone.name] = zone.rules
    value = line.value.strip()
    if line.name != "RRULE" and len(value.partition(",")[0]) == 8 and "VALUE" not in line.parameters:
        parameters += ";VALUE=DATE"
    return f"{line.name}{parameters}:{value}"
