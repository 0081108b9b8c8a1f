"""What a pull could make nothing of, kept by record until a later one finds it mended or gone.

Several facts may stand in one field: a row is about one field of one record, and names all that it leaves unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from sqlalchemy import Connection, func, select

from crmsync.store.dialects.statements import among, bulk, upsert
from crmsync.store.encoding import fetch
from crmsync.store.tables import unread

CONTENT = ("record", "lead", "part", "name", "field", "value")
ABOUT = ("record", "lead", "part", "field")
_NEXT_NAME = ", "
GROUPED = ("part", "name", "field", "value", "count", "lead")


class UnreadPull:
    """What one pull could make nothing of. A record that was read again is told anew; the others stay as they are.

    Rows carry the number of the pull that told them, so that a complete one knows what it has not met.
    """

    def __init__(self, at: Connection, connection_id: int) -> None:
        self._connection_id = connection_id
        mine = select(func.max(unread.c.pull)).where(unread.c.connection_id == connection_id)
        self._latest = at.execute(mine).scalar() or 0
        self._frames: list[pl.DataFrame] = []
        self._read: list[pl.Series] = []

    def take(self, frame: pl.DataFrame | None, read: Iterable[pl.Series]) -> None:
        """Let it wait for the next transaction. `read`: the records that this part tells of, gone ones too."""
        self._read += read
        if frame is not None and not frame.is_empty():
            self._frames.append(frame)

    def flush(self, at: Connection) -> None:
        """Write what waits."""
        if self._read and self._latest:
            self._remove(at, pl.concat(self._read))
        if self._frames:
            told = pl.concat(self._frames).unique(subset=[*ABOUT, "name"], keep="last", maintain_order=True)
            rows = told.group_by(ABOUT, maintain_order=True).agg(
                pl.col("name").sort().str.join(_NEXT_NAME), pl.col("value").last()
            )
            rows = rows.select(
                *CONTENT, connection_id=pl.lit(self._connection_id), pull=pl.lit(self._latest + 1, pl.Int64)
            )
            bulk(at, upsert(at, unread), rows)
        self._frames, self._read = [], []

    def remove_stale(self, at: Connection, gone_leads: Iterable[str], *, complete: bool) -> None:
        """Remove what is about leads that have gone; after a complete pull also what it did not meet."""
        mine = unread.c.connection_id == self._connection_id
        if gone := list(gone_leads):
            at.execute(unread.delete().where(mine, among(unread.c.lead, gone)))
        if complete:
            at.execute(unread.delete().where(mine, unread.c.pull <= self._latest))

    def _remove(self, at: Connection, records: pl.Series) -> None:
        mine = (unread.c.connection_id == self._connection_id) & among(unread.c.record, records)
        at.execute(unread.delete().where(mine))


def read_grouped(at: Connection, connection_id: int) -> pl.DataFrame:
    """`part, name, field, value`, the `count` of records, and the first `lead` of each, most frequent first."""
    grouped = (
        select(
            unread.c.part,
            unread.c.name,
            unread.c.field,
            unread.c.value,
            func.count(unread.c.record.distinct()).label("count"),
            func.min(unread.c.lead).label("lead"),
        )
        .where(unread.c.connection_id == connection_id)
        .group_by(unread.c.part, unread.c.name, unread.c.field, unread.c.value)
    )
    found = fetch(at, grouped, GROUPED).with_columns(pl.col("name").str.split(_NEXT_NAME)).explode("name")
    found = found.group_by("part", "name", "field", "value").agg(pl.col("count").sum(), pl.col("lead").min())
    found = found.select(GROUPED)
    return found.sort(["part", "name", "field", "count", "value"], descending=[False, False, False, True, False])
