"""What was decided, and each lead's way through stages and owners."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import polars as pl
from sqlalchemy import Connection

from crmsync.faces import LateModule
from crmsync.store import history, owners, stays
from crmsync.store.faces.face import Face
from crmsync.store.history import StageMove
from crmsync.store.owners import OwnerMove

if TYPE_CHECKING:
    from crmsync.store import decisions, earlier_stages, journal, unanswered
    from crmsync.store.decisions import Decision
else:  # what few commands need
    decisions, earlier_stages, journal, unanswered = (
        LateModule(f"crmsync.store.{name}") for name in ("decisions", "earlier_stages", "journal", "unanswered")
    )


class History(Face):
    """What was decided, and each lead's way through stages and owners."""

    def record(
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
        earlier runs still intended for these leads is superseded. Of the others the CRM's changes are answered.
        """

        def record(at: Connection, number: int) -> None:
            decisions.record(at, number, decided, policy_digest=policy_digest, as_of=as_of, keep_due=keep_due)
            journal.drop_unwanted(at, number, run_id, set(decided["lead"]), now)
            unanswered.drop(at, number, set(decided["lead"]).difference(keep_due))

        self._write(connection, record)

    def decisions(self, connection: str, leads: Sequence[str]) -> Mapping[str, Decision]:
        """The last decision on each of these leads that has one."""
        return self._read(connection, lambda at, number: decisions.read(at, number, leads))

    def stages_of(self, connection: str, lead: str) -> tuple[StageMove, ...]:
        """The lead's way through the stages, oldest first, also after it has left the working set."""
        return self.stages(connection, [lead])[lead]

    def stages(self, connection: str, leads: Sequence[str]) -> dict[str, tuple[StageMove, ...]]:
        """The same for many leads by one question; every lead asked for has an entry."""
        return self._read(connection, lambda at, number: history.of_leads(at, number, leads))

    def unasked(self, connection: str, fields: Sequence[str], *, limit: int) -> pl.DataFrame:
        """The next leads whose earlier stages the CRM was not asked for; see `crmsync.store.earlier_stages`."""
        return self._read(connection, lambda at, number: earlier_stages.unasked(at, number, fields, limit))

    def remember_earlier(
        self, connection: str, fields: Sequence[str], asked: pl.DataFrame, states: pl.DataFrame
    ) -> None:
        """What the CRM's history told of these leads, and that they were asked for."""

        def remember(at: Connection, number: int) -> None:
            earlier_stages.remember(at, number, fields, asked, states)

        self._write(connection, remember)

    def earlier_stages(self, connection: str) -> pl.DataFrame:
        """What leads' stage fields held before they were first seen; schema EARLIER."""
        return self._read(connection, earlier_stages.read)

    def stays_of_left(self, connection: str) -> pl.DataFrame:
        """The way through the stages of every lead that has left the working set; see `crmsync.store.stays`."""
        return self._read(connection, stays.of_left)

    def owner_moves(self, connection: str, leads: Collection[str]) -> Mapping[str, OwnerMove]:
        """The last time crmsync gave each of these leads an owner, with how the owner was found."""
        return self._read(connection, lambda at, number: owners.last_moves(at, number, leads))

    def owners_given(self, connection: str) -> Mapping[str, datetime]:
        """Lead → when crmsync gave it to its present owner, of leads where it did."""
        return self._read(connection, owners.given)
