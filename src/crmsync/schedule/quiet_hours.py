"""Hours of a day in which no run begins. By the clock on the wall, whatever it does in a night that changes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from crmsync.settings import QuietHours

_MINUTE = timedelta(minutes=1)


def out_of(quiet: Sequence[QuietHours], zone: str, moment: datetime) -> datetime:
    """The moment itself, or the first full minute at which no quiet hours are, in UTC.

    Looked for minute by minute in real time: where an hour occurs twice both are quiet, where one is missing nothing
    is waited for. Settings allow no quiet hours that never end.
    """
    there = ZoneInfo(zone)
    moment = moment.astimezone(UTC)
    while any(hours.hold(moment.astimezone(there).time()) for hours in quiet):
        moment = moment.replace(second=0, microsecond=0) + _MINUTE
    return moment
