"""When a connection runs: pure functions of its schedule, its last run and the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zlib import crc32

from msgspec import Struct

from crmsync.schedule.quiet_hours import out_of
from crmsync.settings import Crontab, ScheduleSettings

NEVER = timedelta(days=36_500)


class Tick(Struct, frozen=True):
    """A time by the schedule (`base`), and the time at which the run begins, which jitter and quiet hours put off."""

    base: datetime
    begins: datetime


class Timing:
    """The ticks of one connection. Its runs and its full readings have times of their own; a tick is for either."""

    def __init__(self, connection: str, schedule: ScheduleSettings) -> None:
        self._connection = connection
        self._schedule = schedule
        self._every = None if schedule.every_minutes is None else timedelta(minutes=schedule.every_minutes)
        self._lines = [Crontab(line, schedule.time_zone) for line in (schedule.cron, schedule.full_cron) if line]

    def first(self, last_run: datetime | None, now: datetime) -> Tick:
        """After a start: at once if its time was missed meanwhile, else when next due.

        A connection that never ran is due at once by an interval, and at the line's next time by a crontab line.

        `last_run`: start of the last finished run, as the store remembers it. One of the future counts as now.
        """
        return self._tick(self._first_base(last_run, now), now)

    def first_due(self, last_run: datetime | None, now: datetime) -> datetime:
        """The same without jitter: the time from which somebody may wait for the run."""
        return self._quietly(self._first_base(last_run, now))

    def following(self, tick: Tick) -> Tick:
        """The next one, one step after its base: nothing drifts, and times that have passed are seen."""
        return self._tick(min(self._nexts(tick.base)), tick.begins)

    def brought_back(self, tick: Tick, now: datetime, tolerated: timedelta) -> Tick | None:
        """The next tick instead of one that only a clock that ran ahead can have planned; null when it is right."""
        latest = min(self._nexts(now))
        return self._tick(latest, now) if tick.base > latest + tolerated else None

    def _first_base(self, last_run: datetime | None, now: datetime) -> datetime:
        last_run = min(last_run, now) if last_run else None
        dues = [] if self._every is None else [max(last_run + self._every, now) if last_run else now]
        for line in self._lines:
            missed = line.latest(now)
            late = last_run is not None and missed is not None and last_run < missed
            dues.append(now if late else line.after(now) or now + NEVER)
        return min(dues)

    def _nexts(self, base: datetime) -> Sequence[datetime]:
        steps = [] if self._every is None else [base + self._every]
        return [*steps, *(line.after(base) or base + NEVER for line in self._lines)]

    def _tick(self, base: datetime, not_before: datetime) -> Tick:
        base = base.astimezone(UTC)
        begins = self._quietly(self._quietly(base) + self._jitter(base))
        return Tick(base, max(begins, not_before.astimezone(UTC)))

    def _quietly(self, moment: datetime) -> datetime:
        return out_of(self._schedule.quiet, self._schedule.time_zone, moment)

    def _jitter(self, base: datetime) -> timedelta:
        """As if by chance, but the same for the same tick: it can be reproduced."""
        told = f"{self._connection} {base.isoformat()}".encode()
        return timedelta(seconds=crc32(told) % (self._schedule.jitter_seconds + 1))


def first_due(schedule: ScheduleSettings, last_run: datetime | None, now: datetime) -> datetime:
    """When a connection's next run is due, whatever its name adds by jitter."""
    return Timing("", schedule).first_due(last_run, now)
