"""What crmsync means to write and what became of it, with the rotation turns that go with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import polars as pl
from sqlalchemy import Connection

from crmsync.model import Change
from crmsync.store import journal, outcomes, owners, rotation, undone
from crmsync.store.due import mark_due
from crmsync.store.entries import EntryState, JournalEntry
from crmsync.store.faces.face import Face
from crmsync.store.outcomes import Settlement
from crmsync.store.owners import StoredCredit
from crmsync.store.rotation import Turns
from crmsync.store.undone import Undone


class Journal(Face):
    """What crmsync means to write and what became of it, with the rotation turns that go with it."""

    def intend(
        self,
        connection: str,
        run_id: int,
        changes: Sequence[Change],
        turns: Mapping[tuple[str, str], Turns],
        *,
        now: datetime,
        given_back: Collection[str] = (),
        credits: Collection[int] = (),
    ) -> None:
        """Journal the changes as intended and set the rotation counters, all or nothing.

        `turns`: what routing made of `turns()` and `reserved_turns()`; a lead that uses its reserved turn is not
        counted again. `given_back`: leads whose reserved turn routing took out of the counters. `credits`: those
        that `turns` takes account of.
        """

        def intend(at: Connection, number: int) -> None:
            journal.intend(at, number, run_id, changes, turns=turns, given_back=given_back, now=now)
            owners.settle_credits(at, credits)

        self._write(connection, intend)

    def pending(self, connection: str) -> tuple[JournalEntry, ...]:
        """Entries still intended."""
        return self.entries(connection, state="intended")

    def any(self, connection: str) -> bool:
        """Whether anything was ever intended for this connection."""
        return self._read(connection, journal.any_entry)

    def any_open(self, connection: str) -> bool:
        """Whether anything is still intended, be it readable or not."""
        return self._read(connection, lambda at, number: journal.any_entry(at, number, "intended"))

    def close_damaged(self, connection: str, *, now: datetime) -> tuple[str, ...]:
        """Supersede intended entries that can no longer be read; the leads, which are due then."""

        def closed(at: Connection, number: int) -> tuple[str, ...]:
            damaged = journal.close_damaged(at, number, now)
            mark_due(at, number, pl.Series(damaged, dtype=pl.String))
            return damaged

        return self._write(connection, closed)

    def record_outcomes(
        self, connection: str, settlements: Sequence[Settlement], *, now: datetime, today: date
    ) -> tuple[float, ...]:
        """Close open entries with everything that follows from it, all or nothing; see `crmsync.store.outcomes`.

        Gives, of each change of the CRM that is answered by what was written, the seconds that it had waited.
        """
        if not settlements:
            return ()
        return self._write(
            connection, lambda at, number: outcomes.record(at, number, settlements, now=now, today=today)
        )

    def entries(
        self,
        connection: str,
        *,
        state: EntryState | None = None,
        run_id: int | None = None,
        leads: Sequence[str] | None = None,
    ) -> tuple[JournalEntry, ...]:
        """The journal, oldest first; of these leads, or of all."""

        def entries(at: Connection, number: int) -> tuple[JournalEntry, ...]:
            return journal.read_entries(at, number, state=state, run_id=run_id, only=leads)

        return self._read(connection, entries)

    def page(self, connection: str, run_id: int, *, after: str | None, most: int) -> tuple[JournalEntry, ...]:
        """One run's entries for the leads behind `after`, at most so many, in the order of the leads' ids."""
        return self._read(
            connection, lambda at, number: journal.read_page(at, number, run_id, after=after, most=most)
        )

    def told_since_everybody(self, connection: str) -> tuple[JournalEntry, ...]:
        """What runs of tellings intended since the last run that looked at everybody, oldest first."""
        return self._read(connection, journal.read_told_since_everybody) or ()

    def ends(self, connection: str, runs: Collection[int]) -> Mapping[int, Mapping[EntryState, int]]:
        """Run → state → how many of its entries are in it, of these runs of the connection."""
        return self._read(connection, lambda at, _: journal.count_ends(at, runs))

    def taken_back(self, connection: str, runs: Collection[int]) -> Mapping[int, Undone]:
        """What was taken back and stands so, of those of these runs of which something was."""
        return self._read(connection, lambda at, number: undone.read_undone(at, number, runs))

    def turns(self, connection: str) -> Mapping[tuple[str, str], Turns]:
        """(pool, native owner id) → rotation counter. It counts reserved turns too."""
        return self._read(connection, rotation.read_turns)

    def replace_turns(self, connection: str, turns: Mapping[tuple[str, str], Turns]) -> None:
        """Put these counters in the place of all of the connection's: counters that come from another store."""
        self._write(connection, lambda at, number: rotation.replace_turns(at, number, turns))

    def reserved_turns(self, connection: str) -> Mapping[str, tuple[str, str]]:
        """Lead → (pool, native owner id): turns that count already and wait for their lead."""
        return {entry.change.lead: entry.turn for entry in self.pending(connection) if entry.turn}

    def open_credits(self, connection: str) -> tuple[StoredCredit, ...]:
        """Leads given by people or returned that no run's turns take account of yet, oldest first."""
        return self._read(connection, owners.open_credits)
