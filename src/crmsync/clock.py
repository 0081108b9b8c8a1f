"""The only place where crmsync reads the clock. Everything else is told `now` or `as_of`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def local_day(instant: datetime, zone: str) -> date:
    """The day on which an instant falls in an IANA zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
"""Far from the ends of the calendar, so that windows and deadlines around a day are days, too."""


def day_from(text: str) -> date:
    """The day that somebody names in a command, a form or an address.

    Raises `ValueError`, in words, where it is none or too far away to count with.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise ValueError(f"`{text}` is not a day; write it as 2026-11-21")
    return near(day)


def near(day: date) -> date:
    """The same day. Raises `ValueError`, in words, where it is too far away to count with."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"`{day}` is not between {FIRST_DAY} and {LAST_DAY}")
    return day
