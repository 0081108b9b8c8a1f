"""What a pull makes of stored activities: new ones, changed ones, and those that it should have met and has not."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import polars as pl
from sqlalchemy import Connection, func, select

from crmsync.model import ACTIVITIES
from crmsync.store.dialects.statements import among, bulk, insert_into, update_by
from crmsync.store.due import mark_due
from crmsync.store.encoding import fetch
from crmsync.store.tables import activities

_CONTENT = tuple(name for name in ACTIVITIES if name not in {"activity", "lead"})
_PAIR = ["lead", "activity"]


class ActivityPull:
    """The activities of one pull; rows made by it have keys above the last one before, rows met are kept as numbers.

    What was told last is true: a part's frame counts as later than its `gone` ids. `read` and `changed`: how many.
    """

    def __init__(self, at: Connection, connection_id: int) -> None:
        self._connection_id = connection_id
        self._last = at.execute(select(func.max(activities.c.key))).scalar() or 0
        self._waiting: list[pl.DataFrame] = []
        self._gone: set[str] = set()
        self._met: list[pl.Series] = []
        self._doubtful: list[pl.DataFrame] = []
        self.read = self.changed = 0

    def take(self, frame: pl.DataFrame | None, gone: Iterable[str]) -> int:
        """Let a part wait for the next transaction; how many rows it has."""
        self._gone.update(gone)
        if frame is None:
            return 0
        self._waiting.append(frame)
        self._gone.difference_update(frame["activity"] if self._gone else ())
        return frame.height

    def flush(self, at: Connection) -> pl.DataFrame:
        """Write what waits and differs, and mark its leads due; `lead` and `record` of what did."""
        frame = pl.concat(self._waiting) if self._waiting else pl.DataFrame(schema=dict(ACTIVITIES))
        self._waiting = []
        if frame.is_empty():
            return frame.select("lead", record="activity")
        incoming = frame.unique(subset=_PAIR, keep="last", maintain_order=True)
        incoming = incoming.select(pl.col(name).to_physical() for name in ACTIVITIES)
        stored = _where(at, self._connection_id, incoming["activity"].unique())
        joined = incoming.join(stored, on=_PAIR, how="left", suffix="_old", maintain_order="left")
        is_new = pl.col("key").is_null()
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in _CONTENT)
        self._met.append(joined["key"].drop_nulls())
        elsewhere = stored.join(incoming, on=_PAIR, how="anti").filter(pl.col("key") <= self._last)
        if not elsewhere.is_empty():
            self._doubtful.append(elsewhere.select("key", "lead"))
        fresh = joined.filter(is_new).select(*_PAIR, *_CONTENT, connection_id=pl.lit(self._connection_id))
        bulk(at, insert_into(activities), fresh.sort(_PAIR))  # neighbours are read together: half the time later
        changed = joined.filter(~is_new & differs)
        bulk(at, update_by(activities, "key", columns=_CONTENT), changed.select(*_CONTENT, _key="key"))
        mark_due(at, self._connection_id, pl.concat([fresh["lead"], changed["lead"]]).unique())
        self.read += incoming.height
        self.changed += fresh.height + changed.height
        return pl.concat([each.select("lead", record="activity") for each in (fresh, changed)])

    def remove_gone(self, at: Connection) -> None:
        """Remove what the CRM says is gone."""
        if self._gone:
            self._remove(at, _where(at, self._connection_id, self._gone))

    def remove_unmet(self, at: Connection, *, complete: bool) -> None:
        """Remove stored rows that this pull should have met and has not.

        After a complete pull: all of them. Else: an activity that now comes with other leads than before.
        """
        if complete:
            mine = (activities.c.connection_id == self._connection_id) & (activities.c.key <= self._last)
            known = fetch(at, select(activities.c.key, activities.c.lead).where(mine), ("key", "lead"))
            self._remove(at, without(known, self._met))
        elif self._doubtful:
            self._remove(at, without(pl.concat(self._doubtful).unique("key"), self._met))

    def _remove(self, at: Connection, stored: pl.DataFrame) -> None:
        if not stored.is_empty():
            at.execute(activities.delete().where(among(activities.c.key, stored["key"])))
            mark_due(at, self._connection_id, stored["lead"].unique())
            self.changed += stored.height


def remove_of_leads(at: Connection, connection_id: int, ids: Collection[str]) -> None:
    """Remove the activities of these leads."""
    at.execute(
        activities.delete().where((activities.c.connection_id == connection_id) & among(activities.c.lead, ids))
    )


def _where(at: Connection, connection_id: int, ids: Iterable[str]) -> pl.DataFrame:
    columns = ("key", *ACTIVITIES)
    where = (activities.c.connection_id == connection_id) & among(activities.c.activity, ids)
    return fetch(at, select(*(activities.c[name] for name in columns)).where(where), columns)


def without(stored: pl.DataFrame, met: list[pl.Series]) -> pl.DataFrame:
    """Rows whose key is not among those met."""
    return stored.join(pl.concat(met).to_frame("key"), on="key", how="anti") if met else stored
