"""A connection as it was last seen, ready to decide from what is stored: reports and explanations make no call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.errors import UsageError
from crmsync.progress import Progress
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.store import Store


def ready(
    settings: Settings,
    configuration: ConnectionConfiguration,
    store: Store,
    now: Callable[[], datetime],
    progress: Progress,
) -> Prepared:
    """The connection as last seen; a dry run reads it first when nothing is stored yet."""
    snapshot = store.runs.snapshot(configuration.name)
    if snapshot is None or not store.facts.cursors(configuration.name):
        from crmsync.operations.run.every_connection import run_one  # noqa: PLC0415 - seldom, and half the program
        from crmsync.run.story import RunRequest  # noqa: PLC0415

        run_one(settings, configuration, store, RunRequest(dry_run=True), now=now, progress=progress)
        snapshot = store.runs.snapshot(configuration.name)
    assert snapshot is not None
    return prepared(settings, configuration, Snapshot.from_text(snapshot), now=now())


def stored(settings: Settings, configuration: ConnectionConfiguration, store: Store) -> Prepared:
    """The connection as it was last seen. Raises `UsageError` when it never was."""
    snapshot = store.runs.snapshot(configuration.name)
    if snapshot is None or not store.facts.cursors(configuration.name):
        raise UsageError(
            f"nothing is stored of {configuration.name} yet",
            hint=f"`crmsync run {configuration.name} --dry-run` reads it and writes nothing to the CRM",
        )
    return prepared(settings, configuration, Snapshot.from_text(snapshot))
