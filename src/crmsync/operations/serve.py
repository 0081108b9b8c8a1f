"""`crmsync serve`: what one scheduled run of a connection does, and what it tells the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

import structlog

from crmsync.errors import CrmsyncError
from crmsync.operations.run import ConnectionReport, run_one
from crmsync.run import RunRequest
from crmsync.settings import ConnectionConfiguration, ScheduleSettings, Settings
from crmsync.store import Store

log = structlog.get_logger()

Job = Callable[[Callable[[], bool]], None]
"""One run of a connection; it is given `stop`, which it asks between batches."""


def jobs(
    settings: Settings, names: tuple[str, ...], clock: Callable[[], datetime]
) -> dict[str, tuple[ScheduleSettings, datetime | None, Job]]:
    """Connection → (its schedule, the start of its last finished run, its job), for `schedule.serve`."""
    with closing(Store(settings.store)) as store:
        return {
            configuration.name: (
                configuration.settings.schedule,
                _last_run(store, configuration.name),
                _job(settings, configuration, clock),
            )
            for configuration in settings.chosen(names)
        }


def _last_run(store: Store, connection: str) -> datetime | None:
    finished = (run.started_at for run in store.runs(connection) if run.ended_at is not None and not run.dry_run)
    return next(finished, None)


def _job(settings: Settings, configuration: ConnectionConfiguration, clock: Callable[[], datetime]) -> Job:
    def job(stop: Callable[[], bool]) -> None:
        line = log.bind(connection=configuration.name)
        try:
            with closing(Store(settings.store)) as store:
                report = run_one(
                    settings,
                    configuration,
                    store,
                    RunRequest(dry_run=False),
                    now=clock,
                    progress=lambda _what, _done, _total: None,
                    stop=stop,
                )
        except CrmsyncError as error:
            line.error("run stopped", error=type(error).__name__, message=error.message, next_step=error.hint)
        except Exception:
            line.exception("run failed; this is a fault of crmsync, the next run tries again")
        else:
            _tell(line, report)

    return job


def _tell(line: structlog.typing.FilteringBoundLogger, report: ConnectionReport) -> None:
    plan = report.plan
    outcomes = Counter(plan.outcomes.values())
    for guard in plan.guards:
        if guard.breached:
            line.warning("guard breached, nothing written", guard=guard.name, value=guard.value, limit=guard.limit)
    for item in plan.set_aside:
        line.warning("set aside", lead=item.lead, reason=item.reason)
    for lead, outcome in plan.outcomes.items():
        if outcome not in {"written", "unchanged"}:
            line.warning("not written", lead=lead, outcome=outcome)
    line.info("run ended", run=plan.run_id, exit_code=report.exit_code, **plan.counts, outcomes=dict(outcomes))
