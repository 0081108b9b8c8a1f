"""Changes that a reading of what changed has brought and no run has answered yet: how long they wait is told.

A change is answered by a decision that leaves the lead as it is, or by a write that was verified. Nothing is decided
by these rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from crmsync.store.dialects.statements import among, bulk, insert_into, update_by
from crmsync.store.encoding import fetch, instant_number
from crmsync.store.tables import unanswered

STAMPS: Mapping[str, pl.DataType] = {"record": pl.String(), "changed_at": pl.Int64()}
"""Lead or activity, and when it was changed by the CRM's clock."""

_MICROSECONDS = 1_000_000


def note(at: Connection, connection_id: int, changed: pl.DataFrame) -> None:
    """Remember when these leads (`lead`, `changed_at`) were changed; the earliest change of each counts."""
    earliest = changed.drop_nulls().group_by("lead").agg(pl.col("changed_at").min())
    if earliest.is_empty():
        return
    known = _of(at, connection_id, earliest["lead"].to_list())
    joined = earliest.join(known, on="lead", how="left", suffix="_known")
    new = joined.filter(pl.col("changed_at_known").is_null()).select("lead", "changed_at")
    bulk(at, insert_into(unanswered), new.with_columns(connection_id=pl.lit(connection_id)).sort("lead"))
    earlier = joined.filter(pl.col("changed_at") < pl.col("changed_at_known"))
    rows = earlier.select("changed_at", _lead="lead", _connection_id=pl.lit(connection_id))
    bulk(at, update_by(unanswered, "connection_id", "lead", columns=["changed_at"]), rows)


def answer(
    at: Connection, connection_id: int, written: Sequence[str], others: Collection[str], now: datetime
) -> tuple[float, ...]:
    """The changes of all these leads are answered; seconds that those of `written` had waited by now."""
    known = _of(at, connection_id, written)["changed_at"].drop_nulls()  # null: it is damaged
    drop(at, connection_id, {*written, *others})
    until = instant_number(now)
    return tuple(max(until - since, 0) / _MICROSECONDS for since in known)


def drop(at: Connection, connection_id: int, ids: Collection[str]) -> None:
    """The changes of these leads are answered."""
    if ids:
        mine = unanswered.c.connection_id == connection_id
        at.execute(unanswered.delete().where(mine, among(unanswered.c.lead, ids)))


def _of(at: Connection, connection_id: int, ids: Sequence[str]) -> pl.DataFrame:
    asked = select(unanswered.c.lead, unanswered.c.changed_at).where(unanswered.c.connection_id == connection_id)
    return fetch(at, asked.where(among(unanswered.c.lead, ids)), ("lead", "changed_at"))
