"""A connection as it was last seen, ready to decide from what is stored: reports and explanations make no call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import refuse_another_object
from crmsync.errors import NextStep, UsageError
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
    """The connection as last seen; a dry run reads it first when nothing is stored yet, or nothing readable."""
    snapshot = _snapshot(configuration.name, store)
    if snapshot is None or not store.facts.cursors(configuration.name):
        from crmsync.operations.run.every_connection import run_one  # noqa: PLC0415 - seldom, and half the program
        from crmsync.run.running import RunRequest  # noqa: PLC0415

        run_one(settings, configuration, store, RunRequest(dry_run=True), now=now, progress=progress)
        snapshot = _snapshot(configuration.name, store)
    assert snapshot is not None
    refuse_another_object(configuration, snapshot)
    return prepared(settings, configuration, snapshot, now=now())


class NeverRead(UsageError):
    """Nothing of a connection is stored, or nothing that can be read."""


def stored(
    settings: Settings,
    configuration: ConnectionConfiguration,
    store: Store,
    now: Callable[[], datetime] | None = None,
) -> Prepared:
    """The connection as it was last seen. `now`: around when calendars are read; null = by the clock.

    Raises `NeverRead` when it never was, or what is stored is damaged, `UsageError` when records of another object
    are stored.
    """
    snapshot = _snapshot(configuration.name, store)
    if snapshot is None or not store.facts.cursors(configuration.name):
        damaged = snapshot is None and store.runs.snapshot(configuration.name) is not None
        raise NeverRead(
            f"what is stored of {configuration.name}'s set-up is damaged"
            if damaged
            else f"nothing is stored of {configuration.name} yet",
            step=NextStep(
                "make_plan",
                f"`crmsync run {configuration.name} --dry-run` reads it and writes nothing to the CRM",
                configuration.name,
            ),
        )
    refuse_another_object(configuration, snapshot)
    return prepared(settings, configuration, snapshot, now=now() if now else None)


def _snapshot(connection: str, store: Store) -> Snapshot | None:
    """The stored set-up; null where there is none, or none that can be read."""
    text = store.runs.snapshot(connection)
    return None if text is None else Snapshot.from_text(text)
