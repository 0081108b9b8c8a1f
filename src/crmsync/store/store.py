"""The store as the rest of crmsync sees it: verbs on a connection's name, each one a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import polars as pl
from sqlalchemy import Connection, func, select

from crmsync.hand_off import HandOff, HandOffEvent, LiveHandOff
from crmsync.model import Batch, Change, FactType
from crmsync.store import accounts, bookkeeping, decisions, hand_offs, history, journal, outcomes, owners, rotation
from crmsync.store.bookkeeping import RunRecord
from crmsync.store.database import Database
from crmsync.store.decisions import Decision
from crmsync.store.erase import forget
from crmsync.store.gather import gather, lead_names, lead_owners, open_leads
from crmsync.store.history import StageMove
from crmsync.store.journal import Entry, EntryState
from crmsync.store.locks import file_lock as lock
from crmsync.store.migrate import bring_up_to_date
from crmsync.store.outcomes import Settlement
from crmsync.store.owners import Credit, OwnerMove
from crmsync.store.remember import Pulled, Remembered, mark_due, remember
from crmsync.store.rotation import Turns
from crmsync.store.tables import leads

_T = TypeVar("_T")


class Store:
    """Everything crmsync remembers. Every verb may raise `StoreUnavailable`; what raises has changed nothing.

    Whoever changes a connection's data holds it (`hold`). Threads may share a store.
    """

    def __init__(self, location: Path | str) -> None:
        """Open a SQLite file (or its URL), make it if need be, and migrate it."""
        self._database = Database(location)
        self._numbers: dict[str, int] = {}
        bring_up_to_date(self._database)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    def hold(self, connection: str, *, now: datetime) -> AbstractContextManager[None]:
        """Keep other runs off the connection. Raises `AnotherRunInProgress`, naming since when and which process."""
        return lock.hold(self._database.path, connection, now)

    # What the CRM holds

    def remember(
        self, connection: str, parts: Iterable[Pulled], *, today: date, complete: bool = False
    ) -> Remembered:
        """Take in a pull, part by part; see `crmsync.store.remember`. `today` is a day in the org's zone."""
        return remember(self._database, self._number(connection), parts, complete=complete, today=today)

    def cursors(self, connection: str) -> Mapping[str, str]:
        """Object → where its last remembered pull ended."""
        return self._read(connection, bookkeeping.read_cursors)

    def snapshot(self, connection: str) -> str | None:
        """The CRM's set-up (zone, users, fields) as last seen; null before the first run. Opaque to the store."""
        return self._read(connection, bookkeeping.read_snapshot)

    def set_snapshot(self, connection: str, snapshot: str) -> None:
        """Replace it."""
        self._write(connection, lambda at, number: bookkeeping.set_snapshot(at, number, snapshot))

    def lead_count(self, connection: str) -> int:
        """How many leads are in the working set."""
        mine = select(func.count()).select_from(leads)
        return self._read(
            connection, lambda at, number: at.execute(mine.where(leads.c.connection_id == number)).scalar_one()
        )

    # Whom to look at, and what was decided

    def gather(
        self,
        connection: str,
        as_of: date,
        *,
        fact_types: Mapping[str, FactType],
        everything: bool = False,
        leads: Collection[str] | None = None,
        batch_size: int = 100_000,
    ) -> Iterator[Batch]:
        """Due leads, all, or the named ones, in the order of their ids. `activities` come without `by_role`."""
        return gather(
            self._database,
            self._number(connection),
            as_of,
            everything=everything,
            only=leads,
            fact_types=fact_types,
            batch_size=batch_size,
        )

    def lead_names(self, connection: str, leads: Collection[str]) -> Mapping[str, str]:
        """Lead → name and company, for people's eyes."""
        return self._read(connection, lambda at, number: lead_names(at, number, leads))

    def mark_due(self, connection: str, leads: Collection[str]) -> None:
        """These leads, as far as they are in the working set, are to be looked at in the next run."""
        ids = pl.Series(list(leads), dtype=pl.String)
        self._write(connection, lambda at, number: mark_due(at, number, ids))

    def lead_owners(self, connection: str, *, emails: Collection[str] | None = None) -> pl.DataFrame:
        """`lead, email, company, created_at, owner` of stored leads: those with these e-mails, or all."""
        return lead_owners(self._database, self._number(connection), emails)

    def accounts(self, connection: str) -> pl.DataFrame:
        """The CRM's own accounts, customers and open opportunities; schema ACCOUNTS, in the order of their claim."""
        return self._read(connection, accounts.read)

    def leads_of(self, connection: str, people: Collection[str]) -> tuple[str, ...]:
        """Stored leads whose owner is one of these native users, in the order of their ids."""
        return self._read(connection, lambda at, number: owners.leads_of(at, number, people))

    def open_leads(self, connection: str, stages: Collection[str]) -> Mapping[str, int]:
        """Native owner id → number of leads in one of these stages or with an empty one."""
        return open_leads(self._database, self._number(connection), stages)

    def record_decisions(
        self,
        connection: str,
        run_id: int,
        decided: pl.DataFrame,
        *,
        policy_digest: str,
        as_of: date,
        now: datetime,
        keep_due: Collection[str] = (),
    ) -> None:
        """Store decisions and the days to look again; leads in `keep_due` are looked at again in the next run.

        `decided`: `lead`, `stage`, `earned_stage`, `review_day` (Date or null) and any further columns. What
        earlier runs still intended for these leads is superseded.
        """

        def record(at: Connection, number: int) -> None:
            decisions.record(at, number, decided, policy_digest=policy_digest, as_of=as_of, keep_due=keep_due)
            journal.drop_unwanted(at, number, run_id, set(decided["lead"]), now)

        self._write(connection, record)

    def last_decisions(self, connection: str, leads: Sequence[str]) -> Mapping[str, Decision]:
        """The last decision on each of these leads that has one."""
        return self._read(connection, lambda at, number: decisions.read(at, number, leads))

    def digests(self, connection: str) -> Mapping[str, str]:
        """What policy, roster and mapping looked like when they were last carried out, by name."""
        return self._read(connection, bookkeeping.read_digests)

    def set_digests(self, connection: str, digests: Mapping[str, str]) -> None:
        """Replace the named digests."""
        self._write(connection, lambda at, number: bookkeeping.set_digests(at, number, digests))

    # What is written to the CRM

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

    def pending(self, connection: str) -> tuple[Entry, ...]:
        """Entries still intended."""
        return self.entries(connection, state="intended")

    def record_outcomes(
        self, connection: str, settlements: Sequence[Settlement], *, now: datetime, today: date
    ) -> None:
        """Close open entries with everything that follows from it, all or nothing; see `crmsync.store.outcomes`."""
        if settlements:
            self._write(connection, lambda at, number: outcomes.record(at, number, settlements, now=now, today=today))

    def entries(
        self, connection: str, *, state: EntryState | None = None, run_id: int | None = None
    ) -> tuple[Entry, ...]:
        """The journal, oldest first."""
        return self._read(connection, lambda at, number: journal.read_entries(at, number, state=state, run_id=run_id))

    def turns(self, connection: str) -> Mapping[tuple[str, str], Turns]:
        """(pool, native owner id) → rotation counter. It counts reserved turns too."""
        return self._read(connection, rotation.read_turns)

    def replace_turns(self, connection: str, turns: Mapping[tuple[str, str], Turns]) -> None:
        """Put these counters in the place of all of the connection's: counters that come from another store."""
        self._write(connection, lambda at, number: rotation.replace_turns(at, number, turns))

    def reserved_turns(self, connection: str) -> Mapping[str, tuple[str, str]]:
        """Lead → (pool, native owner id): turns that count already and wait for their lead."""
        return {entry.change.lead: entry.turn for entry in self.pending(connection) if entry.turn}

    # Hand-offs

    def live_hand_offs(self, connection: str, touch_kinds: Collection[str] = ()) -> tuple[LiveHandOff, ...]:
        """Hand-offs under way, with what the CRM holds by now. `touch_kinds`: activities that are a first touch."""
        return self._read(connection, lambda at, number: hand_offs.live(at, number, touch_kinds))

    def hand_offs(
        self, connection: str, *, leads: Collection[str] | None = None, since: datetime | None = None
    ) -> tuple[HandOff, ...]:
        """Hand-offs, oldest first: of these leads; made, or still under way, since then."""
        return self._read(connection, lambda at, number: hand_offs.read(at, number, leads_only=leads, since=since))

    def attempts(self, connection: str) -> Mapping[str, int]:
        """Lead → how often it was handed off so far."""
        return self._read(connection, hand_offs.attempts)

    def record_hand_offs(self, connection: str, events: Sequence[HandOffEvent]) -> None:
        """Write what was learnt of hand-offs; times that are known already stay."""
        if events:
            self._write(connection, lambda at, _: hand_offs.record(at, events))

    def end_hand_offs(self, connection: str, *, now: datetime) -> None:
        """Stop watching all hand-offs under way."""
        self._write(connection, lambda at, number: hand_offs.end_all(at, number, now))

    def open_credits(self, connection: str) -> tuple[Credit, ...]:
        """Leads given by people or returned that no run's turns take account of yet, oldest first."""
        return self._read(connection, owners.open_credits)

    def last_owner_moves(self, connection: str, leads: Collection[str]) -> Mapping[str, OwnerMove]:
        """The last time crmsync gave each of these leads an owner, with how the owner was found."""
        return self._read(connection, lambda at, number: owners.last_moves(at, number, leads))

    # What happened

    def start_run(self, connection: str, *, now: datetime, dry_run: bool) -> int:
        """Note that a run has begun; its number."""
        return self._write(connection, lambda at, number: bookkeeping.start_run(at, number, now, dry_run=dry_run))

    def end_run(
        self, connection: str, run_id: int, *, now: datetime, exit_code: int, counts: Mapping[str, int]
    ) -> None:
        """Note how the run ended."""
        self._write(connection, lambda at, _: bookkeeping.end_run(at, run_id, now, exit_code, counts))

    def runs(self, connection: str, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """The last runs, newest first."""
        return self._read(connection, lambda at, number: bookkeeping.read_runs(at, number, limit))

    def stage_history(self, connection: str, lead: str) -> tuple[StageMove, ...]:
        """The lead's way through the stages, oldest first, also after it has left the working set."""
        return self.stage_histories(connection, [lead])[lead]

    def stage_histories(self, connection: str, leads: Sequence[str]) -> dict[str, tuple[StageMove, ...]]:
        """The same for many leads by one question; every lead asked for has an entry."""
        return self._read(connection, lambda at, number: history.of_leads(at, number, leads))

    def forget(self, connection: str, lead: str) -> None:
        """Erase a person: facts, activities, decision, history, and the values and reasons in the journal.

        Entries keep lead, owner and turn, so that counters stay right. Raises `UsageError` while a change of the
        lead is open.
        """
        self._write(connection, lambda at, number: forget(at, number, lead))

    def _number(self, connection: str) -> int:
        if connection not in self._numbers:
            with self._database.writing() as at:
                number = bookkeeping.new_connection(at, connection)
            self._numbers[connection] = number
        return self._numbers[connection]

    def _read(self, connection: str, question: Callable[[Connection, int], _T]) -> _T:
        number = self._number(connection)
        with self._database.reading() as at:
            return question(at, number)

    def _write(self, connection: str, change: Callable[[Connection, int], _T]) -> _T:
        number = self._number(connection)
        with self._database.writing() as at:
            return change(at, number)
