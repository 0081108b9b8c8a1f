"""Reads the iCalendar files that the roster names: anew for every run, as calendars change every day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError, Finding
from crmsync.faces import LateModule
from crmsync.files import Unreadable, read_text
from crmsync.route.hours.counting import ReadCalendar
from crmsync.route.roster.roster import Roster
from crmsync.route.roster.roster_file import CalendarSource

if TYPE_CHECKING:
    from crmsync.route.hours import absence_calendar
else:  # where a roster names a file
    absence_calendar = LateModule("crmsync.route.hours.absence_calendar")

LARGEST_CALENDAR_BYTES = 8_000_000
DAYS_BEFORE, DAYS_AFTER = 100, 400
"""How far recurring absences are followed: back for time limits that run already, ahead for those that begin."""

_NOTHING = ReadCalendar((), "")


def read_calendars(
    roster: Roster, document: Document, now: datetime
) -> tuple[Mapping[CalendarSource, ReadCalendar], list[Finding]]:
    """Absences around `now` by source, and what is wrong with the files. A wrong file has no absences."""
    directory = Path(document.file).parent
    first, last = (now - timedelta(days=DAYS_BEFORE)).date(), (now + timedelta(days=DAYS_AFTER)).date()
    found: dict[CalendarSource, ReadCalendar] = {}
    findings: dict[Finding, None] = {}
    for place, source in roster.calendar_files():
        if source in found:
            continue
        found[source] = _NOTHING
        name, counting = source
        try:
            text = _text(directory / name, name)
        except ValueError as error:
            message, _, hint = str(error).partition("\n→ ")
            findings[document.finding(place, message, hint)] = None
            continue
        try:
            found[source] = absence_calendar.read_calendar(text, str(directory / name), counting).between(first, last)
        except ConfigurationError as error:
            findings |= dict.fromkeys(error.findings)
    return found, list(findings)


def _text(path: Path, name: str) -> str:
    """The file's text. Raises `ValueError` with words and the mend."""
    if "://" in name:
        raise ValueError("an address, and calendars are read from files\n→ download it regularly and name the file")
    try:
        return read_text(path, largest_bytes=LARGEST_CALENDAR_BYTES)
    except Unreadable as error:
        hint = "export it again, as .ics" if error.hint else f"looked for {path}"
        raise ValueError(f"the calendar `{name}`: {error}\n→ {hint}") from None
