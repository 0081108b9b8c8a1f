"""`crmsync undo`: one run, on the connection whose run it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime

from crmsync.errors import UsageError
from crmsync.operations.run.every_connection import RunReport, run_each
from crmsync.plan import Part
from crmsync.progress import Progress
from crmsync.run.aims.undoing import Undoing
from crmsync.run.approval import Approve
from crmsync.run.interruption import Interruption
from crmsync.run.running import RunRequest
from crmsync.settings import Settings
from crmsync.store import Store


def undo_run(
    settings: Settings,
    run: int,
    *,
    dry_run: bool,
    leads: tuple[str, ...],
    only: Part | None,
    allowed: Mapping[str, int],
    approve: Approve,
    interruption: Interruption | None = None,
    now: Callable[[], datetime],
    progress: Progress,
) -> RunReport:
    """Take back what the run wrote. Raises `UsageError` for a run that no connection of the configuration made."""
    with closing(Store(settings.store)) as store:
        connection = store.runs.connection_of(run)
    if connection is None:
        raise UsageError(
            f"the store knows of no run {run}",
            hint="`crmsync runs --show 0` lists every run; those that wrote nothing are let go after a time",
        )
    if connection not in settings.configured:
        raise UsageError(
            f"run {run} was one of {connection}, which this configuration has not",
            hint="take it back with the configuration that has this connection",
        )
    aim = Undoing(run, leads, only)
    request = RunRequest(
        dry_run=dry_run, allowed=allowed, aim=aim, approve=approve, interruption=interruption or Interruption()
    )
    return run_each(settings, {connection: request}, dry_run=dry_run, now=now, progress=progress)
