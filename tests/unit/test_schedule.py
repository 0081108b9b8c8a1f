"""The service that runs jobs by their schedules: one after the other, on time, through sleep and changed clocks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import time_machine

from crmsync.clock import now as clock
from crmsync.schedule import beginning, serve, service
from crmsync.settings import ScheduleSettings
from suite.waiting import wait_until

DAILY = ScheduleSettings(every_minutes=None, cron="30 2 * * *", time_zone="Europe/Berlin")


def utc(text: str) -> datetime:
    """An instant, e.g. `2026-10-25 00:30`."""
    return datetime.fromisoformat(f"{text}+00:00")


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
        wait_until(lambda: self._count >= enough)


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
        lambda: wait_until(lambda: slow.ended >= 3),
    )
    assert slow.most_at_once == 1


def test_times_that_passed_during_a_run_are_not_made_up_for(clock_is_looked_at: Looks) -> None:
    over = threading.Event()
    work = Work(done=over.is_set)
    with time_machine.travel(utc("2026-11-21 20:00"), tick=False) as traveller:

        def scenario() -> None:
            wait_until(lambda: len(work.begun) == 1)
            for _ in range(3):
                traveller.shift(timedelta(hours=1))
                clock_is_looked_at.go_on()
            over.set()
            wait_until(lambda: work.ended == 1)
            clock_is_looked_at.go_on(10)
            traveller.shift(timedelta(hours=1))
            wait_until(lambda: len(work.begun) == 2)
            clock_is_looked_at.go_on(10)

        served({"often": (HOURLY, None, work)}, scenario)
    assert work.begun == [utc("2026-11-21 20:00"), utc("2026-11-22 00:00")]


def test_a_failing_run_is_followed_by_the_next() -> None:
    work = Work(fail=True)
    served({"failing": (every(0.05), None, work)}, lambda: wait_until(lambda: work.ended >= 3))
    assert work.ended >= 3


def test_the_running_job_is_asked_to_stop_and_waited_for() -> None:
    work = Work(done=lambda: False)
    served({"long": (every(60), None, work)}, lambda: wait_until(lambda: bool(work.begun)))
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
            wait_until(lambda: bool(often.begun and nightly.begun))
            clock_is_looked_at.go_on(10)

        served(jobs, scenario)
    assert often.begun == nightly.begun == [utc("2026-11-22 08:05")]


def test_a_time_that_was_missed_by_hours_is_still_run() -> None:
    """APScheduler's own default drops what is more than a second late."""
    work = Work()
    served({"late": (every(3600), clock() - timedelta(hours=30), work)}, lambda: wait_until(lambda: work.ended == 1))
    assert len(work.begun) == 1


HOURLY = ScheduleSettings(every_minutes=60, cron=None)


def test_a_clock_that_is_put_right_while_serving_makes_nobody_wait(clock_is_looked_at: Looks) -> None:
    often, nightly = Work(), Work()
    with time_machine.travel(utc("2026-12-21 20:00"), tick=False) as traveller:

        def put_right() -> None:
            wait_until(lambda: len(often.begun) == 1)
            traveller.move_to(utc("2026-11-21 20:00"))
            clock_is_looked_at.go_on()  # and plans anew
            traveller.move_to(utc("2026-11-21 21:01"))
            wait_until(lambda: len(often.begun) == 2)
            traveller.move_to(utc("2026-11-22 01:31"))
            wait_until(lambda: len(nightly.begun) == 1)

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
        wait_until(lambda: bool(works["comes"].ended))
        so_far, others = works["goes"].ended, works["other"].ended
        wait_until(lambda: works["other"].ended > others + 12)
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
        wait_until(lambda: bool(asked))

    served({"acme": (every(3600), clock(), Work())}, scenario, reread)
    assert asked == [True], "long before the next look"


def test_a_time_at_which_another_machine_has_run_is_passed_over(clock_is_looked_at: Looks) -> None:
    """The next one follows from that run. What this process ran itself keeps its own times."""
    work, other = Work(), Work()
    there: dict[str, datetime] = {"c": clock(), "d": clock() - timedelta(hours=1)}

    def scenario() -> None:
        wait_until(lambda: other.ended >= 2)
        clock_is_looked_at.go_on()
        assert work.begun == [], "another machine has just run it"
        there["c"] = clock() - timedelta(hours=1)
        there["d"] = clock() + timedelta(hours=1)
        wait_until(lambda: bool(work.begun))
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
        wait_until(lambda: work.ended == 1)
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
        served({"c": (every(3600), None, work)}, lambda: wait_until(asked.is_set), elsewhere=slowly)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert work.begun == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_told_to_end_while_it_begins_closes_what_has_begun(number: signal.Signals) -> None:
    before, closed, came = signal.getsignal(number), [], []
    with beginning(), ExitStack() as parts:
        parts.callback(closed.append, "a part")
        os.kill(os.getpid(), number)
        came.append("further")
    assert (closed, came) == (["a part"], [])
    assert signal.getsignal(number) == before
