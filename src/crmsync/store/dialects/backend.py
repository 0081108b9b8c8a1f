"""What the store asks of a database beside its tables, and which database a location means."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.store.dialects.sqlite import SqliteFile

_POSTGRESQL = frozenset({"postgresql", "postgres"})


class Backend(Protocol):
    """One database. `name` stands in messages: no secret is in it. `shared`: machines may share it."""

    name: str
    shared: bool
    engine: Engine

    @property
    def driver_errors(self) -> tuple[type[Exception], ...]:
        """What the database's driver raises."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the database."""

    def writing(self, connection_id: int | None) -> AbstractContextManager[Connection]:
        """A transaction that is alone with this connection's rows, or (null) with all; committed whole or not at all.

        Raises `Overtaken` where a run that `hold` has let in is overtaken by another one.
        """

    def close(self) -> None:
        """Give connections back. What is asked afterwards opens others."""

    def write_ahead(self) -> None:
        """Let readers go on while somebody writes."""

    def write_anew(self) -> None:
        """Leave nothing of what was deleted where the tables are."""

    def back_up(self, to: Path) -> None:
        """A whole copy in the new file `to`. Raises `UsageError`."""

    def hold(self, connection: str, number: Callable[[], int], now: datetime) -> AbstractContextManager[None]:
        """Keep other runs off the connection, whose number is asked for where it is needed.

        Raises `AnotherRunInProgress`, naming the holder.
        """

    def still_held(self) -> None:
        """Raises `Overtaken` where another run has taken over what `hold` has let in."""

    def abandoned(self) -> Collection[int]:
        """Numbers of connections that a process of another machine held when it died or froze; see `locks.lease`."""

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """The database's complaint with the next step; no statement and no value of it is in the words."""


def backend_at(location: Path | str) -> Backend:
    """The database at a file or URL. Raises `UsageError`, `StoreUnavailable`."""
    url = _url(location)
    if url.get_backend_name() == "sqlite" and url.database:
        return SqliteFile(Path(url.database), url)
    if url.get_backend_name() in _POSTGRESQL:
        from crmsync.store.dialects.postgresql import PostgresqlDatabase  # noqa: PLC0415 - what only its users pay

        return PostgresqlDatabase(url)
    raise UsageError(
        f"the store cannot be kept in {url.get_backend_name()}",
        hint="name a file, e.g. `store: crmsync.db`, or a PostgreSQL database, e.g. `store: postgresql://host/crmsync`",
    )


def file_at(location: Path | str) -> Path | None:
    """The file at a location; null where it is none."""
    with suppress(UsageError):
        url = _url(location)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    return None


def _url(location: Path | str) -> URL:
    if isinstance(location, Path) or "://" not in location:
        return URL.create("sqlite", database=str(location))
    try:
        return make_url(location)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise UsageError(
            "the address of the store cannot be read", hint="write it as postgresql://user@host:5432/database"
        ) from None
