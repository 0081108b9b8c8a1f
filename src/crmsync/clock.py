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
