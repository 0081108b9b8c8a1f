"""Between runs: whether time alone has made something due. The store is asked, the CRM is not.

Only what has come since the last run counts: a lead that stays due, as its write was refused, or a hand-off that
nobody can take over, is for the next run of the schedule.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import structlog

from crmsync.clock import local_day
from crmsync.errors import CrmsyncError
from crmsync.operations.run.connection_job import ConnectionJob, tell_stop
from crmsync.operations.run.ready import stored
from crmsync.run.under_way import hand_offs_under_way
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.settings import Settings
from crmsync.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RanOut:
    """What has come since the last run: leads whose review day it is, hand-offs whose clock has run out."""

    reviews: int = 0
    hand_offs: int = 0

    @property
    def anything(self) -> bool:
        """Whether a run has something to do."""
        return bool(self.reviews or self.hand_offs)


def ran_out(settings: Settings, connection: str, store: Store, now: datetime) -> RanOut:
    """Raises `CrmsyncError` where connection and store do not fit. One that never ran waits for its schedule."""
    last = store.runs.last_of_everybody(connection)
    if last is None or last.started_at > now:
        return RanOut()
    prepared = stored(settings, settings.connection(connection), store)
    then, today = (local_day(at, prepared.org.time_zone) for at in (last.started_at, now))
    asked, asking = (
        set(hand_offs_under_way(prepared, store, now=at, as_of=day).asking)
        for at, day in ((last.started_at, then), (now, today))
    )
    return RanOut(store.facts.come_due(connection, after=then, by=today), len(asking - asked))


class ClockLook:
    """A look at the clocks of one connection, and a run of it where something has come."""

    def __init__(
        self, name: str, settings: Callable[[], Settings], clock: Callable[[], datetime], run: ConnectionJob
    ) -> None:
        """`settings`: those by which the service runs by now."""
        self._name = name
        self._settings = settings
        self._clock = clock
        self._run = run

    def __call__(self, stop: Callable[[], bool]) -> None:
        """Nothing is raised. What is wrong with the connection is told by its runs."""
        line = log.bind(connection=self._name)
        settings = self._settings()
        try:
            with unforeseen_in_words(), closing(Store(settings.store)) as store:
                found = ran_out(settings, self._name, store, self._clock())
        except CrmsyncError as error:
            tell_stop(line, "clocks not looked at", error)
            return
        line.debug("clocks looked at")
        if found.anything:
            line.info("time has come", reviews=found.reviews, hand_offs=found.hand_offs)
            self._run(stop)
