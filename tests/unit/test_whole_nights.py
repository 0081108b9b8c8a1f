"""Schedules over whole days and both nights in which clocks change, looked at as the service does, without waiting.

The clock that is shown may be wrong meanwhile, and is put right again; runs take their time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from crmsync.schedule import Timing
from crmsync.schedule.service import TOLERATED, TickTrigger
from crmsync.settings import ScheduleSettings
from suite.breadth import broadly

LOOK = timedelta(seconds=30)
BERLIN = ZoneInfo("Europe/Berlin")
LONGER, SHORTER = "2026-10-25", "2027-03-28"
"""Days of 25 and 23 hours in Berlin."""

Offset = Callable[[datetime], timedelta]


def right(_: datetime) -> timedelta:
    return timedelta()


def begun(
    schedule: ScheduleSettings,
    start: datetime,
    end: datetime,
    *,
    takes: timedelta = timedelta(seconds=20),
    off_by: Offset = right,
    last_run: datetime | None = None,
) -> list[datetime]:
    """When runs begin, in true time: one at a time, missed ones as one. `off_by`: how wrong the shown clock is."""
    timing = Timing("c", schedule)
    trigger = TickTrigger(timing, timing.first(last_run, start + off_by(start)))
    planned, busy_until, found = trigger.tick.begins, start, []
    now = start
    while now < end:
        shown = now + off_by(now)
        if (instead := timing.brought_back(trigger.tick, shown, TOLERATED)) is not None:
            trigger.tick = instead
            planned = instead.begins
        if planned <= shown:
            if now >= busy_until:
                found.append(now)
                busy_until = now + takes
            while planned <= shown:
                planned = trigger.get_next_fire_time(planned, shown)
        now += LOOK
    return found


def day(text: str) -> tuple[datetime, datetime]:
    """Midnight to midnight in Berlin, in UTC."""
    midnight = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
    return midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)


def gaps(times: list[datetime]) -> set[timedelta]:
    return {later - earlier for earlier, later in pairwise(times)}


@pytest.mark.parametrize(("text", "hours"), [(LONGER, 25), (SHORTER, 23), ("2026-11-29", 24)])
def test_an_interval_knows_no_clock_change(text: str, hours: int) -> None:
    start, end = day(text)
    times = begun(ScheduleSettings(every_minutes=15), start, end)
    assert len(times) == hours * 4
    assert gaps(times) == {timedelta(minutes=15)}, "nothing drifts"


@pytest.mark.parametrize(("text", "hours"), [(LONGER, 25), (SHORTER, 23)])
def test_an_hourly_line_fires_in_every_real_hour(text: str, hours: int) -> None:
    start, end = day(text)
    schedule = ScheduleSettings(every_minutes=None, cron="7 * * * *", time_zone="Europe/Berlin")
    times = begun(schedule, start, end)
    assert len(times) == hours
    assert gaps(times) == {timedelta(hours=1)}


@pytest.mark.parametrize("text", broadly([LONGER, SHORTER], core=3))
@pytest.mark.parametrize("line", broadly(["30 2 * * *", "0 2 * * *", "59 2 * * *", "0 3 * * *", "30 1 * * *"]))
def test_a_daily_line_fires_once_a_day(text: str, line: str) -> None:
    start, _ = day(text)
    begin, end = start - timedelta(days=2), start + timedelta(days=3)
    schedule = ScheduleSettings(every_minutes=None, cron=line, time_zone="Europe/Berlin")
    days = Counter(at.astimezone(BERLIN).date() for at in begun(schedule, begin, end, last_run=begin))
    assert set(days.values()) == {1}
    assert len(days) == 5


@pytest.mark.parametrize("text", [LONGER, SHORTER])
def test_quiet_hours_hold_in_both_nights_and_one_run_makes_up_for_them(text: str) -> None:
    start, end = day(text)
    schedule = ScheduleSettings(every_minutes=15, quiet_hours=("01:00-04:00",), time_zone="Europe/Berlin")
    local = [at.astimezone(BERLIN) for at in begun(schedule, start, end)]
    assert not [at for at in local if 1 <= at.hour < 4]
    assert [at.strftime("%H:%M") for at in local if at.hour == 4] == ["04:00", "04:15", "04:30", "04:45"]


@pytest.mark.parametrize("minutes", [16, 40, 130])
def test_runs_that_take_longer_than_their_interval_never_overlap(minutes: int) -> None:
    start, end = day(LONGER)
    takes = timedelta(minutes=minutes)
    times = begun(ScheduleSettings(every_minutes=15), start, end, takes=takes)
    assert min(gaps(times)) >= takes
    assert max(gaps(times)) <= takes + timedelta(minutes=15), "the next time after its end is taken"


@pytest.mark.parametrize("hours", [-30 * 24, -3, -1, 1, 3, 30 * 24, 365 * 24])
@pytest.mark.parametrize(
    ("schedule", "longest"),
    [
        (ScheduleSettings(every_minutes=15), timedelta(minutes=15)),
        (ScheduleSettings(every_minutes=None, cron="7 * * * *", time_zone="Europe/Berlin"), timedelta(hours=1)),
    ],
    ids=["interval", "line"],
)
def test_a_clock_that_is_wrong_for_an_hour_and_put_right_loses_no_day(
    hours: int, schedule: ScheduleSettings, longest: timedelta
) -> None:
    start, end = day(LONGER)
    wrong_from, wrong_until = start + timedelta(hours=10, seconds=15), start + timedelta(hours=11, seconds=15)

    def off_by(now: datetime) -> timedelta:
        return timedelta(hours=hours) if wrong_from <= now < wrong_until else timedelta()

    times = begun(schedule, start, end, off_by=off_by)
    after = [at for at in times if at >= wrong_until]
    assert after[0] - wrong_until <= longest + LOOK, "nobody waits for a clock that ran ahead"
    assert gaps(after[1:]) == {longest}
    if schedule.cron is not None:
        untouched = begun(schedule, start, end)
        assert after[1:] == [at for at in untouched if at > after[0]], "the line's own times again"
