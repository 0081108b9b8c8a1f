"""What a connection waits for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crmsync.settings import ScheduleSettings

WaitsFor = Literal["run", "mending", "service", "quiet_hours", "time"]

_A_MINUTE = timedelta(minutes=1)


def waits_for(
    schedule: ScheduleSettings, next_run: datetime, now: datetime, *, running: bool, broken: bool
) -> WaitsFor:
    """The end of the run at work, files that are mended, a service that begins what is due, or when that is to be."""
    if running:
        return "run"
    if broken:
        return "mending"
    if next_run <= now:
        return "service"
    before = (next_run - _A_MINUTE).astimezone(ZoneInfo(schedule.time_zone)).time()
    return "quiet_hours" if any(hours.hold(before) for hours in schedule.quiet) else "time"
