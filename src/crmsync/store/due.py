"""Leads that are to be looked at again at once: something that is stored of them has changed."""

from __future__ import annotations

from functools import cache

import polars as pl
from sqlalchemy import Connection, Update

from crmsync.store.dialects.statements import bulk, update_by
from crmsync.store.tables import DUE_NOW, leads


def mark_due(at: Connection, connection_id: int, ids: pl.Series) -> None:
    """These leads, as far as they are stored, are to be looked at again at once."""
    if ids.is_empty():
        return
    rows = ids.rename("_lead").to_frame().with_columns(_connection_id=pl.lit(connection_id), due_on=pl.lit(DUE_NOW))
    bulk(at, _make_due(), rows)


@cache
def _make_due() -> Update:
    statement = update_by(leads, "connection_id", "lead", columns=["due_on"])
    return statement.where(leads.c.due_on.is_distinct_from(DUE_NOW))
