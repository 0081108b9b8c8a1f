"""When connections run: crontab lines, intervals, nights with a repeated or a missing hour, sleep, stopping."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crmsync import schedule
from crmsync.clock import now as clock
from crmsync.schedule import CrontabTrigger, IntervalTrigger, brought_back, first_fire_time, serve
from crmsync.settings import ScheduleSettings

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = ScheduleSettings(every_minutes=None, cron="30 2 * * *", time_zone="Europe/Berlin")


def utc(text: str) -> datetime:
    """An instant, e.g. `2026-10-25 00:30`."""
    return datetime.fromisoformat(f"{text}+00:00")


def fired(line: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """All fire times in (start, end], each asked for from the one before, as the scheduler does."""

    def one_after_another() -> Iterator[datetime]:
        trigger, previous = CrontabTrigger(line, zone), None
        while (following := trigger.get_next_fire_time(previous, start)) is not None:
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
        first = first_fire_time(DAILY, last_run, restart)
        assert first >= restart, minute
        assert (first.astimezone(BERLIN).date() == fire.astimezone(BERLIN).date()) is not has_run, minute
        if has_run:  # and when that run had been missed: it is made up for at once
            assert first_fire_time(DAILY, before, restart) == restart, minute
        else:
            assert first == fire, minute


def test_the_trigger_never_names_a_time_that_is_over() -> None:
    start = utc("2026-10-24 23:00")
    for line in ("30 2 * * *", "*/20 * * * *", "0 3 * * *", "15 1-4 * * *"):
        trigger = CrontabTrigger(line, "Europe/Berlin")
        for minute in range(300):
            now = start + timedelta(minutes=minute, seconds=7)
            following, latest = trigger.get_next_fire_time(None, now), trigger.latest_before(now)
            assert following is not None
            assert latest is not None
            assert latest <= now < following, (line, now)
            assert trigger.get_next_fire_time(latest, now) == following, (line, now)


def test_the_first_time_of_an_interval() -> None:
    every = ScheduleSettings(every_minutes=15, cron=None)
    now = utc("2026-11-21 12:00")
    assert first_fire_time(every, None, now) == now
    assert first_fire_time(every, now - timedelta(minutes=5), now) == now + timedelta(minutes=10)
    assert first_fire_time(every, now - timedelta(minutes=15), now) == now
    assert first_fire_time(every, now - timedelta(days=3), now) == now


def test_the_first_time_of_a_crontab_line() -> None:
    now = utc("2026-11-21 12:00")
    tomorrow = utc("2026-11-22 01:30")
    assert first_fire_time(DAILY, None, now) == tomorrow, "never ran: it waits for its time"
    assert first_fire_time(DAILY, utc("2026-11-21 01:30"), now) == tomorrow
    assert first_fire_time(DAILY, utc("2026-11-20 01:30"), now) == now, "missed while it was not running"


def test_an_interval_does_not_drift() -> None:
    trigger = IntervalTrigger(15)
    start = utc("2026-11-21 12:00")
    assert trigger.get_next_fire_time(None, start) == start
    late = start + timedelta(minutes=3)
    assert trigger.get_next_fire_time(start, late) == start + timedelta(minutes=15)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"every_minutes": 5, "cron": "* * * * *"},
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


# The real scheduler, at work.


@dataclass
class Work:
    """A job that counts itself. It lasts until its work is `done`; `fail`: raises at the end."""

    done: Callable[[], bool] = lambda: True
    fail: bool = False
    begun: list[datetime] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    saw_stop: list[bool] = field(default_factory=list)
    ended: int = 0

    def __call__(self, stop: Callable[[], bool]) -> None:
        """One run."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.begun.append(clock())
        while not self.done() and not stop():
            time.sleep(0.01)
        self.saw_stop.append(stop())
        self.at_once -= 1
        self.ended += 1
        if self.fail:
            raise RuntimeError("this run fails")


def served(jobs: dict[str, tuple[ScheduleSettings, datetime | None, Work]], scenario: Callable[[], None]) -> None:
    """Serve until the scenario has ended, then SIGTERM, as a service manager would."""
    failed: list[BaseException] = []

    def play() -> None:
        try:
            scenario()
        except BaseException as error:
            failed.append(error)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=play)
    serve(jobs, clock=clock, started=thread.start)
    thread.join()
    assert signal.getsignal(signal.SIGTERM) == before
    if failed:
        raise failed[0]


def until(question: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it is so: a moment, and long only where the machine is busy with other things."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Looks:
    """Counts how often `serve` has looked at the clock, which it does all the time here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._count = 0
        bring_back = schedule._bring_back

        def counted(*given: Any) -> None:
            bring_back(*given)
            self._count += 1

        monkeypatch.setattr(schedule, "_bring_back", counted)
        monkeypatch.setattr(schedule, "LOOK_SECONDS", 0.02)

    def go_on(self, looks: int = 2) -> None:
        """Wait for so many more; the first may have been under way, the second began after this."""
        enough = self._count + looks
        until(lambda: self._count >= enough)


@pytest.fixture
def clock_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> Looks:
    return Looks(monkeypatch)


def every(seconds: float) -> ScheduleSettings:
    """An interval, shorter than the settings allow."""
    return ScheduleSettings.model_construct(every_minutes=seconds / 60, cron=None)


def test_runs_follow_each_other_and_never_overlap() -> None:
    """The slow one's run ends when the quick one has run four times more: a connection does not hold up another."""
    quick = Work()
    slow = Work(done=lambda: len(quick.begun) >= 4 * len(slow.begun))
    served(
        {"slow": (every(0.05), None, slow), "quick": (every(0.05), None, quick)},
        lambda: until(lambda: slow.ended >= 3),
    )
    assert slow.most_at_once == 1


def test_times_that_passed_during_a_run_are_not_made_up_for(clock_is_looked_at: Looks) -> None:
    over = threading.Event()
    work = Work(done=over.is_set)
    with time_machine.travel(utc("2026-11-21 20:00"), tick=False) as traveller:

        def scenario() -> None:
            until(lambda: len(work.begun) == 1)
            for _ in range(3):
                traveller.shift(timedelta(hours=1))
                clock_is_looked_at.go_on()
            over.set()
            until(lambda: work.ended == 1)
            clock_is_looked_at.go_on(10)
            traveller.shift(timedelta(hours=1))
            until(lambda: len(work.begun) == 2)
            clock_is_looked_at.go_on(10)

        served({"often": (HOURLY, None, work)}, scenario)
    assert work.begun == [utc("2026-11-21 20:00"), utc("2026-11-22 00:00")]


def test_a_failing_run_is_followed_by_the_next() -> None:
    work = Work(fail=True)
    served({"failing": (every(0.05), None, work)}, lambda: until(lambda: work.ended >= 3))
    assert work.ended >= 3


def test_the_running_job_is_asked_to_stop_and_waited_for() -> None:
    work = Work(done=lambda: False)
    served({"long": (every(60), None, work)}, lambda: until(lambda: bool(work.begun)))
    assert work.saw_stop == [True]
    assert work.ended == 1


def test_what_was_missed_during_sleep_becomes_one_run_soon_after_waking(clock_is_looked_at: Looks) -> None:
    """While a machine sleeps its monotonic clock stands still and the time of day goes on: the same is done here."""
    often, nightly = Work(), Work()
    with time_machine.travel(utc("2026-11-21 20:00"), tick=False) as traveller:
        jobs = {"often": (every(600), utc("2026-11-21 20:00"), often), "nightly": (DAILY, None, nightly)}

        def scenario() -> None:
            clock_is_looked_at.go_on(10)
            assert (often.begun, nightly.begun) == ([], [])
            traveller.shift(timedelta(hours=12, minutes=5))
            until(lambda: bool(often.begun and nightly.begun))
            clock_is_looked_at.go_on(10)

        served(jobs, scenario)
    assert often.begun == nightly.begun == [utc("2026-11-22 08:05")]


def test_a_time_that_was_missed_by_hours_is_still_run() -> None:
    """APScheduler's own default drops what is more than a second late."""
    work = Work()
    served({"late": (every(3600), clock() - timedelta(hours=30), work)}, lambda: until(lambda: work.ended == 1))
    assert len(work.begun) == 1


HOURLY = ScheduleSettings(every_minutes=60, cron=None)


@pytest.mark.parametrize(
    ("schedule_", "first"), [(HOURLY, utc("2026-11-21 21:00")), (DAILY, utc("2026-11-22 01:30"))]
)
def test_a_last_run_of_the_future_counts_as_now(schedule_: ScheduleSettings, first: datetime) -> None:
    now = utc("2026-11-21 20:00")
    assert first_fire_time(schedule_, now + timedelta(days=365), now) == first


@pytest.mark.parametrize("trigger", [IntervalTrigger(60), CrontabTrigger("30 2 * * *", "Europe/Berlin")])
def test_a_plan_of_a_clock_that_ran_ahead_is_made_anew(trigger: IntervalTrigger | CrontabTrigger) -> None:
    now = utc("2026-11-21 20:00")
    right = trigger.get_next_fire_time(now if isinstance(trigger, IntervalTrigger) else None, now)
    assert right is not None
    assert brought_back(trigger, right, now) is None
    assert brought_back(trigger, right - timedelta(minutes=30), now) is None
    assert brought_back(trigger, now - timedelta(days=1), now) is None
    assert brought_back(trigger, right + timedelta(days=30), now) == right


def test_a_clock_that_is_put_right_while_serving_makes_nobody_wait(clock_is_looked_at: Looks) -> None:
    often, nightly = Work(), Work()
    with time_machine.travel(utc("2026-12-21 20:00"), tick=False) as traveller:

        def put_right() -> None:
            until(lambda: len(often.begun) == 1)
            traveller.move_to(utc("2026-11-21 20:00"))
            clock_is_looked_at.go_on()  # and plans anew
            traveller.move_to(utc("2026-11-21 21:01"))
            until(lambda: len(often.begun) == 2)
            traveller.move_to(utc("2026-11-22 01:31"))
            until(lambda: len(nightly.begun) == 1)

        served({"often": (HOURLY, None, often), "nightly": (DAILY, None, nightly)}, put_right)
    assert often.begun[1] == utc("2026-11-21 21:01")
