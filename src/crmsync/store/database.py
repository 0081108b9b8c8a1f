"""One database: its transactions, and its errors in words. What differs between databases is in `dialects`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from crmsync.store.dialects import sqlite


class Database:
    """Where the store's tables are. `path` is the SQLite file."""

    def __init__(self, location: Path | str) -> None:
        self.path, self.engine = sqlite.open_engine(location)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database. Raises `StoreUnavailable`."""
        with self._explained(), self.engine.connect() as at:
            yield at

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed as a whole, or not at all if the block raises."""
        with self._explained(), self.engine.connect() as at:
            at.execution_options(**{sqlite.WRITES: True})
            with at.begin():
                yield at

    def write_ahead(self) -> None:
        """Let readers go on while somebody writes."""
        with self._explained():
            sqlite.write_ahead(self.engine)

    def write_anew(self) -> None:
        """Leave no byte of what was deleted in the file or beside it."""
        with self._explained():
            sqlite.write_anew(self.engine)

    def back_up(self, to: Path) -> None:
        """A whole copy in the new file `to`."""
        with self._explained():
            sqlite.back_up(self.engine, to)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite.DRIVER_ERRORS as error:
            raise sqlite.unavailable(self.path, error) from error
