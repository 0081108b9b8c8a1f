"""One database: its transactions, and its errors in words. What differs between databases is in `dialects`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from crmsync.errors import StoreUnavailable
from crmsync.store.dialects.backend import backend_at


class Database:
    """Where the store's tables are. `name` says where, without a secret; `shared`: other machines may use it, too."""

    def __init__(self, location: Path | str) -> None:
        self._backend = backend_at(location)
        self.name, self.engine, self.shared = self._backend.name, self._backend.engine, self._backend.shared
        self._schema: str | None = None

    def stays_at(self, schema: str) -> None:
        """From now on nothing is written to a store of another schema: another process may bring it forward."""
        self._schema = schema

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises `StoreUnavailable`."""
        with self._explained(), self._backend.reading() as at:
            yield at

    @contextmanager
    def writing(self, connection_id: int | None = None) -> Iterator[Connection]:
        """A transaction that is committed as a whole, or not at all if the block raises.

        `connection_id`: it touches rows of this connection only; null = any. Raises `StoreUnavailable`, and
        `Overtaken` where another run has taken over a connection that this store holds.
        """
        with self._explained(), self._backend.writing(connection_id) as at:
            if self._schema is not None:
                self._refuse_another_schema(at)
            yield at

    def hold(self, connection: str, number: Callable[[], int], now: datetime) -> AbstractContextManager[None]:
        """Keep other runs off the connection. Raises `AnotherRunInProgress`, naming the holder."""
        return self._backend.hold(connection, number, now)

    def still_held(self) -> None:
        """Raises `Overtaken` where another run has taken over a connection that this store holds."""
        with self._explained():
            self._backend.still_held()

    def abandoned(self) -> Collection[int]:
        """Numbers of connections that a process of another machine held when it died or froze."""
        with self._explained():
            return self._backend.abandoned()

    def write_ahead(self) -> None:
        """Let readers go on while somebody writes."""
        with self._explained():
            self._backend.write_ahead()

    def write_anew(self) -> None:
        """Leave nothing of what was deleted where the tables are."""
        with self._explained():
            self._backend.write_anew()

    def back_up(self, to: Path) -> None:
        """A whole copy in the new file `to`."""
        with self._explained():
            self._backend.back_up(to)

    def _refuse_another_schema(self, at: Connection) -> None:
        """By a transaction that keeps others from changing it until it ends."""
        found = at.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found != self._schema:
            raise StoreUnavailable(
                f"the store {self.name} has been brought to schema {found} by another crmsync since this one began "
                f"(it knows {self._schema}); it writes nothing more",
                hint="install the same version on this machine and start it again",
            )

    def close(self) -> None:
        """Give all connections back."""
        self._backend.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._backend.driver_errors as error:
            raise self._backend.unavailable(error) from error
