"""What is asked of a calendar's file, and what is read of it. Whoever names no file needs no more of iCalendar."""

from __future__ import annotations

from typing import Literal, NamedTuple

from crmsync.route.hours.time_away import Away


class Counting(NamedTuple):
    """Which events of a file are absences. `only`: words of which one must stand in the title or a category."""

    events: Literal["days", "all"] = "days"
    only: tuple[str, ...] = ()
    holidays: bool = False


class ReadCalendar(NamedTuple):
    """A calendar's absences around a moment, and what makes it another one: see `absence_calendar`."""

    away: tuple[Away, ...]
    digest: str
