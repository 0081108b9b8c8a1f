"""What leads' stage fields held before crmsync first saw them, as the CRM's own history told it, once for each lead.

It stands apart from `stage_history`, which tells what crmsync saw and did itself: decisions are made from that alone,
so that the same facts decide the same whether a CRM keeps history or not. Reports put one behind the other.

Leads get ever ascending keys, so how far history was asked for is one number for each connection, kept beside the
fields it was asked of. Other fields: it is asked again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl
from msgspec import Struct
from sqlalchemy import Connection, func, select

from crmsync.model import UTC_MICROSECONDS
from crmsync.store import bookkeeping
from crmsync.store.dialects.statements import among, bulk, insert_into
from crmsync.store.encoding import fetch
from crmsync.store.tables import earlier_stages, leads, stage_history

EARLIER: dict[str, pl.DataType] = {
    "lead": pl.String(),
    "place": pl.Int64(),
    "since_at": UTC_MICROSECONDS,
    "stage_native": pl.String(),
}
"""A frame of states; `since_at`: null = since the lead's creation, or for longer than history tells."""

UNASKED: dict[str, pl.DataType] = {
    "key": pl.Int64(),
    "lead": pl.String(),
    "created_at": UTC_MICROSECONDS,
    "stage_native": pl.String(),
    "since": pl.Date(),
}
"""Leads whose history was not asked for; `since`: the day they were first seen, of those that have moved since."""

_ASKED = "earlier_stages"


class AskedSoFar(Struct, frozen=True):
    """Of which fields history was asked, and up to which lead's key."""

    fields: tuple[str, ...]
    key: int


def unasked(at: Connection, connection_id: int, fields: Sequence[str], limit: int) -> pl.DataFrame:
    """The next leads whose history of these fields is to be asked for; schema UNASKED, by their keys."""
    asked = _asked(at, connection_id)
    after = asked.key if asked and asked.fields == tuple(fields) else 0
    columns = [name for name in UNASKED if name != "since"]
    mine = select(*(leads.c[name] for name in columns)).where(leads.c.connection_id == connection_id)
    some = fetch(at, mine.where(leads.c.key > after).order_by(leads.c.key).limit(limit), columns)
    if some.is_empty():
        return pl.DataFrame(schema=UNASKED)
    first = (
        select(stage_history.c.lead, func.min(stage_history.c.id).label("id"))
        .where(stage_history.c.connection_id == connection_id, among(stage_history.c.lead, some["lead"]))
        .group_by(stage_history.c.lead)
        .subquery()
    )
    moved = select(stage_history.c.lead, stage_history.c.since).join(first, stage_history.c.id == first.c.id)
    since = fetch(at, moved, ("lead", "since"))
    found = some.join(since, on="lead", how="left", maintain_order="left")
    return found.select(pl.col(name).cast(dtype) for name, dtype in UNASKED.items())


def remember(
    at: Connection, connection_id: int, fields: Sequence[str], asked: pl.DataFrame, states: pl.DataFrame
) -> None:
    """Keep what history told of the leads that were asked for (schema UNASKED, the next ones); `states`: EARLIER."""
    mine = earlier_stages.c.connection_id == connection_id
    at.execute(earlier_stages.delete().where(mine, among(earlier_stages.c.lead, asked["lead"])))
    plain = states.with_columns(pl.col("since_at").to_physical(), connection_id=pl.lit(connection_id))
    bulk(at, insert_into(earlier_stages), plain)
    told = json.dumps({"fields": list(fields), "key": int(asked["key"][-1])})
    bookkeeping.set_digests(at, connection_id, {_ASKED: told})


def read(at: Connection, connection_id: int) -> pl.DataFrame:
    """Every state that is kept; schema EARLIER."""
    columns = [earlier_stages.c[name] for name in EARLIER]
    kept = fetch(at, select(*columns).where(earlier_stages.c.connection_id == connection_id), tuple(EARLIER))
    return kept.select(pl.col(name).cast(dtype) for name, dtype in EARLIER.items())


def _asked(at: Connection, connection_id: int) -> AskedSoFar | None:
    """Null where nothing was, or what is stored is damaged: then it is asked again."""
    text = bookkeeping.read_digests(at, connection_id).get(_ASKED)
    if text is None:
        return None
    try:
        told = json.loads(text)
        return AskedSoFar(tuple(told["fields"]), int(told["key"]))
    except (ValueError, KeyError, TypeError):
        return None
