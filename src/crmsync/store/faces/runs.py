"""Runs, and what the admin's files and the CRM's set-up looked like at the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from crmsync.faces import LateModule
from crmsync.store import bookkeeping
from crmsync.store.bookkeeping import Breach, ReadRuns, RunKind, RunRecord
from crmsync.store.damage import damaged_store
from crmsync.store.faces.face import Face

if TYPE_CHECKING:
    from crmsync.model import SetAside
    from crmsync.store import future, journal, set_aside, tidy, undone
    from crmsync.store.tidy import OlderThan, Tidied
else:  # what few commands need
    future, journal, set_aside, tidy, undone = (
        LateModule(f"crmsync.store.{name}") for name in ("future", "journal", "set_aside", "tidy", "undone")
    )

_MOST_DAMAGED = 20
"""So many runs that can no longer be read are passed over."""


class Runs(Face):
    """Runs, and what the admin's files and the CRM's set-up looked like at the time."""

    def identity(self) -> str:
        """What tells this store, and copies of it, from any other."""
        with self._database.reading() as at:
            return bookkeeping.store_identity(at)

    def start(
        self,
        connection: str,
        *,
        now: datetime,
        dry_run: bool,
        kind: RunKind = "run",
        by: str | None = None,
        undo_of: int | None = None,
        plan_of: int | None = None,
        partial: bool = False,
    ) -> int:
        """Note that a run has begun; its number. See `RunRecord`. `partial`: it looks at some of the leads only."""

        def start(at: Connection, number: int) -> int:
            return bookkeeping.start_run(
                at, number, now, dry_run=dry_run, kind=kind, by=by, undo_of=undo_of, plan_of=plan_of, partial=partial
            )

        return self._write(connection, start)

    def end(
        self,
        connection: str,
        run_id: int,
        *,
        now: datetime,
        exit_code: int,
        counts: Mapping[str, int],
        plan: str | None = None,
        breaches: Sequence[Breach] = (),
        measures: Mapping[str, float] = MappingProxyType({}),
        aside: Sequence[SetAside] = (),
    ) -> None:
        """Note how the run ended. See `RunRecord`. `aside`: leads that it could not handle, or part of them."""

        def end(at: Connection, number: int) -> bool:
            set_aside.keep(at, number, run_id, aside)
            bookkeeping.end_run(at, run_id, now, exit_code, counts, plan=plan, breaches=breaches, measures=measures)
            journal.keep_ends(at, number, run_id)
            return bool(bookkeeping.undone_runs(at, number))

        if self._write(connection, end):
            self._keep_undone(connection)

    def _keep_undone(self, connection: str) -> None:
        """Compared beside those who write: of many changes it takes seconds."""
        if texts := self._read(connection, undone.to_keep):
            self._write(connection, lambda at, _: undone.keep_undone(at, texts))

    def drop(self, connection: str, run_id: int) -> None:
        """Let there have been no such run: one that a slip of its caller's ended before anything was decided."""
        self._write(connection, lambda at, _: bookkeeping.drop_run(at, run_id))

    def last(self, connection: str, *, limit: int | None = 20, with_told: bool = True) -> tuple[RunRecord, ...]:
        """The last runs, newest first; null = all. Those that can no longer be read are left out.

        `with_told`: also those that read what the CRM told by itself. They come by the second and look at a few
        leads: they say nothing of when everybody was looked at, nor of how the connection stands.
        """
        return self.read(connection, limit=limit, with_told=with_told).records

    def read(self, connection: str, *, limit: int | None = 20, with_told: bool = True) -> ReadRuns:
        """The same, and which of them can no longer be read."""
        found = self._read(
            connection, lambda at, number: bookkeeping.read_runs(at, number, limit, with_told=with_told)
        )
        return found or ReadRuns(())

    def last_to_write(self, connection: str) -> RunRecord | None:
        """The newest run that was to write and has ended, those of tellings aside; however many dry runs came since.

        Those that can no longer be read are left out.
        """
        found = self._read(
            connection,
            lambda at, number: bookkeeping.read_runs(at, number, _MOST_DAMAGED, with_told=False, wrote=True),
        )
        return next(iter(found.records), None) if found else None

    def last_of_everybody(self, connection: str) -> RunRecord | None:
        """The same of those that looked at all leads: no plan carried out, nothing taken back, no part."""
        found = self._read(
            connection, lambda at, number: bookkeeping.read_runs(at, number, _MOST_DAMAGED, of_everybody=True)
        )
        return next(iter(found.records), None) if found else None

    def one(self, connection: str, run_id: int) -> RunRecord | None:
        """The connection's run of this number. Raises `StoreUnavailable` when what is stored of it is damaged."""
        found = self._read(connection, lambda at, number: bookkeeping.read_runs(at, number, run_id=run_id))
        if found and found.damaged:
            raise damaged_store(f"what is kept of run {run_id}")
        return found.records[0] if found and found.records else None

    def connection_of(self, run_id: int) -> str | None:
        """The connection of the run of this number; null when there is no such run."""
        with self._database.reading() as at:
            return bookkeeping.connection_of(at, run_id)

    def undone(self, connection: str) -> Mapping[int, int]:
        """Run → the run that it takes back, of those that take one back."""
        return self._read(connection, bookkeeping.undone_runs)

    def carried_out(self, connection: str, plan_of: int) -> tuple[int, ...]:
        """Runs that have carried out, or begun to, the plan that the run of this number had made."""
        return self._read(connection, lambda at, number: bookkeeping.carried_out(at, number, plan_of))

    def set_aside(self, connection: str, run_id: int) -> tuple[SetAside, ...]:
        """Leads that the run could not handle, or part of them: the first thousand."""
        return self._read(connection, lambda at, number: set_aside.of_run(at, number, run_id))

    def put_right(self, connection: str, *, now: datetime, today: date) -> Mapping[str, int]:
        """Let times of the future, left by a clock that ran ahead, be now; what was changed → how many.

        `today`: in the org's zone.
        """
        return self._write(connection, lambda at, number: future.put_right(at, number, now=now, today=today))

    def tidy(self, connection: str, older_than: OlderThan, *, only_count: bool = False) -> Tidied:
        """Let go what is old and needed by nothing; `only_count`: say how much that would be. See `store.tidy`."""
        return self._write(connection, lambda at, number: tidy.tidy(at, number, older_than, only_count=only_count))

    def digests(self, connection: str) -> Mapping[str, str]:
        """What policy, roster and mapping looked like when they were last carried out, by name."""
        return self._read(connection, bookkeeping.read_digests)

    def set_digests(self, connection: str, digests: Mapping[str, str]) -> None:
        """Replace the named digests."""
        self._write(connection, lambda at, number: bookkeeping.set_digests(at, number, digests))

    def snapshot(self, connection: str) -> str | None:
        """The CRM's set-up (zone, users, fields) as last seen; null before the first run. Opaque to the store."""
        return self._read(connection, bookkeeping.read_snapshot)

    def other_snapshots(self, connection: str) -> Mapping[str, str]:
        """The same of every other connection that the store has read, configured or not, by name."""
        return self._read(connection, bookkeeping.other_snapshots)

    def set_snapshot(self, connection: str, snapshot: str) -> None:
        """Replace it, where it is another one: else nothing is written, and nobody waits for the disk."""
        if self.snapshot(connection) != snapshot:
            self._write(connection, lambda at, number: bookkeeping.set_snapshot(at, number, snapshot))
