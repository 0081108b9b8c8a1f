"""Leads that people keep for themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from crmsync.store import left_alone
from crmsync.store.due import mark_due
from crmsync.store.faces.face import Face
from crmsync.store.left_alone import Hold, Overruled


class LeftAloneLeads(Face):
    """Leads that people keep for themselves: held, pinned, and where our value was replaced."""

    def hold(self, connection: str, hold: Hold) -> None:
        """Hold a lead, which is looked at in the next run; an earlier hold of it is replaced."""

        def put(at: Connection, number: int) -> None:
            left_alone.put_hold(at, number, hold)
            mark_due(at, number, pl.Series([hold.lead], dtype=pl.String))

        self._write(connection, put)

    def release(self, connection: str, lead: str, *, now: datetime) -> tuple[int, int, bool]:
        """Let crmsync go on with the lead, which is looked at in the next run.

        How many holds ended, how many overrulings count no more, whether what a run had written was taken back there.
        """

        def let_go(at: Connection, number: int) -> tuple[int, int, bool]:
            mark_due(at, number, pl.Series([lead], dtype=pl.String))
            return left_alone.release(at, number, lead, now)

        return self._write(connection, let_go)

    def holds(self, connection: str) -> tuple[Hold, ...]:
        """All holds, those that are over, too, by the leads' ids."""
        return self._read(connection, left_alone.read_holds)

    def pinned(self, connection: str) -> tuple[str, ...]:
        """Leads of which the CRM says: leave alone; by their ids."""
        return self._read(connection, left_alone.pinned)

    def undone(self, connection: str) -> Mapping[str, date]:
        """Lead → the day on which what a run had written there was taken back."""
        return self._read(connection, left_alone.undone)

    def count(self, connection: str, *, undone_since: date | None, but: Collection[str]) -> tuple[int, int]:
        """How many leads are pinned, and how many others were taken back on this day or later (null = none counts);
        all but these few leads.
        """
        return self._read(connection, lambda at, number: left_alone.count(at, number, undone_since, but))

    def overruled(
        self, connection: str, *, leads: Collection[str] | None = None, counting: bool = False
    ) -> tuple[Overruled, ...]:
        """Times that a value of ours was found replaced, oldest first: of these leads, or of all.

        `counting`: only those since a person last let crmsync go on.
        """
        return self._read(
            connection, lambda at, number: left_alone.read_overruled(at, number, only=leads, counting=counting)
        )

    def name_actors(self, connection: str, actors: Mapping[int, Mapping[str, Any]]) -> None:
        """Remember who did it, by the number of the overruling."""
        if actors:
            self._write(connection, lambda at, _: left_alone.set_actors(at, actors))
