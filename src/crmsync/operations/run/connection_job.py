"""What one scheduled run of a connection does, and what it tells the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

import structlog

from crmsync.errors import AnotherRunInProgress, CrmsyncError, Overtaken, Unforeseen, UsageError
from crmsync.operations.run.every_connection import ConnectionReport, run_one
from crmsync.operations.run.turn import TurnOfRuns
from crmsync.operations.store.tidy import tidy_if_due
from crmsync.run.meter import Meter
from crmsync.run.reading import READ_IN_FULL
from crmsync.run.running import RunRequest
from crmsync.run.unforeseen import unforeseen_in_words
from crmsync.sdk import without_addresses
from crmsync.settings import Crontab, ScheduleSettings, Settings
from crmsync.store import Store
from crmsync.values import asdict

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a run ended. `exit_code`: null = by a fault of crmsync. `outcomes`: outcome → changes.

    `meter`: its calls, and how long changes had waited, also of a run that stopped. `told`: it looked at what the CRM
    told by itself, and at nothing else.
    """

    connection: str
    exit_code: int | None
    seconds: float
    meter: Meter = field(default_factory=Meter)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    told: bool = False


Ended = Callable[[RunEnd], None]


class ConnectionJob:
    """One connection's runs. After one that stopped at something to mend, files are read again before the next."""

    def __init__(
        self,
        name: str,
        settings: Settings,
        clock: Callable[[], datetime],
        read_again: Callable[[], Settings],
        ended: Ended = lambda _end: None,
    ) -> None:
        """`read_again` reads crmsync.yaml and all it names, and may raise `UsageError`. `ended` is told of each."""
        self._name = name
        self._settings = settings
        self._clock = clock
        self._read_again = read_again
        self._ended = ended
        self._to_mend = name in settings.broken
        self.turn = TurnOfRuns()

    def take(self, settings: Settings, *, to_mend: bool) -> None:
        """Runs that begin from now on go by these settings."""
        self._settings, self._to_mend = settings, to_mend

    def __call__(self, stop: Callable[[], bool]) -> None:
        """One run. Nothing is raised; everything goes to the log. While one is at work another begins none.

        One that reads what the CRM told by itself is waited for: it ends soon.
        """
        with self.turn.of_schedule() as begins:
            if begins:
                self._one(stop)

    def _one(self, stop: Callable[[], bool]) -> None:
        line, began, meter = log.bind(connection=self._name), monotonic(), Meter()
        try:
            if self._to_mend:
                self._settings = self._read_again()
                line.info("files read again")
            self._to_mend = False
            with unforeseen_in_words():  # a traceback may hold a person's data
                report = self._run(stop, meter)
        except AnotherRunInProgress as error:
            self._taken(line, error, monotonic() - began, meter)
        except CrmsyncError as error:
            self._to_mend = isinstance(error, UsageError)
            tell_stop(line, "run stopped", error)
            code = None if isinstance(error, Unforeseen) else error.exit_code
            self._ended(RunEnd(self._name, code, monotonic() - began, meter))
        except Exception:
            line.exception("run failed; this is a fault of crmsync, the next run tries again")
            self._ended(RunEnd(self._name, None, monotonic() - began, meter))
        else:
            tell_run(line, report)
            self._ended(RunEnd(self._name, report.exit_code, monotonic() - began, meter, outcomes_of(report)))
            if report.error:
                tell_stop(line, "run stopped while writing", report.error)
            self._tidy(line)

    def _taken(
        self,
        line: structlog.typing.FilteringBoundLogger,
        error: AnotherRunInProgress,
        seconds: float,
        meter: Meter,
    ) -> None:
        """That somebody else works on it is no failed run; that this one was overtaken is."""
        if isinstance(error, Overtaken):
            tell_stop(line, "run stopped", error)
            self._ended(RunEnd(self._name, error.exit_code, seconds, meter))
        else:
            line.info("left to another process; looked at again at the next time", message=error.message)

    def _run(self, stop: Callable[[], bool], meter: Meter) -> ConnectionReport:
        settings = self._settings
        configuration = settings.connection(self._name)
        schedule = settings.configured[self._name].schedule
        allowed = _Allowance(schedule.maximum_minutes)
        with closing(Store(settings.store)) as store:
            report = run_one(
                settings,
                configuration,
                store,
                RunRequest(dry_run=False, full=self._full_is_due(store, schedule)),
                now=self._clock,
                progress=lambda _what, _done, _total: None,
                stop=lambda: stop() or allowed.used_up(),
                meter=meter,
            )
        if allowed.was_used_up:
            log.warning("ended by maximum_minutes, the rest stays due", connection=self._name)
        return report

    def _tidy(self, line: structlog.typing.FilteringBoundLogger) -> None:
        """Once a day, after a run: let go of what is old."""
        try:
            with unforeseen_in_words(), closing(Store(self._settings.store)) as store:
                went = tidy_if_due(self._settings, store, self._name, now=self._clock())
        except AnotherRunInProgress as error:
            line.info("not tidied, another process works on it", message=error.message)
        except CrmsyncError as error:
            tell_stop(line, "not tidied", error)
        else:
            if went is not None and went.anything:
                line.info("tidied", **asdict(went))

    def _full_is_due(self, store: Store, schedule: ScheduleSettings) -> bool:
        """Whether everything is to be read again, not only what changed: some changes leave no trace in the CRM."""
        told = store.runs.digests(self._name).get(READ_IN_FULL)
        if told is None:  # a first run reads everything anyway
            return False
        return full_is_due(schedule, datetime.fromisoformat(told), self._clock())


def full_is_due(schedule: ScheduleSettings, latest: datetime, now: datetime) -> bool:
    """Whether a run of now reads everything again. `latest`: when that was done last."""
    if latest > now:  # a clock that was ahead keeps nothing waiting
        return schedule.full_cron is not None or schedule.full_every_hours is not None
    if schedule.full_cron is not None:
        due = Crontab(schedule.full_cron, schedule.time_zone).latest(now)
        return due is not None and latest < due
    return schedule.full_every_hours is not None and now >= latest + timedelta(hours=schedule.full_every_hours)


class _Allowance:
    """How long a run may take, by a clock that nobody sets."""

    def __init__(self, minutes: float | None) -> None:
        self._until = None if minutes is None else monotonic() + 60 * minutes
        self.was_used_up = False

    def used_up(self) -> bool:
        """Whether it is, asked between two batches."""
        self.was_used_up = self._until is not None and monotonic() >= self._until
        return self.was_used_up


def tell_stop(line: structlog.typing.FilteringBoundLogger, event: str, error: CrmsyncError) -> None:
    """A finding may name a person as the roster does, by e-mail: no address comes into the log."""
    hint = without_addresses(error.hint) if error.hint else None
    line.error(event, error=type(error).__name__, message=without_addresses(error.message), next_step=hint)


def outcomes_of(report: ConnectionReport) -> Counter[str]:
    """Outcome → changes; those that nobody could read back are `may_be_written`."""
    plan = report.plan
    return Counter(
        "may_be_written" if lead in plan.in_doubt else str(outcome) for lead, outcome in plan.outcomes.items()
    )


def tell_run(line: structlog.typing.FilteringBoundLogger, report: ConnectionReport) -> None:
    """What became of it, to the log."""
    plan = report.plan
    outcomes = outcomes_of(report)
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
