"""One run at a time on a connection, across machines: a lease in the database, renewed while the run lives.

Whoever holds a connection has its row in `leases`, with a number that grows with each holder (the epoch), and renews
it from a thread of its own. It is free for another run when the holder has given it back, when the holder's session
with the database has ended (it was killed: free at once), or when it has not been renewed for `LEASE_SECONDS` (the
machine is frozen, or the network gone); a transaction in which such a holder stopped is ended then. By the epoch a
holder that wakes up again learns that it was overtaken: each of its transactions looks whether the row still bears
its own, and keeps it from a takeover until it ends. All times are the database's own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    Update,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from crmsync.errors import AnotherRunInProgress, NextStep, Overtaken
from crmsync.store.locks.holder import another_run, this_process

LEASE_SECONDS = 30
RENEW_SECONDS = 5
STILL_SECONDS = 15
"""So old is a transaction, at least, in which a holder stopped that was not heard of for `LEASE_SECONDS`."""

leases = Table(
    "leases",
    MetaData(),
    Column("connection_id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False, comment="grows with each holder"),
    Column("holder", Text, comment="JSON: pid, host and since when; null = free"),
    Column("session", Text, comment="the holder's session: its process and start on the server"),
    Column("renewed_at", BigInteger, nullable=False, comment="microseconds since 1970, by the database's clock"),
)
"""Not among the store's tables: it tells of processes, as the lock files beside an SQLite file do."""

_LEASES_LOCK = 0x63726D75
_MICROSECONDS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
_SESSION = "pid || '/' || extract(epoch FROM backend_start)"
_OWN_SESSION = text(f"SELECT {_SESSION} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608 - constants
_LIVES = text(
    f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {_SESSION} = :session) "  # noqa: S608 - likewise
    "OR extract(epoch FROM pg_postmaster_start_time()) * 1000000 > :renewed_at"
)
"""A server that was started since has ended every session, and tells nothing of their processes by that."""

TURNS = 0x63726D74
"""The kind of advisory lock that a transaction has which writes a connection's rows."""

_END = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND usename = current_user AND pid <> pg_backend_pid() "
    "AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
)
_END_WHAT_STANDS_STILL = text(
    f"{_END} AND classid = :kind AND objid = :of AND objsubid = 2 "
    "AND clock_timestamp() - xact_start > make_interval(secs => :seconds)"
)
"""Of a connection whose holder lives no more: transactions in which it stopped. What it had half done is undone."""

_END_WHO_STOPPED_TAKING = text(
    f"{_END} AND classid = 0 AND objid = :lock AND objsubid = 1 AND state LIKE 'idle in transaction%' "
    "AND clock_timestamp() - state_change > make_interval(secs => :seconds)"
)
"""Whoever stopped while it took a lease: all others wait for it. Somebody who waits himself is not idle."""

_TRY_SECONDS, _TRYING_SECONDS = 3, 60
"""How long a try to take a lease waits for others, before it looks whether they live; and how long all of them do."""

_LOCK_TIMED_OUT = "55P03"

_ENDING_SECONDS = (0.05, 0.2, 0.5)
"""How long the server may take to notice that a process is gone."""


class Leases:
    """The connections that one store holds at the moment. Threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: dict[int, tuple[str, int]] = {}

    @property
    def held(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(self._held)

    @contextmanager
    def hold(self, connection: str, connection_id: int, now: datetime) -> Iterator[None]:
        """Keep others off the connection while the block runs. Raises `AnotherRunInProgress`, naming the holder."""
        at = self._session()
        try:
            epoch = self._taken(connection, connection_id, _named(at), now)
        except BaseException:
            _close(at)
            raise
        self._held[connection_id] = (connection, epoch)
        done = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(at, connection_id, epoch, done), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()
            del self._held[connection_id]
            with suppress(SQLAlchemyError), self._engine.begin() as last:  # else it ends when nobody renews it
                last.execute(_mine(connection_id, epoch).values(holder=None, session=None))

    def fence(self, at: Connection) -> None:
        """Let the transaction go on only while nobody else has taken what this store holds, and until it ends.

        Raises `Overtaken`.
        """
        for connection_id, (connection, epoch) in list(self._held.items()):
            # Renewals change no key and go on beside this; who takes over locks the whole row, and waits.
            row = select(leases.c.epoch, leases.c.holder).where(leases.c.connection_id == connection_id)
            found = at.execute(row.with_for_update(key_share=True, read=True)).one_or_none()
            if found is None or found.epoch != epoch:
                raise Overtaken(
                    f"another run has taken over {connection}, as nothing was heard of this one for {LEASE_SECONDS} "
                    "seconds; this one writes nothing more",
                    step=NextStep("look_at_runs", "look at what the other one did: `crmsync runs`"),
                )

    def abandoned(self) -> frozenset[int]:
        """Numbers of connections whose holder has not given them back, and lives no more."""
        with self._engine.connect() as at:
            if not inspect(at).has_table(leases.name):
                return frozenset()
            moment = int(at.execute(text(f"SELECT {_MICROSECONDS}")).scalar_one())
            held = at.execute(select(leases).where(leases.c.holder.is_not(None))).all()
            return frozenset(row.connection_id for row in held if not _lives(at, row, moment))

    def _session(self) -> Connection:
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def _renew(self, at: Connection, connection_id: int, epoch: int, done: threading.Event) -> None:
        """Renew until it is done or overtaken. A session that the server has ended is replaced by a new one."""
        session: Connection | None = at
        while not done.wait(RENEW_SECONDS):
            try:
                values: dict[str, Any] = {"renewed_at": text(_MICROSECONDS)}
                if session is None:
                    session = self._session()
                    values["session"] = _named(session)
                if not session.execute(_mine(connection_id, epoch).values(values)).rowcount:
                    break
            except SQLAlchemyError:
                _close(session)
                session = None
        _close(session)

    def _taken(self, connection: str, connection_id: int, session: str, now: datetime) -> int:
        """Take the lease; its epoch. Raises `AnotherRunInProgress` while its holder lives."""
        for wait in _ENDING_SECONDS:
            with suppress(AnotherRunInProgress):
                return self._tried(connection, connection_id, session, now)
            time.sleep(wait)
        return self._tried(connection, connection_id, session, now)

    def _tried(self, connection: str, connection_id: int, session: str, now: datetime) -> int:
        until = time.monotonic() + _TRYING_SECONDS
        while True:
            self._end_what_stands_still(connection_id)
            try:
                return self._tried_once(connection, connection_id, session, now)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCK_TIMED_OUT or time.monotonic() > until:
                    raise

    def _tried_once(self, connection: str, connection_id: int, session: str, now: datetime) -> int:
        with self._engine.begin() as at:
            at.execute(text(f"SET LOCAL lock_timeout = '{_TRY_SECONDS}s'"))
            at.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LEASES_LOCK})
            leases.create(at, checkfirst=True)
            found = at.execute(select(leases).where(_of(connection_id)).with_for_update()).one_or_none()
            moment = int(at.execute(text(f"SELECT {_MICROSECONDS}")).scalar_one())
            if found is not None and found.holder is not None and _lives(at, found, moment):
                raise another_run(connection, found.holder, now)
            epoch = 1 if found is None else found.epoch + 1
            values = {"epoch": epoch, "holder": this_process(now), "session": session, "renewed_at": moment}
            if found is None:
                at.execute(leases.insert().values(connection_id=connection_id, **values))
            else:
                at.execute(leases.update().where(_of(connection_id)).values(values))
            return int(epoch)

    def _end_what_stands_still(self, connection_id: int) -> None:
        """Of machines that froze: else their locks keep everybody off for as long as the server bears them, which of
        a transaction that is in the middle of a statement is for good.
        """
        with self._engine.connect() as at:
            at.execution_options(isolation_level="AUTOCOMMIT")
            at.execute(_END_WHO_STOPPED_TAKING, {"lock": _LEASES_LOCK, "seconds": STILL_SECONDS})
            if not inspect(at).has_table(leases.name):
                return
            found = at.execute(select(leases).where(_of(connection_id))).one_or_none()
            moment = int(at.execute(text(f"SELECT {_MICROSECONDS}")).scalar_one())
            if found is None or found.holder is None or moment - found.renewed_at < LEASE_SECONDS * 1_000_000:
                return
            at.execute(_END_WHAT_STANDS_STILL, {"kind": TURNS, "of": connection_id, "seconds": STILL_SECONDS})


def _lives(at: Connection, found: Any, moment: int) -> bool:
    fresh = moment - found.renewed_at < LEASE_SECONDS * 1_000_000
    return fresh and bool(at.execute(_LIVES, {"session": found.session, "renewed_at": found.renewed_at}).scalar_one())


def _named(at: Connection) -> str:
    return str(at.execute(_OWN_SESSION).scalar_one())


def _close(at: Connection | None) -> None:
    """Ended, and not kept for the next one: a lease is free where its session is gone."""
    with suppress(SQLAlchemyError):
        if at is not None:
            at.invalidate()
            at.close()


def _of(connection_id: int) -> Any:
    return leases.c.connection_id == connection_id


def _mine(connection_id: int, epoch: int) -> Update:
    return leases.update().where(_of(connection_id), leases.c.epoch == epoch)
