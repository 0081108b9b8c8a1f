"""What the CRM holds, as last read, and which leads to look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import func, select

from crmsync.faces import LateModule
from crmsync.model import Batch, FactType
from crmsync.store import bookkeeping, owners
from crmsync.store.due import mark_due
from crmsync.store.encoding import day_number
from crmsync.store.faces.face import Face
from crmsync.store.gather import (
    due_among,
    due_count,
    first_leads,
    gather,
    lead_names,
    lead_owners,
    lead_persons,
    leads_by_stage,
    leads_with,
    open_leads,
    stored_among,
    unmanaged,
    unmanaged_count,
)
from crmsync.store.tables import leads

if TYPE_CHECKING:
    from crmsync.store import accounts, left, pulled, remember, search, unread
    from crmsync.store.pulled import Missing, Pulled, Remembered
else:  # what few commands need
    accounts, left, pulled, remember, search, unread = (
        LateModule(f"crmsync.store.{name}") for name in ("accounts", "left", "pulled", "remember", "search", "unread")
    )


class StoredFacts(Face):
    """What the CRM holds, as last read, and which leads to look at."""

    def remember(
        self,
        connection: str,
        parts: Iterable[Pulled],
        *,
        today: date,
        complete: bool = False,
        missing: Missing | None = None,
    ) -> Remembered:
        """Take in a pull, part by part; see `crmsync.store.remember`. `today` is a day in the org's zone."""
        number = self._numbers[connection]
        return remember.remember(
            self._database, number, parts, complete=complete, today=today, missing=missing or pulled.Missing()
        )

    def due_count(self, connection: str, as_of: date) -> int:
        """How many leads are to be looked at on this day."""
        return self._read(connection, lambda at, number: due_count(at, number, as_of))

    def come_due(self, connection: str, *, after: date, by: date) -> int:
        """How many leads are to be looked at on one of the days behind `after` up to `by`, and not before."""
        since = (leads.c.due_on > day_number(after)) & (leads.c.due_on <= day_number(by))
        mine = select(func.count()).select_from(leads).where(since)
        return self._read(
            connection, lambda at, number: at.execute(mine.where(leads.c.connection_id == number)).scalar_one()
        )

    def due_among(self, connection: str, leads: Collection[str], as_of: date) -> tuple[str, ...]:
        """Those of these leads that are to be looked at on this day, in the order of their ids."""
        return self._read(connection, lambda at, number: due_among(at, number, leads, as_of))

    def leads_of_connection(self, connection: str, *, limit: int) -> tuple[str, ...]:
        """The first leads of the working set, in the order of their ids."""
        return self._read(connection, lambda at, number: first_leads(at, number, limit))

    def stored_among(self, connection: str, leads: Collection[str]) -> frozenset[str]:
        """Those of these leads that are in the working set."""
        return self._read(connection, lambda at, number: stored_among(at, number, leads))

    def left_with_everything(self, connection: str, leads: Collection[str]) -> frozenset[str]:
        """Those of these leads that had left the working set, and of whose activities none is stored."""
        return self._read(connection, lambda at, number: left.with_everything(at, number, leads))

    def leads_with(self, connection: str, activities: Collection[str]) -> frozenset[str]:
        """Whose these activities (`<object>:<native id>`) are, by what is stored."""
        return self._read(connection, lambda at, number: leads_with(at, number, activities))

    def cursors(self, connection: str) -> Mapping[str, str]:
        """Object → where its last remembered pull ended."""
        return self._read(connection, bookkeeping.read_cursors)

    def leads_by_stage(self, connection: str) -> dict[str, int]:
        """Stage of the policy → how many leads of the working set stand in it; none, for those in no such stage."""
        return self._read(connection, leads_by_stage)

    def lead_count(self, connection: str) -> int:
        """How many leads are in the working set."""
        mine = select(func.count()).select_from(leads)
        return self._read(
            connection, lambda at, number: at.execute(mine.where(leads.c.connection_id == number)).scalar_one()
        )

    def gather(
        self,
        connection: str,
        as_of: date,
        *,
        fact_types: Mapping[str, FactType],
        everything: bool = False,
        leads: Collection[str] | None = None,
        also: Collection[str] = (),
        batch_size: int = 100_000,
        with_stays: bool = False,
    ) -> Iterator[Batch]:
        """Due leads and those in `also`, all, or the named ones, in the order of their ids.

        `activities` come without `by_role`. `with_stays`: with each lead's way through the stages.
        """
        return gather(
            self._database,
            self._numbers[connection],
            as_of,
            everything=everything,
            only=leads,
            also=also,
            fact_types=fact_types,
            batch_size=batch_size,
            with_stays=with_stays,
        )

    def lead_names(self, connection: str, leads: Collection[str]) -> Mapping[str, str]:
        """Lead → name and company, for people's eyes."""
        return self._read(connection, lambda at, number: lead_names(at, number, leads))

    def leads_called(self, connection: str, words: Sequence[str], *, most: int) -> tuple[str, ...]:
        """At most so many leads of which each word stands in name, company or e-mail, by name."""
        return self._read(connection, lambda at, number: search.leads_called(at, number, words, most))

    def lead_persons(self, connection: str, leads: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Lead → name, e-mail address and company: what no message may hold."""
        return self._read(connection, lambda at, number: lead_persons(at, number, leads))

    def mark_due(self, connection: str, leads: Collection[str]) -> None:
        """These leads, as far as they are in the working set, are to be looked at in the next run."""
        ids = pl.Series(list(leads), dtype=pl.String)
        self._write(connection, lambda at, number: mark_due(at, number, ids))

    def lead_owners(
        self,
        connection: str,
        *,
        emails: Collection[str] | None = None,
        fact_types: Mapping[str, FactType] = MappingProxyType({}),
    ) -> pl.DataFrame:
        """`lead, email, company, created_at, owner, owner_edited_on` and these facts of stored leads.

        Those with these e-mails, or all.
        """
        return lead_owners(self._database, self._numbers[connection], emails, fact_types)

    def accounts(self, connection: str) -> pl.DataFrame:
        """The CRM's own accounts, customers and open opportunities; schema ACCOUNTS, by the mapping's entries."""
        return self._read(connection, accounts.read)

    def unmanaged(self, connection: str) -> pl.DataFrame:
        """`stage_native`, the `count` of leads in this stage that nothing manages, and one `lead` of each."""
        return self._read(connection, unmanaged)

    def unmanaged_count(self, connection: str) -> int:
        """How many leads nothing manages."""
        return self._read(connection, unmanaged_count)

    def unread(self, connection: str) -> pl.DataFrame:
        """What the latest reading of each record could make nothing of.

        `part, name, field, value`, the `count` of records and one `lead` of each, most frequent first.
        """
        return self._read(connection, unread.read_grouped)

    def leads_of(self, connection: str, people: Collection[str]) -> tuple[str, ...]:
        """Stored leads whose owner is one of these native users, in the order of their ids."""
        return self._read(connection, lambda at, number: owners.leads_of(at, number, people))

    def waiting(
        self,
        connection: str,
        stages: Collection[str],
        queues: Collection[str],
        *,
        only: Collection[str] | None = None,
    ) -> tuple[str, ...]:
        """Leads in these stages, or an empty one, without an owner or in these queues, whom no run has set aside.

        `only`: of these leads.
        """
        return self._read(connection, lambda at, number: owners.waiting(at, number, stages, queues, only))

    def leads_held(self, connection: str, people: Collection[str | None]) -> Mapping[str | None, int]:
        """Native owner (null = nobody) → stored leads, of these owners."""
        return self._read(connection, lambda at, number: owners.leads_held(at, number, people))

    def open_leads(self, connection: str, stages: Collection[str]) -> Mapping[str, int]:
        """Native owner id → number of leads in one of these stages or with an empty one."""
        return open_leads(self._database, self._numbers[connection], stages)
