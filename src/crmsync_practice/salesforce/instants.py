"""Times and days as the org stores and shows them: texts that sort as they are, whole seconds, always in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DATETIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?(?:([Zz])|([+-])(\d\d):?(\d\d))", re.ASCII
)


def to_stamp(at: datetime) -> str:
    """`2026-01-01T00:00:00.000+0000`: system stamps have a resolution of one second (wire notes, section 2.2)."""
    return at.astimezone(UTC).isoformat(timespec="seconds")[:19] + ".000+0000"


def from_stamp(stamp: str) -> datetime:
    """The instant of a stored stamp."""
    return datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC)


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """The day of an instant in the org's zone, `YYYY-MM-DD`."""
    return at.astimezone(zone).date().isoformat()


def midnight(day: date) -> str:
    """How a day without a time is told where a time is asked for: midnight UTC, in every zone."""
    return f"{day.isoformat()}T00:00:00.000+0000"


def local_noon(day: str, zone: ZoneInfo) -> datetime:
    """The middle of a day in the org's zone: an instant that lies on that day there."""
    return datetime.combine(date.fromisoformat(day), time(12), zone)


def read_datetime(text: str) -> datetime | None:
    """An API datetime (`…Z`, `…+0000` or `…+00:00`, fractions dropped) in UTC; None when it is none."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    day, clock, _, sign, hours, minutes = match.groups()
    try:
        at = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=UTC)
        if sign is not None:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            at = at - offset if sign == "+" else at + offset
    except (ValueError, OverflowError):
        return None
    return at


def read_day(text: str) -> date | None:
    """An API date `YYYY-MM-DD`; None when it is none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
