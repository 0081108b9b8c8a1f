"""`crmsync serve`: every connection on its own schedule, by APScheduler. No decision is made here.

Crontab lines are read by cronsim, which follows Debian's cron where clocks change: a daily line fires once in the
night that has its hour twice, and just after the gap in the night that lacks it (APScheduler's own crontab numbers
weekdays from Monday = 0 and fires twice). Missed runs coalesce into one; one run at a time per connection.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import FrameType
from zoneinfo import ZoneInfo

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from cronsim import CronSim

from crmsync.settings import ScheduleSettings

log = structlog.get_logger()

LOOK_SECONDS = 30.0
"""How often the clock is looked at. A wait does not advance while the machine sleeps, so none may be long: a run that
came due meanwhile starts within this time after waking up."""

TOLERATED = timedelta(minutes=1)
"""How far behind a plan the clock may be set without the plan being made anew."""

Job = Callable[[Callable[[], bool]], None]
"""One run of a connection; it is given `stop`, and looks at it between batches."""


class CrontabTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 is untyped
    """Fires by a standard crontab line in a zone."""

    def __init__(self, line: str, zone: str) -> None:
        self.line = line
        self.zone = ZoneInfo(zone)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first time after the previous one, so that missed times are seen and coalesce. In UTC."""
        after = (previous_fire_time or now).astimezone(UTC)
        # Asked within the repeated hour, cronsim may name a time of the first pass, which is over.
        return next((time for time in self._times(after) if time > after), None)

    def latest_next(self, now: datetime) -> datetime | None:
        """No next time lies later than this. In UTC."""
        return self.get_next_fire_time(None, now)

    def latest_before(self, now: datetime) -> datetime | None:
        """The last time the line was due, up to now. In UTC."""
        latest = next(self._times(now + timedelta(seconds=1), backwards=True), None)
        while latest is not None:  # backwards, cronsim passes over some times of the repeated hour
            following = self.get_next_fire_time(latest, now)
            if following is None or following > now:
                break
            latest = following
        return latest

    def _times(self, start: datetime, *, backwards: bool = False) -> Iterator[datetime]:
        """In UTC, because Python compares two times of one zone by the clock on the wall."""
        for time in CronSim(self.line, start.astimezone(self.zone), reverse=backwards):
            yield time.astimezone(UTC)


class IntervalTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 is untyped
    """Fires at once, then every so many minutes after the time before, without drifting."""

    def __init__(self, minutes: float) -> None:
        self.step = timedelta(minutes=minutes)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Now for the first time; then one step after the previous fire time."""
        return now if previous_fire_time is None else previous_fire_time + self.step

    def latest_next(self, now: datetime) -> datetime:
        """No next time lies later than this."""
        return now + self.step


def brought_back(trigger: CrontabTrigger | IntervalTrigger, planned: datetime, now: datetime) -> datetime | None:
    """The next time instead of one that only a clock that ran ahead can have planned; null when it is right."""
    latest = trigger.latest_next(now)
    return latest if latest is not None and planned > latest + TOLERATED else None


def first_fire_time(schedule: ScheduleSettings, last_run: datetime | None, now: datetime) -> datetime:
    """When a connection runs first after a start: at once if it missed its time meanwhile, else when next due.

    A connection that never ran is due at once by an interval, and at the line's next time by a crontab line.

    `last_run`: start of the last finished run, as the store remembers it. One of the future counts as now.
    """
    last_run = min(last_run, now) if last_run else None
    if schedule.every_minutes is not None:
        due = last_run + timedelta(minutes=schedule.every_minutes) if last_run else now
        return max(due, now)
    trigger = _crontab(schedule)
    missed = trigger.latest_before(now)
    if last_run is not None and missed is not None and last_run < missed:
        return now
    following = trigger.get_next_fire_time(None, now)
    return following if following is not None else now + timedelta(days=36_500)


def _crontab(schedule: ScheduleSettings) -> CrontabTrigger:
    return CrontabTrigger(str(schedule.cron), schedule.time_zone)


def serve(
    jobs: Mapping[str, tuple[ScheduleSettings, datetime | None, Job]],
    *,
    clock: Callable[[], datetime],
    started: Callable[[], None] = lambda: None,
) -> None:
    """Run every connection's job on its schedule until SIGTERM or SIGINT, then end between two batches.

    `jobs`: connection → (schedule, start of its last run, job). Returns when the last running job has ended.
    """
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max_workers=max(1, len(jobs)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for name, (schedule, last_run, job) in jobs.items():
        trigger = IntervalTrigger(schedule.every_minutes) if schedule.every_minutes else _crontab(schedule)
        first = first_fire_time(schedule, last_run, clock())
        scheduler.add_job(job, trigger, args=[stopping.is_set], id=name, name=name, next_run_time=first)
        if last_run is not None and last_run > clock() + TOLERATED:
            told = last_run.isoformat(timespec="seconds")
            log.warning("the last run lies in the future; it counts as now", connection=name, last_run=told)
        log.info("scheduled", connection=name, first_run=first.isoformat(timespec="seconds"))
    scheduler.start()
    started()
    try:
        while not stopping.wait(LOOK_SECONDS):
            _bring_back(scheduler, clock())
            scheduler.wakeup()
        log.info("stopping", reason="signal")
    finally:
        scheduler.shutdown(wait=True)
        for number, handler in previous.items():
            signal.signal(number, handler)
    log.info("stopped")


def _bring_back(scheduler: BackgroundScheduler, now: datetime) -> None:
    """Plan anew what was planned while the clock ran ahead."""
    for job in scheduler.get_jobs():
        planned = job.next_run_time
        instead = brought_back(job.trigger, planned, now) if planned else None
        if instead is not None:
            log.warning(
                "the clock was set back; planned anew",
                connection=job.id,
                was=planned.isoformat(timespec="seconds"),
                next_run=instead.isoformat(timespec="seconds"),
            )
            job.modify(next_run_time=instead)
