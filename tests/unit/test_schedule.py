"""When connections run: crontab lines, intervals, nights with a repeated or a missing hour, sleep, stopping."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
import time_machine

from crmsync.clock import now as clock
from crmsync.schedule import Tick, Timing, first_due, serve, service
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


def served(
    jobs: service.Jobs,
    scenario: Callable[[], None],
    reread: Callable[[bool], service.Jobs | None] = lambda _asked: None,
    elsewhere: Callable[[str], datetime | None] = lambda _name: None,
    abandoned: Callable[[], Iterable[str]] = tuple,
) -> None:
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
    serve(jobs, clock=clock, started=thread.start, reread=reread, elsewhere=elsewhere, abandoned=abandoned)
    thread.join()
    assert signal.getsignal(signal.SIGTERM) == before
    if failed:
        raise failed[0]


def until(question: Callable[[], bool], seconds: float = 300) -> None:
    """Wait until it is so: a moment, and long only where the machine is busy with other things."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


class Looks:
    """Counts how often `serve` has looked at the clock, which it does all the time here."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._count = 0
        bring_back = service._Service.bring_back

        def counted(running: service._Service) -> None:
            bring_back(running)
            self._count += 1

        monkeypatch.setattr(service._Service, "bring_back", counted)
        monkeypatch.setattr(service, "LOOK_SECONDS", 0.02)

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


def test_what_is_to_run_changes_while_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    """One connection goes, one comes, one gets another schedule, one stays as it was and is not begun anew."""
    monkeypatch.setattr(service, "LOOK_SECONDS", 0.02)
    works = {name: Work() for name in ("goes", "comes", "other", "stays")}
    hour, often = every(3600), every(0.05)
    before: service.Jobs = {
        "goes": (often, None, works["goes"]),
        "other": (hour, None, works["other"]),
        "stays": (hour, None, works["stays"]),
    }
    after: service.Jobs = {
        "other": (often, None, works["other"]),
        "stays": (hour, None, works["stays"]),
        "comes": (hour, None, works["comes"]),
    }
    answers = iter([None, after])
    changed = threading.Event()

    def reread(_asked: bool) -> service.Jobs | None:
        if all(works[name].ended for name in before):
            changed.set()
            return next(answers, None)
        return None

    def scenario() -> None:
        until(lambda: bool(works["comes"].ended))
        so_far, others = works["goes"].ended, works["other"].ended
        until(lambda: works["other"].ended > others + 12)
        assert works["goes"].ended <= so_far + 1, "at most the one that was under way"

    served(before, scenario, reread)
    assert changed.is_set()
    assert [works[name].ended for name in ("comes", "stays")] == [1, 1]


def test_sighup_asks_for_the_files_at_once() -> None:
    asked: list[bool] = []

    def reread(by_signal: bool) -> None:
        asked.append(by_signal)

    def scenario() -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        until(lambda: bool(asked))

    served({"acme": (every(3600), clock(), Work())}, scenario, reread)
    assert asked == [True], "long before the next look"


# Several machines.


def test_a_time_at_which_another_machine_has_run_is_passed_over(clock_is_looked_at: Looks) -> None:
    """The next one follows from that run. What this process ran itself keeps its own times."""
    work, other = Work(), Work()
    there: dict[str, datetime] = {"c": clock(), "d": clock() - timedelta(hours=1)}

    def scenario() -> None:
        until(lambda: other.ended >= 2)
        clock_is_looked_at.go_on()
        assert work.begun == [], "another machine has just run it"
        there["c"] = clock() - timedelta(hours=1)
        there["d"] = clock() + timedelta(hours=1)
        until(lambda: bool(work.begun))
        done = other.ended
        clock_is_looked_at.go_on(20)
        assert other.ended <= done + 1, "another machine has run it meanwhile"

    served(
        {"c": (every(1), clock() - timedelta(hours=1), work), "d": (every(0.05), None, other)},
        scenario,
        elsewhere=lambda name: there[name],
    )


def test_what_another_machine_left_is_run_at_the_next_look(clock_is_looked_at: Looks) -> None:
    work, left = Work(), ["c", "nobody's"]

    def scenario() -> None:
        until(lambda: work.ended == 1)
        clock_is_looked_at.go_on()
        assert work.ended == 1

    def abandoned() -> list[str]:
        taken, left[:] = list(left), []
        return taken

    just_now = clock()
    served({"c": (every(3600), just_now, work)}, scenario, abandoned=abandoned, elsewhere=lambda _name: just_now)


def test_it_ends_while_a_time_is_being_passed_over(clock_is_looked_at: Looks) -> None:
    """The scheduler waits for its threads with its locks held: they must not ask it anything."""
    asked, work = threading.Event(), Work()

    def slowly(_name: str) -> datetime:
        asked.set()
        time.sleep(0.3)
        return clock()

    def hangs(_signal: int, _frame: object) -> None:
        raise AssertionError("it does not end")

    before = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(60)
    try:
        served({"c": (every(3600), None, work)}, lambda: until(asked.is_set), elsewhere=slowly)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert work.begun == []
