"""When runs begin: crontab lines, intervals, jitter, quiet hours, and nights in which a clock is put on or back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from crmsync.schedule import Tick, Timing, first_due
from crmsync.schedule.service import TickTrigger
from crmsync.settings import Crontab, ScheduleSettings

BERLIN = ZoneInfo("Europe/Berlin")

DAILY = ScheduleSettings(every_minutes=None, cron="30 2 * * *", time_zone="Europe/Berlin")


def utc(text: str) -> datetime:
    """An instant, e.g. `2026-10-25 00:30`."""
    return datetime.fromisoformat(f"{text}+00:00")


def fired(line: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """All fire times in (start, end], each asked for from the one before, as the scheduler does."""

    def one_after_another() -> Iterator[datetime]:
        crontab, previous = Crontab(line, zone), start
        while (following := crontab.after(previous)) is not None:
            yield following
            previous = following

    return [at.astimezone(UTC) for at in takewhile(lambda at: at <= end, one_after_another())]


@pytest.mark.parametrize(
    ("number", "weekday"), [(0, 7), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), ("mon", 1), ("sun", 7)]
)
def test_weekdays_are_numbered_as_in_any_crontab(number: int | str, weekday: int) -> None:
    times = fired(f"0 6 * * {number}", "UTC", utc("2026-11-21 07:00"), utc("2026-12-20 07:00"))
    assert len(times) >= 4
    assert {at.isoweekday() for at in times} == {weekday}


def test_working_days() -> None:
    times = fired("0 6 * * 1-5", "UTC", utc("2026-11-20 12:00"), utc("2026-11-30 12:00"))
    assert [at.date() for at in times] == [date(2026, 11, day) for day in (23, 24, 25, 26, 27, 30)]


def test_a_daily_run_fires_once_in_the_night_that_has_its_hour_twice() -> None:
    times = fired("30 2 * * *", "Europe/Berlin", utc("2026-10-23 12:00"), utc("2026-10-27 12:00"))
    assert times == [
        utc("2026-10-24 00:30"),
        utc("2026-10-25 00:30"),  # the first 02:30 of that night
        utc("2026-10-26 01:30"),
        utc("2026-10-27 01:30"),
    ]


def test_a_daily_run_fires_once_in_the_night_that_lacks_its_hour() -> None:
    times = fired("30 2 * * *", "Europe/Berlin", utc("2027-03-26 12:00"), utc("2027-03-30 12:00"))
    assert times == [
        utc("2027-03-27 01:30"),
        utc("2027-03-28 01:00"),  # 03:00, just after the gap
        utc("2027-03-29 00:30"),
        utc("2027-03-30 00:30"),
    ]


def test_an_hourly_run_fires_in_every_real_hour_of_both_nights() -> None:
    for night in ("2026-10-24 21:30", "2027-03-27 21:30"):
        start = utc(night)
        times = fired("0 * * * *", "Europe/Berlin", start, start + timedelta(hours=8))
        assert times == [start + timedelta(minutes=30 + 60 * hour) for hour in range(8)]


@pytest.mark.parametrize(
    ("due", "due_before"),
    [
        ("2026-10-25 00:30", "2026-10-24 00:30"),
        ("2027-03-28 01:00", "2027-03-27 01:30"),
        ("2026-11-21 01:30", "2026-11-20 01:30"),
    ],
)
def test_a_restart_at_any_minute_neither_repeats_nor_loses_the_nights_run(due: str, due_before: str) -> None:
    """The service is stopped and started again at each minute from two hours before to four hours after the run."""
    fire, before = utc(due), utc(due_before)
    for minute in range(-120, 240):
        restart = fire + timedelta(minutes=minute, seconds=20)
        has_run = restart > fire
        last_run = fire + timedelta(seconds=1) if has_run else before
        first = first_due(DAILY, last_run, restart)
        assert first >= restart, minute
        assert (first.astimezone(BERLIN).date() == fire.astimezone(BERLIN).date()) is not has_run, minute
        if has_run:  # and when that run had been missed: it is made up for at once
            assert first_due(DAILY, before, restart) == restart, minute
        else:
            assert first == fire, minute


def test_a_crontab_never_names_a_time_that_is_over() -> None:
    start = utc("2026-10-24 23:00")
    for line in ("30 2 * * *", "*/20 * * * *", "0 3 * * *", "15 1-4 * * *"):
        crontab = Crontab(line, "Europe/Berlin")
        for minute in range(300):
            now = start + timedelta(minutes=minute, seconds=7)
            following, latest = crontab.after(now), crontab.latest(now)
            assert following is not None
            assert latest is not None
            assert latest <= now < following, (line, now)
            assert crontab.after(latest) == following, (line, now)


def test_the_first_time_of_an_interval() -> None:
    every = ScheduleSettings(every_minutes=15, cron=None)
    now = utc("2026-11-21 12:00")
    assert first_due(every, None, now) == now
    assert first_due(every, now - timedelta(minutes=5), now) == now + timedelta(minutes=10)
    assert first_due(every, now - timedelta(minutes=15), now) == now
    assert first_due(every, now - timedelta(days=3), now) == now


def test_the_first_time_of_a_crontab_line() -> None:
    now = utc("2026-11-21 12:00")
    tomorrow = utc("2026-11-22 01:30")
    assert first_due(DAILY, None, now) == tomorrow, "never ran: it waits for its time"
    assert first_due(DAILY, utc("2026-11-21 01:30"), now) == tomorrow
    assert first_due(DAILY, utc("2026-11-20 01:30"), now) == now, "missed while it was not running"


def begun(given: ScheduleSettings, last_run: datetime | None, start: datetime, end: datetime) -> list[datetime]:
    """When its runs begin, up to the end, each asked for as APScheduler does: more than once."""
    timing = Timing("acme", given)
    trigger = TickTrigger(timing, timing.first(last_run, start))
    times = [trigger.get_next_fire_time(None, start)]
    while times[-1] <= end:
        following = trigger.get_next_fire_time(times[-1], start)
        assert trigger.get_next_fire_time(times[-1], start) == following
        times.append(following)
    return times[:-1]


def test_an_interval_does_not_drift() -> None:
    start = utc("2026-11-21 12:00")
    every = ScheduleSettings(every_minutes=15, cron=None)
    times = begun(every, start - timedelta(minutes=12), start, start + timedelta(hours=1))
    assert times == [start + timedelta(minutes=minute) for minute in (3, 18, 33, 48)]


def test_jitter_puts_off_each_run_by_less_than_said_and_adds_nothing_up() -> None:
    start = utc("2026-11-21 12:00")
    every = ScheduleSettings(every_minutes=15, cron=None, jitter_seconds=120)
    times = begun(every, None, start, start + timedelta(days=2))
    late = [(at - start) % timedelta(minutes=15) for at in times]
    assert max(late) <= timedelta(seconds=120)
    assert len(set(late)) > 50
    assert len(times) in {192, 193}
    assert times == begun(every, None, start, start + timedelta(days=2)), "the same every time"


@pytest.mark.parametrize(
    ("given", "zone", "at", "begins"),
    [
        (["22:00-06:00"], "UTC", "2026-11-21 21:59", "2026-11-21 21:59"),
        (["22:00-06:00"], "UTC", "2026-11-21 22:00", "2026-11-22 06:00"),
        (["22:00-06:00"], "UTC", "2026-11-22 05:59", "2026-11-22 06:00"),
        (["22:00-06:00"], "UTC", "2026-11-22 06:00", "2026-11-22 06:00"),
        ("12:00-13:30", "UTC", "2026-11-22 12:20", "2026-11-22 13:30"),
        (["22:00-24:00", "00:00-06:00"], "UTC", "2026-11-21 23:00", "2026-11-22 06:00"),
        (["01:00-03:00"], "Europe/Berlin", "2026-10-25 00:10", "2026-10-25 02:00"),  # 02:10 comes twice
        (["01:00-02:30"], "Europe/Berlin", "2026-10-25 00:40", "2026-10-25 00:40"),  # 02:40, between two quiet times
        (["01:00-02:30"], "Europe/Berlin", "2027-03-28 00:30", "2027-03-28 01:00"),  # 02:30 does not come: 03:00
    ],
)
def test_no_run_begins_in_quiet_hours(given: object, zone: str, at: str, begins: str) -> None:
    quiet = ScheduleSettings.model_validate({"every_minutes": 15, "quiet_hours": given, "time_zone": zone})
    assert first_due(quiet, None, utc(at)) == utc(begins)


def test_what_comes_due_in_quiet_hours_becomes_one_run() -> None:
    quiet = ScheduleSettings(every_minutes=120, cron=None, quiet_hours=("20:00-07:00",))
    start = utc("2026-11-21 17:00")
    times = begun(quiet, start - timedelta(hours=1), start, start + timedelta(hours=24))
    assert [at.hour for at in times] == [18, 7, 8, 10, 12, 14, 16]


def test_jitter_leads_into_no_quiet_hours() -> None:
    given = ScheduleSettings(every_minutes=15, cron=None, jitter_seconds=840, quiet_hours=("12:05-13:00",))
    start = utc("2026-11-21 08:00")
    times = begun(given, None, start, start + timedelta(days=20))
    assert [at for at in times if (12, 5) <= (at.hour, at.minute) < (13, 0)] == []
    assert times == sorted(times)


def test_full_runs_have_times_of_their_own() -> None:
    given = ScheduleSettings(every_minutes=None, cron="0 8 * * 1-5", full_cron="30 3 * * 0")
    start = utc("2026-11-20 12:00")  # a Friday
    assert begun(given, start, start, start + timedelta(days=4)) == [
        utc("2026-11-22 03:30"),
        utc("2026-11-23 08:00"),
        utc("2026-11-24 08:00"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"every_minutes": 5, "cron": "* * * * *"},
        {"every_minutes": 5, "jitter_seconds": 300},
        {"every_minutes": 5, "jitter_seconds": -1},
        {"every_minutes": 5, "quiet_hours": "22-6"},
        {"every_minutes": 5, "quiet_hours": "22:00-06:60"},
        {"every_minutes": 5, "quiet_hours": "24:00-06:00"},
        {"every_minutes": 5, "quiet_hours": "06:00-06:00"},
        {"every_minutes": 5, "quiet_hours": ["00:00-12:00", "12:00-24:00"]},
        {"every_minutes": 5, "maximum_minutes": 0},
        {"every_minutes": 5, "full_cron": "0 3 * *"},
        {"every_minutes": 5, "clocks_cron": "0 3 * *"},
        {"every_minutes": 5, "clocks_cron": "0 3 * * *", "clocks_every_minutes": 5},
        {"every_minutes": 5, "clocks_every_minutes": 0},
        {"every_minutes": 5, "full_cron": "0 3 * * 0", "full_every_hours": 24},
        {"every_minutes": 0},
        {"cron": "0 6 * *"},
        {"cron": "0 6 * * * *"},
        {"cron": "0 25 * * *"},
        {"cron": "@daily"},
        {"cron": "0 6 * * *", "time_zone": "Europe/Berln"},
    ],
)
def test_schedules_that_mean_nothing_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        ScheduleSettings.model_validate(given)


HOURLY = ScheduleSettings(every_minutes=60, cron=None)


@pytest.mark.parametrize(
    ("schedule_", "first"), [(HOURLY, utc("2026-11-21 21:00")), (DAILY, utc("2026-11-22 01:30"))]
)
def test_a_last_run_of_the_future_counts_as_now(schedule_: ScheduleSettings, first: datetime) -> None:
    now = utc("2026-11-21 20:00")
    assert first_due(schedule_, now + timedelta(days=365), now) == first


@pytest.mark.parametrize("given", [HOURLY, DAILY])
def test_a_plan_of_a_clock_that_ran_ahead_is_made_anew(given: ScheduleSettings) -> None:
    now = utc("2026-11-21 20:00")
    timing = Timing("acme", given)
    right = timing.following(Tick(now, now))

    def brought_back(base: datetime) -> Tick | None:
        return timing.brought_back(Tick(base, base), now, timedelta(minutes=1))

    assert brought_back(right.base) is None
    assert brought_back(right.base - timedelta(minutes=30)) is None
    assert brought_back(now - timedelta(days=1)) is None
    assert brought_back(right.base + timedelta(days=30)) == right
