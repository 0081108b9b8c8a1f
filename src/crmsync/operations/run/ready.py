"""A connection as it was last seen, ready to decide from what is stored: reports and explanations make no call."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.connection.stored_kind import refuse_another_object
from crmsync.errors import LeftOut, NextStep, UsageError
from crmsync.progress import Progress
from crmsync.settings import ConnectionConfiguration, Settings
from crmsync.store import Store
from crmsync.values import Itself

_KEPT = 8


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
                "make_first_plan",
                f"`crmsync run {configuration.name} --dry-run` reads it and writes nothing to the CRM",
                configuration.name,
            ),
        )
    refuse_another_object(configuration, snapshot)
    if any(settings.roster.calendar_files()):
        return prepared(settings, configuration, snapshot, now=now() if now else None)
    return _prepared(Itself(settings), Itself(configuration), Itself(snapshot))


@lru_cache(maxsize=_KEPT)
def _prepared(
    settings: Itself[Settings], configuration: Itself[ConnectionConfiguration], snapshot: Itself[Snapshot]
) -> Prepared:
    """Of these very values, and of nothing else where the roster names no calendar: a console asks for each page."""
    return prepared(settings.value, configuration.value, snapshot.value)


def every_stored(
    settings: Settings, names: Sequence[str], store: Store, now: Callable[[], datetime] | None = None
) -> Iterator[Prepared]:
    """The named connections as they were last seen; without a name all that ever were, and a word on the others.

    Raises `NeverRead` for a named one that never was, and where none was.
    """
    unread: list[NeverRead] = []
    found = False
    for configuration in settings.chosen(tuple(names)):
        try:
            known = stored(settings, configuration, store, now)
        except NeverRead as error:
            if names:
                raise
            unread.append(error)
        else:
            found = True
            yield known
    if unread and not found:
        raise unread[0]
    for each in unread:
        warnings.warn(f"left out: {each.message} → {each.hint}", LeftOut, stacklevel=2)


def _snapshot(connection: str, store: Store) -> Snapshot | None:
    """The stored set-up; null where there is none, or none that can be read."""
    text = store.runs.snapshot(connection)
    return None if text is None else Snapshot.from_text(text)
