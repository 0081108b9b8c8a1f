"""PostgreSQL as the store wants it: writes to one connection's rows one after the other, readers see one state.

A writing transaction first waits for its turn (an advisory lock, freed with the transaction), so that it never fails
half-way because another one came between its reading and its writing; writes to several connections go on side by
side. A lead's texts hold no zero byte (`crmsync.sdk` cleans them), which is all that PostgreSQL's texts cannot hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DDL, URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.store.dialects.engines import SharedEngines
from crmsync.store.locks.lease import TURNS, Leases
from crmsync.store.tables import lead_search_blocks, leads, metadata

LOCK_SECONDS = 60
"""How long a transaction waits for its turn."""

IDLE_SECONDS = 30
"""After so long the server ends a transaction whose process has stopped in the middle of it."""

_STORE, _CONNECTION = 0x63726D73, TURNS
"""The two kinds of advisory locks: the whole store, and one connection's rows."""

_PLANNING = "-c random_page_cost=1.1"
"""What a page costs that is not the next one, where the store's address says nothing else. The server's own 4 is that
of disks that turn: by it a plan's 500 MB are read from end to end where an index of 120 MB holds all that is asked.
"""

_CONNECT_ARGS = {
    "connect_timeout": 10,
    "application_name": "crmsync",
    # A network that is gone is noticed in half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": f"-c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
}

for _index in (index for table in metadata.tables.values() for index in table.indexes):
    # said here and not with the tables, where it would load SQLAlchemy's part for PostgreSQL at every start
    _index.dialect_options["postgresql"]["where"] = _index.dialect_options["sqlite"]["where"]


# Leads are counted from their indexes, for which the server looks at each page that has changed since it was last
# cleaned. By itself it cleans a table of which a fifth has changed: of a million leads once in days.
leads.dialect_options["postgresql"]["with"] = {"autovacuum_vacuum_scale_factor": 0.02}


# What many leads are called is looked through whole: to unpack it first takes longer than to read it.
_unpacked = DDL("ALTER TABLE lead_search_blocks ALTER COLUMN texts SET STORAGE EXTERNAL")  # type: ignore[no-untyped-call]
event.listen(lead_search_blocks, "after_create", _unpacked.execute_if(dialect="postgresql"))


class PostgresqlDatabase:
    """A database of a PostgreSQL server. Raises `UsageError` where its driver is not installed."""

    shared = True
    driver_errors = (SQLAlchemyError,)

    def __init__(self, url: URL) -> None:
        self.name = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        try:
            self.engine = _ENGINES.take(url.set(drivername="postgresql+psycopg"), self)
        except ModuleNotFoundError:
            raise UsageError(
                "the store is in PostgreSQL, and its driver is not installed", hint="install `crmsync[postgresql]`"
            ) from None
        self._leases = Leases(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database, and changes nothing."""
        with self.engine.connect() as at:
            at.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield at

    @contextmanager
    def writing(self, connection_id: int | None) -> Iterator[Connection]:
        """A transaction that has waited for its turn, and whose run still holds the connections it was let into."""
        with self.engine.connect() as at, at.begin():
            if connection_id is None:
                at.execute(text("SELECT pg_advisory_xact_lock(:kind, 0)"), {"kind": _STORE})
            else:
                at.execute(text("SELECT pg_advisory_xact_lock_shared(:kind, 0)"), {"kind": _STORE})
                at.execute(
                    text("SELECT pg_advisory_xact_lock(:kind, :of)"), {"kind": _CONNECTION, "of": connection_id}
                )
            self._leases.fence(at)
            yield at

    def write_ahead(self) -> None:
        """Nothing to do: readers never wait for writers here."""

    def write_anew(self) -> None:
        """Write all tables anew, and what the server notes of their values. Its log and copies are its keeper's.

        Statistics list values that are frequent or lie between others: names, in a table of leads. Who does not own
        the database may not write those anew; then the former ones stay in their file until the server has done so.
        """
        with closing(self.engine.connect()) as at:
            at.execution_options(isolation_level="AUTOCOMMIT")
            for name in (*(table.name for table in metadata.sorted_tables), "pg_statistic"):
                how = "FULL" if name == "pg_statistic" else "FULL, ANALYZE"
                at.execute(text(f'VACUUM ({how}) "{name}"'))

    def back_up(self, to: Path) -> None:
        """Raises `UsageError`: the server has its own ways, and `crmsync store copy` makes a file of it."""
        raise UsageError(
            f"{self.name} is backed up by its server's own means, such as pg_dump",
            hint=f"a copy as a file: `crmsync store copy {self.name} {to}`",
        )

    def hold(self, connection: str, number: Callable[[], int], now: datetime) -> AbstractContextManager[None]:
        """A lease on the connection, renewed as long as the block runs."""
        return self._leases.hold(connection, number(), now)

    def still_held(self) -> None:
        """A look at the leases."""
        with self.engine.begin() as at:
            for number in self._leases.held:
                at.execute(
                    text("SELECT pg_advisory_xact_lock_shared(:kind, :of)"), {"kind": _CONNECTION, "of": number}
                )
            self._leases.fence(at)

    def abandoned(self) -> Collection[int]:
        """A look at the leases."""
        return self._leases.abandoned()

    def close(self) -> None:
        """Give the sessions back, once nobody of this process works with the database."""
        _ENGINES.give_back(self.engine, self)

    def unavailable(self, error: Exception) -> StoreUnavailable:
        """PostgreSQL's complaint with the next step: its code and its first line, never its details."""
        return _unavailable(self.name, error)


def _engine(url: URL) -> Engine:
    given = dict(_CONNECT_ARGS)
    given |= {name: value for name, value in url.query.items() if name in given}
    given["options"] = f"{_PLANNING} {url.query.get('options', '')} {_CONNECT_ARGS['options']}"  # the last one counts
    # Parameters are people's data: they stay out of messages. As many sessions as a service has threads at work.
    return create_engine(
        url.difference_update_query(given),
        hide_parameters=True,
        max_overflow=-1,
        connect_args=given,
        pool_pre_ping=True,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=True),
    )


_ENGINES = SharedEngines(_engine)


def _unavailable(name: str, error: Exception) -> StoreUnavailable:
    cause: Any = error.orig if isinstance(error, DBAPIError) else None
    if cause is None:
        words, hint = type(error).__name__, "run again; if it stays, look at the database's own log"
    else:
        words, hint = _meaning(str(getattr(cause, "sqlstate", None) or _state_in(str(cause))))
    return StoreUnavailable(f"the store {name} cannot be used: {words}", hint=hint)


def _state_in(words: str) -> str:
    """The code of a refusal to connect: the driver passes on the server's words only, in English or not at all."""
    if "authentication failed" in words or re.search(r'role "[^"]*" does not exist|no pg_hba.conf entry', words):
        return "28000"
    if "too many clients" in words or re.search(r"remaining connection slots|too many connections for", words):
        return "53300"
    return "3D000" if re.search(r'database "[^"]*" does not exist', words) else ""


def _meaning(state: str) -> tuple[str, str]:
    """What a code of PostgreSQL (appendix A of its manual) means here, and the next step."""
    known = {
        "3D000": ("there is no such database", "make it (`createdb`), or name another one"),
        "42501": ("this user may not do that", "let the user make and change tables in this database"),
        "55P03": (
            f"another process has kept rows locked for {LOCK_SECONDS} seconds",
            "run again when that process has ended",
        ),
        "25P03": (
            f"the server has ended a transaction in which this process stood still for {IDLE_SECONDS} seconds",
            "run again; what it had half done is undone",
        ),
        "53100": ("the server has no room left", "free some space on the server and run again"),
        "53300": ("the server takes no more connections", "end some of them, or let it take more"),
        "25006": (
            "it takes no changes: it is a copy that follows another server",
            "name the server that is followed",
        ),
    }
    if state in known:
        return known[state]
    if state[:2] == "28":
        return "the server refuses the user or the password", "check user and password of the store's address"
    if not state or state[:2] in {"08", "57"}:
        return "the server cannot be reached, or has gone", "check its address and whether it runs, and run again"
    return f"it answers {state}", "look at the database's own log"
