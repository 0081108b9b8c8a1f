"""Which leads are to be looked at, and everything that is known of them, batch by batch."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import polars as pl
from sqlalchemy import ColumnElement, Connection, select

from crmsync.model import ACTIVITIES, LEADS, Batch, FactType
from crmsync.store.database import Database
from crmsync.store.dialect import slices
from crmsync.store.encoding import day_number, frame_of, full_leads
from crmsync.store.tables import activities, leads

_LEAD_COLUMNS = (*LEADS, "facts", "stage_edited_on", "owner_edited_on", "stage_since")


def gather(
    database: Database,
    connection_id: int,
    as_of: date,
    *,
    everything: bool,
    only: Collection[str] | None,
    fact_types: Mapping[str, FactType],
    batch_size: int,
) -> Iterator[Batch]:
    """Batches in the order of native ids. Each is read by itself; between them nothing is held open."""
    with database.reading() as connection:
        keys = _keys(connection, connection_id, as_of, everything=everything, only=only)
    for start in range(0, len(keys), batch_size):
        with database.reading() as connection:
            yield _batch(connection, keys[start : start + batch_size].to_list(), fact_types)


def _keys(
    connection: Connection, connection_id: int, as_of: date, *, everything: bool, only: Collection[str] | None
) -> pl.Series:
    mine = leads.c.connection_id == connection_id
    columns = ("key", "lead")
    query = select(leads.c.key, leads.c.lead)
    if only is not None:
        wanted = sorted(set(only))
        rows = [
            row for some in slices(wanted) for row in connection.execute(query.where(mine, leads.c.lead.in_(some)))
        ]
    else:
        due: ColumnElement[bool] = mine if everything else mine & (leads.c.due_on <= day_number(as_of))
        rows = list(connection.execute(query.where(due)))
    return frame_of(rows, columns).sort("lead")["key"]


def _batch(connection: Connection, keys: list[int], fact_types: Mapping[str, FactType]) -> Batch:
    lead_columns = [leads.c[name] for name in _LEAD_COLUMNS]
    activity_columns = [activities.c[name] for name in ACTIVITIES]
    same_lead = (activities.c.connection_id == leads.c.connection_id) & (activities.c.lead == leads.c.lead)
    lead_frames, activity_frames = [], []
    for some in slices(keys):
        these = leads.c.key.in_(some)
        rows = connection.execute(select(*lead_columns).where(these)).all()
        lead_frames.append(frame_of(rows, _LEAD_COLUMNS))
        joined = select(*activity_columns).select_from(leads).join(activities, same_lead).where(these)
        activity_frames.append(frame_of(connection.execute(joined).all(), tuple(ACTIVITIES)))
    numbered = full_leads(pl.concat(lead_frames).sort("lead"), fact_types).with_row_index("row")
    acts = pl.concat(activity_frames).select(pl.col(name).cast(dtype) for name, dtype in ACTIVITIES.items())
    acts = acts.join(numbered.select("lead", "row"), on="lead").sort("row", "day", "activity")
    return Batch(numbered, acts)
