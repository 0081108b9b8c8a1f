"""`crmsync serve`: what one scheduled run of a connection does, and what it tells the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog

from crmsync.errors import CrmsyncError, UsageError
from crmsync.operations.run.every_connection import ConnectionReport, run_one
from crmsync.operations.store.tidy import tidy_if_due
from crmsync.run.story import READ_IN_FULL, RunRequest
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.sdk import without_addresses
from crmsync.settings import ScheduleSettings, Settings
from crmsync.store import Store

log = structlog.get_logger()

Job = Callable[[Callable[[], bool]], None]
"""One run of a connection; it is given `stop`, which it asks between batches."""


def jobs(
    settings: Settings, names: tuple[str, ...], clock: Callable[[], datetime], read_again: Callable[[], Settings]
) -> dict[str, tuple[ScheduleSettings, datetime | None, Job]]:
    """Connection → (its schedule, the start of its last finished run, its job), for `schedule.serve`.

    A connection whose files are wrong is told here and scheduled like the others: it begins to run once they are
    mended. Raises `UsageError` for a name that is not configured, `ConfigurationError` when no connection is right.
    """
    chosen = settings.named(names)
    if all(name in settings.broken for name in chosen):
        settings.chosen(chosen)
    for name in chosen:
        if name in settings.broken:
            _tell_stop(
                log.bind(connection=name), "connection is not right; it waits until mended", settings.broken[name]
            )
    with closing(Store(settings.store)) as store:
        return {
            name: (
                settings.configured[name].schedule,
                _last_run(store, name),
                ConnectionJob(name, settings, clock, read_again),
            )
            for name in chosen
        }


def _last_run(store: Store, connection: str) -> datetime | None:
    finished = (run.started_at for run in store.runs.last(connection) if run.ended_at is not None and not run.dry_run)
    return next(finished, None)


class ConnectionJob:
    """One connection's runs, by the files as they were when the service began.

    So a draft beside a running service is not carried out before somebody restarts it. But after a run that stopped
    at something to mend, all files are read again before this connection's next run.
    """

    def __init__(
        self, name: str, settings: Settings, clock: Callable[[], datetime], read_again: Callable[[], Settings]
    ) -> None:
        """`read_again` reads crmsync.yaml and all it names, and may raise `UsageError`."""
        self._name = name
        self._settings = settings
        self._clock = clock
        self._read_again = read_again
        self._to_mend = name in settings.broken

    def __call__(self, stop: Callable[[], bool]) -> None:
        """One run. Nothing is raised; everything goes to the log."""
        line = log.bind(connection=self._name)
        try:
            if self._to_mend:
                self._settings = self._read_again()
                line.info("files read again")
            self._to_mend = False
            with unforeseen_in_words():  # a traceback may hold a person's data
                report = self._run(stop)
        except CrmsyncError as error:
            self._to_mend = isinstance(error, UsageError)
            _tell_stop(line, "run stopped", error)
        except Exception:
            line.exception("run failed; this is a fault of crmsync, the next run tries again")
        else:
            _tell(line, report)
            if report.error:
                _tell_stop(line, "run stopped while writing", report.error)
            self._tidy(line)

    def _run(self, stop: Callable[[], bool]) -> ConnectionReport:
        configuration = self._settings.connection(self._name)
        with closing(Store(self._settings.store)) as store:
            return run_one(
                self._settings,
                configuration,
                store,
                RunRequest(dry_run=False, full=self._full_is_due(store)),
                now=self._clock,
                progress=lambda _what, _done, _total: None,
                stop=stop,
            )

    def _tidy(self, line: structlog.typing.FilteringBoundLogger) -> None:
        """Once a day, after a run: let go of what is old."""
        try:
            with unforeseen_in_words(), closing(Store(self._settings.store)) as store:
                went = tidy_if_due(self._settings, store, self._name, now=self._clock())
        except CrmsyncError as error:
            _tell_stop(line, "not tidied", error)
        else:
            if went is not None and went.anything:
                line.info("tidied", **asdict(went))

    def _full_is_due(self, store: Store) -> bool:
        """Whether everything is to be read again, not only what changed: some changes leave no trace in the CRM."""
        hours = self._settings.configured[self._name].schedule.full_every_hours
        told = store.runs.digests(self._name).get(READ_IN_FULL)
        if hours is None or told is None:  # a first run reads everything anyway
            return False
        now, latest = self._clock(), datetime.fromisoformat(told)
        return not latest <= now < latest + timedelta(hours=hours)  # a clock that was ahead keeps nothing waiting


def _tell_stop(line: structlog.typing.FilteringBoundLogger, event: str, error: CrmsyncError) -> None:
    """A finding may name a person as the roster does, by e-mail: no address comes into the log."""
    hint = without_addresses(error.hint) if error.hint else None
    line.error(event, error=type(error).__name__, message=without_addresses(error.message), next_step=hint)


def _tell(line: structlog.typing.FilteringBoundLogger, report: ConnectionReport) -> None:
    plan = report.plan
    outcomes = Counter(
        "may_be_written" if lead in plan.in_doubt else str(outcome) for lead, outcome in plan.outcomes.items()
    )
    for note in report.clock_notes:
        line.warning("clock", note=note)
    for guard in plan.guards:
        if guard.breached:
            line.warning("guard breached, nothing written", guard=guard.name, value=guard.value, limit=guard.limit)
    for item in plan.set_aside:
        line.warning("set aside", lead=item.lead, reason=item.reason)
    for lead, outcome in plan.outcomes.items():
        if outcome not in {"written", "unchanged", "not_reached"}:
            line.warning("not written", lead=lead, outcome=outcome)
    if plan.in_doubt:
        line.warning("may have been written, could not be read back", leads=len(plan.in_doubt))
    if outcomes["not_reached"]:
        line.warning("not reached, stays due", leads=outcomes["not_reached"])
    line.info("run ended", run=plan.run_id, exit_code=report.exit_code, **plan.counts, outcomes=dict(outcomes))
