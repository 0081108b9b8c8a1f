"""What a pull makes of stored leads: new ones, changed ones, those that left and those that come back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import polars as pl
from sqlalchemy import Connection, func, select

from crmsync.store import called, history, humans, left, left_alone, unanswered
from crmsync.store.activity_pull import remove_of_leads, without
from crmsync.store.dialects.statements import among, bulk, insert_into, keys_for, update_by
from crmsync.store.encoding import LEAD_CONTENT, fetch, plain_leads
from crmsync.store.pulled import TOLD, Missing
from crmsync.store.tables import DUE_NOW, credits, leads

_SEEN = ("stage_since", "stage_before_clearing", "stage_edited_on", "owner_edited_on")
_REMEMBERED = ("key", "lead", *LEAD_CONTENT, *_SEEN, "our_stage", "our_owner")
_UPDATES = (*LEAD_CONTENT, *_SEEN, "due_on")


class LeadPull:
    """The leads of one pull; rows made by it have keys above the last one before, rows met are kept as numbers.

    What was told last is true: a part's frame counts as later than its `gone` and `outside` ids. `counts`: fields of
    `Remembered`. `unmet`: the first leads that were missing, where they were too many.
    """

    def __init__(self, at: Connection, connection_id: int, today: int) -> None:
        self._connection_id, self._today = connection_id, today
        self._last = at.execute(select(func.max(leads.c.key))).scalar() or 0
        self._waiting: list[pl.DataFrame] = []
        self._gone: set[str] = set()
        self._outside: set[str] = set()
        self._met: list[pl.Series] = []
        self.unmet: tuple[str, ...] = ()
        names = ("read", "new", "changed", "removed", "missing", "known", "outside", "overlooked")
        self.counts = dict.fromkeys((f"leads_{name}" for name in names), 0)

    def take(self, frame: pl.DataFrame | None, gone: Iterable[str], outside: Iterable[str]) -> int:
        """Let a part wait for the next transaction; how many rows it has."""
        self._gone.update(gone)
        self._outside.update(outside)
        if frame is None:
            return 0
        self._waiting.append(frame)
        for away in (self._gone, self._outside):
            away.difference_update(frame["lead"] if away else ())
        return frame.height

    def flush(self, at: Connection) -> pl.DataFrame:
        """Write what waits and differs; `lead` and `record` of what did."""
        if not self._waiting:
            return pl.DataFrame(schema={"lead": pl.String, "record": pl.String})
        incoming = plain_leads(pl.concat(self._waiting))
        self._waiting = []
        left.bring_back(at, self._connection_id, incoming["lead"])
        stored = _where(at, self._connection_id, incoming["lead"])
        self._met.append(stored["key"])
        joined = incoming.join(stored, on="lead", how="left", suffix="_old", maintain_order="left")
        is_new = pl.col("key").is_null()
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in LEAD_CONTENT)
        fresh = joined.filter(is_new).select("lead", *LEAD_CONTENT)
        changed = joined.filter(~is_new & differs)
        self._add(at, fresh)
        self._change(at, changed)
        self._count(leads_read=incoming.height, leads_new=fresh.height, leads_changed=changed.height)
        return pl.concat([fresh["lead"], changed["lead"]]).to_frame().with_columns(record="lead")

    def _add(self, at: Connection, fresh: pl.DataFrame) -> None:
        if fresh.is_empty():
            return
        rows = fresh.with_columns(
            key=keys_for(at, leads, fresh.height),
            connection_id=pl.lit(self._connection_id),
            stage_since=pl.lit(self._today),
            due_on=pl.lit(DUE_NOW),
        )
        bulk(at, insert_into(leads), rows)
        called.keep(at, self._connection_id, rows)

    def _change(self, at: Connection, changed: pl.DataFrame) -> None:
        if changed.is_empty():
            return
        seen = humans.seen(at, self._connection_id, changed, self._today)
        history.append(at, self._connection_id, seen.moves, day=self._today, run_id=None)
        given = seen.given.with_columns(
            connection_id=pl.lit(self._connection_id), cause=pl.lit("given"), settled=pl.lit(value=False)
        )
        bulk(at, insert_into(credits), given)
        left_alone.append(at, self._connection_id, seen.overruled, self._today)
        rows = seen.leads.select(*_UPDATES[:-1], _key="key", due_on=pl.lit(DUE_NOW))
        bulk(at, update_by(leads, "key", columns=_UPDATES), rows)
        renamed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in called.TEXTS)
        called.keep_renamed(at, self._connection_id, changed.filter(renamed))

    def misses_too_many(self, at: Connection, missing: Missing) -> bool:
        """Whether a complete pull has met so few of the known leads that it cannot be believed; counts them then."""
        known = self._old(at)
        unmet = without(known, self._met)["lead"].to_list()
        self._outside.update(missing.outside([lead for lead in unmet if lead not in self._outside]))
        hidden = [lead for lead in unmet if lead not in self._outside]
        if hidden and not missing.may_leave(len(hidden), known.height):
            self._count(leads_missing=len(hidden), leads_known=known.height)
            self.unmet = tuple(sorted(hidden)[:TOLD])
            return True
        there = sorted(missing.there(hidden)) if hidden else []
        self._met.append(known.filter(pl.col("lead").is_in(there))["key"])
        self._count(leads_overlooked=len(there))
        return False

    def remove_gone(self, at: Connection) -> Sequence[str]:
        """Remove what the CRM says is gone or out of scope; those that are gone."""
        self._remove(at, self._gone)
        self._count(leads_outside=self._set_aside(at, self._outside))
        return tuple(self._gone)

    def remove_unmet(self, at: Connection) -> None:
        """Remove stored leads that a complete pull has not met."""
        self._remove(at, without(self._old(at), self._met)["lead"].to_list())

    def _remove(self, at: Connection, ids: Collection[str]) -> None:
        if ids:
            self._set_aside(at, ids)
            remove_of_leads(at, self._connection_id, ids)

    def _set_aside(self, at: Connection, ids: Collection[str]) -> int:
        """Take leads out of the working set; how many were in it."""
        removed = left.set_aside(at, self._connection_id, ids, self._today) if ids else 0
        unanswered.drop(at, self._connection_id, ids)
        self._count(leads_removed=removed)
        return removed

    def _old(self, at: Connection) -> pl.DataFrame:
        mine = (leads.c.connection_id == self._connection_id) & (leads.c.key <= self._last)
        return fetch(at, select(leads.c.key, leads.c.lead).where(mine), ("key", "lead"))

    def _count(self, **more: int) -> None:
        for name, number in more.items():
            self.counts[name] += number


def _where(at: Connection, connection_id: int, ids: Iterable[str]) -> pl.DataFrame:
    columns = [leads.c[name] for name in _REMEMBERED]
    where = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    return fetch(at, select(*columns).where(where), _REMEMBERED)
