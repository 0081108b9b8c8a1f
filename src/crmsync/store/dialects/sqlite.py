"""SQLite as the store wants it: one private file, a write lock taken at the start of a write, durable commits.

Writes take the write lock when they begin (`BEGIN IMMEDIATE`), so that a transaction never fails half-way because
another one came between its reading and its writing; it waits up to `BUSY_SECONDS` for its turn.
`synchronous=FULL`: what is committed survives a power cut, since a CRM write follows a journal entry.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.store.dialects.engines import SharedEngines
from crmsync.store.locks import file_lock

BUSY_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.02
_WRITES = "crmsync_writes"
"""The execution option of a connection that is about to write."""

_CACHE_KIBIBYTES = 65_536
_DAMAGED_HINT = "the file is damaged: restore a backup, or move it away and run `crmsync run --full`"
_FOLDER_HINT = "check that the folder exists and that this user may write the file and beside it"


class SqliteFile:
    """A file, made if need be. Raises `StoreUnavailable` when opened where it cannot be."""

    shared = False
    driver_errors = (SQLAlchemyError, sqlite3.Error)

    def __init__(self, path: Path, url: URL) -> None:
        self.path, self.name = path, str(path)
        _make_private(path)
        self.engine = _ENGINES.take(url, self)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction; it sees one state of the file."""
        with self.engine.connect() as at:
            yield at

    @contextmanager
    def writing(self, connection_id: int | None) -> Iterator[Connection]:
        """A transaction that takes the file's lock when it begins."""
        with self.engine.connect() as at:
            at.execution_options(**{_WRITES: True})
            with at.begin():
                yield at

    def write_ahead(self) -> None:
        """Keep the log in a file of its own, so that readers do not wait for writers; once for each file.

        SQLite refuses this change at once while somebody else writes the file, whatever the time to wait: of those
        who open a new file together, one makes the change, and the others find it made.
        """
        until = time.monotonic() + BUSY_SECONDS
        with closing(self.engine.raw_connection()) as raw:
            while raw.cursor().execute("PRAGMA journal_mode").fetchone() != ("wal",):
                try:
                    raw.cursor().execute("PRAGMA journal_mode=WAL")
                    return  # where there is no such log the mode stays as it was, without a word
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > until:
                        raise
                    time.sleep(_LOOK_AGAIN_SECONDS)

    def write_anew(self) -> None:
        """Write the file anew without its free space, and empty the log beside it: deleted texts leave no byte."""
        with closing(self.engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() or (0,)
            if busy:
                raise sqlite3.OperationalError("database is locked")

    def back_up(self, to: Path) -> None:
        """Copy page by page what is committed, check the copy, and give it its name only then."""
        back_up(self.engine, to)

    def hold(self, connection: str, number: Callable[[], int], now: datetime) -> AbstractContextManager[None]:
        """Lock a file beside the store."""
        return file_lock.hold(self.path, connection, now)

    def still_held(self) -> None:
        """It always is: the operating system frees a file's lock only with its process."""

    def abandoned(self) -> Collection[int]:
        """None: who uses a file is on this machine, and whoever starts processes there starts them again."""
        return ()

    def close(self) -> None:
        """Give the connections back, once nobody of this process works on the file."""
        _ENGINES.give_back(self.engine, self)

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """SQLite's complaint with the next step; SQLAlchemy's own words may hold a statement."""
        words = str(
            error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None) or type(error).__name__
        )
        if "not a database" in words or "malformed" in words:
            hint = _DAMAGED_HINT
        elif "locked" in words:
            hint = f"another process has kept the file locked for {BUSY_SECONDS} seconds; end it and run again"
        elif "full" in words:
            hint = "free some space and run again"
        else:
            hint = _FOLDER_HINT
        return StoreUnavailable(f"the store {self.name} cannot be used: {words}", hint=hint)


def _engine(url: URL) -> Engine:
    # Parameters are people's data: they stay out of messages. As many connections as a service has threads at work.
    made = create_engine(
        url,
        hide_parameters=True,
        max_overflow=-1,
        connect_args={"timeout": BUSY_SECONDS},
        json_deserializer=_json,
    )
    _as_it_should_be(made)
    return made


_ENGINES = SharedEngines(_engine)


def back_up(engine: Engine, to: Path) -> None:
    """Copy page by page what is committed, check the copy, and give it its name only then."""
    if to.exists():
        raise _there_already(to)
    if not to.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {to.parent}", hint="make it, or name a file elsewhere")
    beside: Path | None = None
    try:
        beside = _part_of(to)
        with closing(engine.raw_connection()) as raw, closing(sqlite3.connect(beside)) as copy:
            assert isinstance(raw.driver_connection, sqlite3.Connection)
            raw.driver_connection.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            [found] = copy.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise StoreUnavailable("the copy is damaged: so is the store, or the disk", hint=_DAMAGED_HINT)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        _named(beside, to)
    except FileExistsError:
        raise _there_already(to) from None
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}", hint="name a file elsewhere") from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _part_of(to: Path) -> Path:
    """A new file of its own beside `to`, for this user only: another backup may be under way."""
    descriptor, name = tempfile.mkstemp(prefix=f".{to.name}.", suffix=".part", dir=to.parent)
    os.close(descriptor)
    return Path(name)


def _named(beside: Path, to: Path) -> None:
    """Give the file its name, never over another file; without hard links, which not every disk has."""
    os.close(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        beside.replace(to)
    except OSError:
        to.unlink(missing_ok=True)
        raise


def _there_already(file: Path) -> UsageError:
    return UsageError(f"{file} is already there", hint="name a new file: a backup never replaces another")


def _json(text: str) -> Any:
    """What a column of JSON holds. Raises `StoreUnavailable` for a damaged text; it stays out of the words."""
    try:
        return json.loads(text)
    except ValueError:
        raise StoreUnavailable("a text in the store is damaged", hint=_DAMAGED_HINT) from None


def _make_private(path: Path) -> None:
    """The store's own file. Raises `StoreUnavailable`."""
    try:
        _made_private(path)
    except OSError as error:
        raise StoreUnavailable(f"the store {path} cannot be opened: {error.strerror}", hint=_FOLDER_HINT) from error


def _made_private(path: Path) -> None:
    """Make the file, readable for its owner only: it holds people's data. SQLite's companions take after it.

    One that is there is not opened: closing it would let go of every lock that other connections of this process have
    on it (POSIX), and another process would take itself for the last one and throw the log beside it away.
    """
    if path.exists():
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return
    with suppress(FileExistsError):  # another process has made it meanwhile
        os.close(os.open(path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _as_it_should_be(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # the driver must not begin transactions by itself
        # A byte of a damaged file must not make all rows of an answer unreadable, nor stand in an error's words.
        raw.text_factory = partial(str, encoding="utf-8", errors="replace")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute(f"PRAGMA cache_size=-{_CACHE_KIBIBYTES}")

    @event.listens_for(engine, "begin")
    def begun(at: Connection) -> None:
        # Straight to the driver: SQLAlchemy's care for a statement costs more than the verb, some fifty times a run.
        writes = at.get_execution_options().get(_WRITES)
        driver: Any = at.connection.driver_connection
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
