"""Runs, and what the admin's files and the CRM's set-up looked like at the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from crmsync.store import bookkeeping, future
from crmsync.store.bookkeeping import RunRecord
from crmsync.store.faces.face import Face


class Runs(Face):
    """Runs, and what the admin's files and the CRM's set-up looked like at the time."""

    def start(self, connection: str, *, now: datetime, dry_run: bool) -> int:
        """Note that a run has begun; its number."""
        return self._write(connection, lambda at, number: bookkeeping.start_run(at, number, now, dry_run=dry_run))

    def end(self, connection: str, run_id: int, *, now: datetime, exit_code: int, counts: Mapping[str, int]) -> None:
        """Note how the run ended."""
        self._write(connection, lambda at, _: bookkeeping.end_run(at, run_id, now, exit_code, counts))

    def last(self, connection: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """The last runs, newest first."""
        return self._read(connection, lambda at, number: bookkeeping.read_runs(at, number, limit))

    def put_right(self, connection: str, *, now: datetime, today: date) -> Mapping[str, int]:
        """Let times of the future, left by a clock that ran ahead, be now; what was changed → how many.

        `today`: in the org's zone.
        """
        return self._write(connection, lambda at, number: future.put_right(at, number, now=now, today=today))

    def digests(self, connection: str) -> Mapping[str, str]:
        """What policy, roster and mapping looked like when they were last carried out, by name."""
        return self._read(connection, bookkeeping.read_digests)

    def set_digests(self, connection: str, digests: Mapping[str, str]) -> None:
        """Replace the named digests."""
        self._write(connection, lambda at, number: bookkeeping.set_digests(at, number, digests))

    def snapshot(self, connection: str) -> str | None:
        """The CRM's set-up (zone, users, fields) as last seen; null before the first run. Opaque to the store."""
        return self._read(connection, bookkeeping.read_snapshot)

    def set_snapshot(self, connection: str, snapshot: str) -> None:
        """Replace it."""
        self._write(connection, lambda at, number: bookkeeping.set_snapshot(at, number, snapshot))
