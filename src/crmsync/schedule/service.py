"""`crmsync serve`: every connection on its own schedule, by APScheduler. No decision is made here.

Missed runs coalesce into one; one run at a time per connection. What is to run may change while it runs.

Where machines share a store each may serve the same connections: a time at which another machine has run a connection
meanwhile is passed over, and the next one follows from that run, so that both look at the same times and whoever has
less to do comes first. What another machine left behind when it died is run at the next look.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from crmsync.schedule.timing import Tick, Timing
from crmsync.settings import ScheduleSettings

log = structlog.get_logger()

LOOK_SECONDS = 30.0
"""How often clock and files are looked at. A wait does not advance while the machine sleeps, so none may be long: a
run that came due meanwhile starts within this time after waking up."""

TOLERATED = timedelta(minutes=1)
"""How far behind a plan the clock may be set without the plan being made anew."""

MOST_CONNECTIONS_AT_ONCE = 100

Job = Callable[[Callable[[], bool]], None]
"""One run of a connection; it is given `stop`, and looks at it between batches."""


Scheduled = tuple[ScheduleSettings, datetime | None, Job]
"""When a connection runs, the start of its last run as the store remembers it, and what a run does."""

Jobs = Mapping[str, Scheduled]


class TickTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 is untyped
    """Hands APScheduler the ticks of one connection, one after the other."""

    def __init__(self, timing: Timing, tick: Tick) -> None:
        self.timing = timing
        self.tick = tick

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When the first tick after the previous one begins, asked however often. In UTC.

        Ticks that quiet hours put off to one time are one.
        """
        while previous_fire_time is not None and self.tick.begins <= previous_fire_time:
            self.tick = self.timing.following(self.tick)
        return self.tick.begins


class _Service:
    """The running scheduler, and what it was told to run."""

    def __init__(
        self, clock: Callable[[], datetime], stopping: threading.Event, elsewhere: Callable[[str], datetime | None]
    ) -> None:
        self._clock = clock
        self._stopping = stopping
        self._elsewhere = elsewhere
        self._running: dict[str, ScheduleSettings] = {}
        self._own: dict[str, datetime | None] = {}
        self._left: set[str] = set()
        self._followed: dict[str, Tick] = {}
        self.scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max_workers=MOST_CONNECTIONS_AT_ONCE)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def run(self, jobs: Jobs) -> None:
        """Run these and no others. Who keeps a schedule keeps the next time, too."""
        for name in self._running.keys() - jobs.keys():
            self.scheduler.remove_job(name)
            log.info("no longer scheduled", connection=name)
        for name, scheduled in jobs.items():
            if self._running.get(name) != scheduled[0]:
                self._add(name, *scheduled)
        self._running = {name: schedule for name, (schedule, _, _) in jobs.items()}

    def bring_back(self) -> None:
        """Plan anew what was planned while the clock ran ahead."""
        now = self._clock()
        for job in self.scheduler.get_jobs():
            planned = job.trigger.tick
            instead = job.trigger.timing.brought_back(planned, now, TOLERATED)
            if instead is not None:
                log.warning(
                    "the clock was set back; planned anew",
                    connection=job.id,
                    was=planned.begins.isoformat(timespec="seconds"),
                    next_run=instead.begins.isoformat(timespec="seconds"),
                )
                job.trigger.tick = instead
                job.modify(next_run_time=instead.begins)

    def take_over(self, names: Iterable[str]) -> None:
        """Run these now: who was at work on them is gone."""
        for name in names:
            if name in self._running and (job := self.scheduler.get_job(name)) is not None:
                log.warning("another machine left it in the middle of a run; taken over", connection=name)
                self._left.add(name)
                job.modify(next_run_time=self._clock())

    def follow(self) -> None:
        """Plan the next runs of connections that another machine has run by that run."""
        for name in list(self._followed):
            tick = self._followed.pop(name)
            if (job := self.scheduler.get_job(name)) is not None:
                job.trigger.tick = tick
                job.modify(next_run_time=tick.begins)

    def _turn(self, name: str, timing: Timing, run: Job) -> None:
        """A run, unless another machine has had it since the last one of this process.

        In a thread of the scheduler's, which it waits for with its own locks held when it is shut down: what is to be
        planned anew is left to the next look.
        """
        latest, now = self._elsewhere(name), self._clock()
        left = name in self._left
        self._left.discard(name)
        by_another = latest is not None and latest != self._own.get(name) and not left
        if by_another and timing.first_due(latest, now) > now:
            self._followed[name] = timing.first(latest, now)
            return
        run(self._stopping.is_set)
        self._own[name] = self._elsewhere(name)

    def _add(self, name: str, schedule: ScheduleSettings, last_run: datetime | None, job: Job) -> None:
        timing, now = Timing(name, schedule), self._clock()
        tick = timing.first(last_run, now)
        self.scheduler.add_job(
            self._turn,
            TickTrigger(timing, tick),
            args=[name, timing, job],
            id=name,
            name=name,
            next_run_time=tick.begins,
            replace_existing=True,
        )
        if last_run is not None and last_run > now + TOLERATED:
            told = last_run.isoformat(timespec="seconds")
            log.warning("the last run lies in the future; it counts as now", connection=name, last_run=told)
        log.info("scheduled", connection=name, first_run=tick.begins.isoformat(timespec="seconds"))


def serve(
    jobs: Jobs,
    *,
    clock: Callable[[], datetime],
    reread: Callable[[bool], Jobs | None] = lambda _asked: None,
    elsewhere: Callable[[str], datetime | None] = lambda _name: None,
    abandoned: Callable[[], Iterable[str]] = tuple,
    started: Callable[[], None] = lambda: None,
    looked: Callable[[], None] = lambda: None,
) -> None:
    """Run every connection's job on its schedule until SIGTERM or SIGINT, then end between two batches.

    `jobs`: by connection. `reread`: called at each look at the clock, and at once after SIGHUP (then with True); it
    gives what to run from now on where that has changed, else null, and raises nothing. `looked`: called after each
    look. `elsewhere`: where machines share the store, the start of a connection's last finished run by anybody; else
    null. `abandoned`: connections that another machine left in the middle of a run. Returns when the last running job
    has ended.
    """
    stopping, hung_up, look = threading.Event(), threading.Event(), threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()
        look.set()

    def hang_up(_signal: int, _frame: FrameType | None) -> None:
        hung_up.set()
        look.set()

    service = _Service(clock, stopping, elsewhere)
    service.run(jobs)
    with _handling({signal.SIGTERM: stop, signal.SIGINT: stop, **_hang_up(hang_up)}):
        service.scheduler.start()
        started()
        try:
            while not stopping.is_set():
                look.wait(LOOK_SECONDS)
                look.clear()
                if stopping.is_set():
                    break
                asked = hung_up.is_set()
                hung_up.clear()
                if (changed := reread(asked)) is not None:
                    service.run(changed)
                service.bring_back()
                service.follow()
                service.take_over(abandoned())
                service.scheduler.wakeup()
                looked()
            log.info("stopping", reason="signal")
        finally:
            service.scheduler.shutdown(wait=True)
    log.info("stopped")


class _AskedToEnd(BaseException):
    """Raised wherever the program is, as `KeyboardInterrupt` is."""


@contextmanager
def beginning() -> Iterator[None]:
    """While parts of a service begin, before `serve` listens to signals: SIGTERM and SIGINT close and end them."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise _AskedToEnd

    with _handling({signal.SIGTERM: end, signal.SIGINT: end}):
        try:
            yield
        except _AskedToEnd:
            log.info("stopped", reason="signal")


Handler = Callable[[int, FrameType | None], None]


def _hang_up(handler: Handler) -> dict[signal.Signals, Handler]:
    """SIGHUP, where the system has it."""
    return {signal.SIGHUP: handler} if hasattr(signal, "SIGHUP") else {}


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Handler]) -> Iterator[None]:
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
