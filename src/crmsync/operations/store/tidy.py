"""`crmsync tidy`: what the store could do without goes once it is old; `serve` calls it once a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crmsync.settings import Settings
from crmsync.store import OlderThan, Store, Tidied
from crmsync.values import asdict

TIDIED = "tidied"
"""Under this name the store keeps when a connection was tidied last, ISO-8601 with zone."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TidiedConnection:
    """What went, or would go, of one connection."""

    connection: str
    went: Tidied

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"connection": self.connection, **asdict(self.went)}


@dataclass(frozen=True, slots=True)
class TidiedStore:
    """What went, or would go. `deeds`: of the console's log, which is no connection's."""

    connections: tuple[TidiedConnection, ...]
    deeds: int

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"connections": [each.to_json() for each in self.connections], "deeds": self.deeds}


def tidy_all(
    settings: Settings, connections: Sequence[str], *, only_count: bool, now: Callable[[], datetime]
) -> TidiedStore:
    """Tidy the named connections, or all, and the console's log. Raises `AnotherRunInProgress`."""
    with closing(Store(settings.store)) as store:
        tidied = tuple(
            TidiedConnection(name, tidy_one(settings, store, name, only_count=only_count, now=now()))
            for name in settings.named(connections)
        )
        return TidiedStore(tidied, tidy_log(settings, store, only_count=only_count, now=now()))


def tidy_log(settings: Settings, store: Store, *, only_count: bool = False, now: datetime) -> int:
    """The console's log is kept as long as the journal's detail; how much of it went."""
    return store.console.tidy(now - timedelta(days=settings.retention.journal_days), only_count=only_count)


def tidy_one(settings: Settings, store: Store, connection: str, *, only_count: bool, now: datetime) -> Tidied:
    """Tidy one connection by the `retention` of crmsync.yaml."""
    kept = settings.retention
    journal = now - timedelta(days=kept.journal_days)
    older_than = OlderThan(journal, journal.date(), now - timedelta(days=kept.dry_runs_days))
    with store.hold(connection, now=now):
        went = store.runs.tidy(connection, older_than, only_count=only_count)
        if not only_count:
            store.runs.set_digests(connection, {TIDIED: now.isoformat()})
    return went


def tidy_if_due(settings: Settings, store: Store, connection: str, *, now: datetime) -> Tidied | None:
    """Tidy unless that was done within the last day; null then. A time of the future is none."""
    told = store.runs.digests(connection).get(TIDIED)
    if told is not None and now - _A_DAY < datetime.fromisoformat(told) <= now:
        return None
    tidy_log(settings, store, now=now)
    return tidy_one(settings, store, connection, only_count=False, now=now)
