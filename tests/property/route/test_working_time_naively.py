"""Working time read a second time, plainly: by quarters of an hour, by the clock on the wall there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from crmsync.route.hours.calendar import whole_days, working_hours
from crmsync.route.hours.working import Working

ZONES = ("Europe/Berlin", "America/Chicago", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")
BEGIN = datetime(2026, 10, 22, tzinfo=UTC)
"""Clocks go back in Berlin on the 25th of October, in Chicago on the 1st of November."""
QUARTER = timedelta(minutes=15)
WRITTEN = {"mon-thu": "09:00-17:00", "fri": "08:00-12:00", "sun": "00:00-24:00"}
HOURS = {**dict.fromkeys(range(4), (9, 17)), 4: (8, 12), 6: (0, 24)}


def at_work(instant: datetime, zone: ZoneInfo, off: date) -> bool:
    wall = instant.astimezone(zone)
    first, last = HOURS.get(wall.weekday(), (0, 0))
    return first <= wall.hour < last and wall.date() != off


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    quarters=st.integers(0, 900),
    limit=st.integers(1, 300),
    days=st.integers(1, 6),
    off=st.integers(0, 12),
)
def test_hours_and_days_are_those_of_the_wall_clock(
    zone: str, quarters: int, limit: int, days: int, off: int
) -> None:
    there, free = ZoneInfo(zone), date(2026, 10, 23) + timedelta(days=off)
    working = Working(working_hours(WRITTEN), there, (whole_days(free, free, there),))
    start = BEGIN + quarters * QUARTER
    steps = [start + number * QUARTER for number in range(5000)]
    worked = [at_work(instant, there, free) for instant in steps]
    ends = [number for number, there_is in enumerate(worked) if there_is][limit - 1]
    due = working.after(start, limit * QUARTER)
    assert due == steps[ends] + QUARTER
    assert working.between(start, due) == limit * QUARTER
    today = start.astimezone(there).date()
    local = [instant.astimezone(there).date() for instant in steps]
    later = sorted({day for day, there_is in zip(local, worked, strict=True) if there_is and day > today})[days - 1]
    last = max(n for n, (day, there_is) in enumerate(zip(local, worked, strict=True)) if there_is and day == later)
    assert working.end_of_day(start, days) == steps[last] + QUARTER
