"""What a pull brings becomes what the store knows.

Parts come one by one and are written in transactions of up to `ROWS_AT_ONCE` rows, due marks together with the
facts that caused them; the last transaction also removes what is gone and moves the cursors. So a cursor never
stands ahead of the facts, and a pull that breaks off is simply read again. (One transaction over a whole first
pull would hold the database's only write lock for as long as the CRM takes, while other connections wait.)

Only rows whose content differs are written. A lead is due when its own row or one of its activities changed; an
account makes none due, it is asked for when a lead needs an owner.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

import polars as pl
from msgspec import Struct, field
from sqlalchemy import Connection, Update, func, select

from crmsync.model import ACTIVITIES
from crmsync.store import accounts, bookkeeping, called, history, humans, left, left_alone, unanswered
from crmsync.store.database import Database
from crmsync.store.dialects.statements import among, bulk, insert_into, keys_for, update_by
from crmsync.store.encoding import LEAD_CONTENT, day_number, fetch, plain_leads
from crmsync.store.tables import DUE_NOW, activities, credits, leads
from crmsync.store.unread import UnreadPull
from crmsync.values import field_names

ROWS_AT_ONCE = 100_000
TOLD = 10
"""So many missing leads are named."""

_ACTIVITY_CONTENT = tuple(name for name in ACTIVITIES if name not in {"activity", "lead"})
_REMEMBERED = (
    "key",
    "lead",
    *LEAD_CONTENT,
    "stage_since",
    "stage_before_clearing",
    "stage_edited_on",
    "owner_edited_on",
    "our_stage",
    "our_owner",
)
_LEAD_UPDATES = (
    *LEAD_CONTENT,
    "stage_since",
    "stage_before_clearing",
    "stage_edited_on",
    "owner_edited_on",
    "due_on",
)


class Pulled(Struct, frozen=True):
    """A mapped part of a pull. `leads`: LEADS with `fact.*`; `activities`: ACTIVITIES; `accounts`: ACCOUNTS;
    `unread`: what these records hold and mapping could make nothing of; `cursors`: object → cursor. `stamps`: when
    they were changed (`unanswered.STAMPS`), where only changed ones were asked for.

    What was told last is true: the frames of a part count as later than its `gone` and `outside` ids. `outside`:
    leads that are there and out of scope; their activities stay, as they may come back.
    """

    leads: pl.DataFrame | None = None
    activities: pl.DataFrame | None = None
    accounts: pl.DataFrame | None = None
    unread: pl.DataFrame | None = None
    stamps: pl.DataFrame | None = None
    gone_leads: Sequence[str] = ()
    outside: Sequence[str] = ()
    gone_activities: Sequence[str] = ()
    gone_accounts: Sequence[str] = ()
    cursors: Mapping[str, str] = field(default_factory=dict)


class Remembered(Struct, frozen=True):
    """Rows read, and what they changed. `removed` leads have left the working set; their history stays.

    `leads_missing`: leads that a complete pull did not find and that stay all the same, as they were too many of the
    `leads_known`; `unmet`: the first of them. Nothing was removed then, and no cursor moved. `leads_outside`: those
    removed that are there and fell out of scope. `leads_overlooked`: those that the pull did not bring, and that stay
    because they are there all the same.
    """

    leads_read: int
    leads_new: int
    leads_changed: int
    leads_removed: int
    activities_read: int
    activities_changed: int
    leads_missing: int = 0
    leads_known: int = 0
    leads_outside: int = 0
    leads_overlooked: int = 0
    unmet: tuple[str, ...] = ()


class Missing(Struct, frozen=True):
    """What a complete pull makes of leads that it did not meet: which of them are `there` all the same and stay,
    which are `outside`, there and out of scope, and whether so many of the known ones may leave at once.
    """

    outside: Callable[[Sequence[str]], Collection[str]] = lambda _unmet: ()
    may_leave: Callable[[int, int], bool] = lambda _missing, _known: True
    there: Callable[[Sequence[str]], Collection[str]] = lambda _unmet: ()


def remember(
    database: Database,
    connection_id: int,
    parts: Iterable[Pulled],
    *,
    complete: bool,
    today: date,
    missing: Missing,
) -> Remembered:
    """Take all parts of one pull. `complete`: it reads everything, so what it does not bring has gone.

    Cursors go, too: of an object that it left out, nothing is stored any more. But where more leads are `missing`
    than may leave, they are taken for hidden and not for gone.
    """
    with database.reading() as at:
        pull = _Pull(at, connection_id, today)
    for part in parts:
        pull.take(part)
        if pull.waiting >= ROWS_AT_ONCE:
            with database.writing(connection_id) as at:
                pull.flush(at)
    with database.writing(connection_id) as at:
        pull.flush(at)
        if complete and pull.misses_too_many(at, missing):
            return pull.told()
        pull.remove_stale(at, complete=complete)
        if complete:
            bookkeeping.drop_cursors(at, connection_id)
        bookkeeping.set_cursors(at, connection_id, pull.cursors)
    return pull.told()


class _Pull:
    """The state of one pull: what waits to be written, and which stored rows it has met.

    Rows made by this pull have keys above `_last_*`; rows met are kept as numbers, so a pull of any size adds
    eight bytes a row to the memory.
    """

    def __init__(self, at: Connection, connection_id: int, today: date) -> None:
        self.connection_id = connection_id
        self.today = day_number(today)
        self.cursors: dict[str, str] = {}
        self.counts: dict[str, Any] = dict.fromkeys(set(field_names(Remembered)) - {"unmet"}, 0)
        self.unmet: tuple[str, ...] = ()
        self.waiting = 0
        self._last_lead = at.execute(select(func.max(leads.c.key))).scalar() or 0
        self._last_activity = at.execute(select(func.max(activities.c.key))).scalar() or 0
        self._leads: list[pl.DataFrame] = []
        self._activities: list[pl.DataFrame] = []
        self._stamps: list[pl.DataFrame] = []
        self._gone_leads: set[str] = set()
        self._outside: set[str] = set()
        self._gone_activities: set[str] = set()
        self._met_leads: list[pl.Series] = []
        self._met_activities: list[pl.Series] = []
        self._doubtful_activities: list[pl.DataFrame] = []
        self._accounts = accounts.AccountPull(connection_id)
        self._unread = UnreadPull(at, connection_id)

    def take(self, part: Pulled) -> None:
        """Let a part wait for the next transaction."""
        self.cursors.update(part.cursors)
        self._gone_leads.update(part.gone_leads)
        self._outside.update(part.outside)
        self._gone_activities.update(part.gone_activities)
        if part.leads is not None:
            self._leads.append(part.leads)
            for left in (self._gone_leads, self._outside):
                left.difference_update(part.leads["lead"] if left else ())
            self.waiting += part.leads.height
        if part.activities is not None:
            self._activities.append(part.activities)
            self._gone_activities.difference_update(part.activities["activity"] if self._gone_activities else ())
            self.waiting += part.activities.height
        self.waiting += self._accounts.take(part.accounts, part.gone_accounts)
        self._unread.take(part.unread, _records_of(part))
        if part.stamps is not None:
            self._stamps.append(part.stamps)

    def flush(self, at: Connection) -> None:
        """Write what waits."""
        if self._leads:
            self._write_leads(at, plain_leads(pl.concat(self._leads)))
        if self._activities:
            self._write_activities(at, pl.concat(self._activities))
        self._accounts.flush(at)
        self._unread.flush(at)
        self._leads, self._activities, self._stamps, self.waiting = [], [], [], 0

    def told(self) -> Remembered:
        """What it came to."""
        return Remembered(**self.counts, unmet=self.unmet)

    def misses_too_many(self, at: Connection, missing: Missing) -> bool:
        """Whether a complete pull has met so few of the known leads that it cannot be believed; counts them then."""
        known = self._old_leads(at)
        unmet = _without(known, self._met_leads)["lead"].to_list()
        self._outside.update(missing.outside([lead for lead in unmet if lead not in self._outside]))
        hidden = [lead for lead in unmet if lead not in self._outside]
        if hidden and not missing.may_leave(len(hidden), known.height):
            self._count(leads_missing=len(hidden), leads_known=known.height)
            self.unmet = tuple(sorted(hidden)[:TOLD])
            return True
        there = sorted(missing.there(hidden)) if hidden else []
        self._met_leads.append(known.filter(pl.col("lead").is_in(there))["key"])
        self._count(leads_overlooked=len(there))
        return False

    def remove_stale(self, at: Connection, *, complete: bool) -> None:
        """Remove what has gone, and stored rows that this pull should have met and has not.

        After a complete pull: all of them. Else: an activity that now comes with other leads than before.
        """
        self._remove_leads(at, self._gone_leads)
        self._count(leads_outside=self._set_aside(at, self._outside))
        if self._gone_activities:
            self._remove_activities(at, _activities_where(at, self.connection_id, self._gone_activities))
        self._accounts.remove_stale(at, complete=complete)
        self._unread.remove_stale(at, self._gone_leads, complete=complete)
        if complete:
            self._remove_activities(at, _without(self._old_activities(at), self._met_activities))
            unseen = _without(self._old_leads(at), self._met_leads)
            self._remove_leads(at, unseen["lead"].to_list())
        elif self._doubtful_activities:
            doubtful = pl.concat(self._doubtful_activities).unique("key")
            self._remove_activities(at, _without(doubtful, self._met_activities))

    def _write_leads(self, at: Connection, incoming: pl.DataFrame) -> None:
        left.bring_back(at, self.connection_id, incoming["lead"])
        stored = _leads_where(at, self.connection_id, incoming["lead"])
        self._met_leads.append(stored["key"])
        joined = incoming.join(stored, on="lead", how="left", suffix="_old", maintain_order="left")
        is_new = pl.col("key").is_null()
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in LEAD_CONTENT)
        fresh = joined.filter(is_new).select("lead", *LEAD_CONTENT)
        if not fresh.is_empty():
            fresh = fresh.with_columns(
                key=keys_for(at, leads, fresh.height),
                connection_id=pl.lit(self.connection_id),
                stage_since=pl.lit(self.today),
                due_on=pl.lit(DUE_NOW),
            )
            bulk(at, insert_into(leads), fresh)
            called.keep(at, self.connection_id, fresh)
        changed = joined.filter(~is_new & differs)
        if not changed.is_empty():
            seen = humans.seen(at, self.connection_id, changed, self.today)
            history.append(at, self.connection_id, seen.moves, day=self.today, run_id=None)
            given = seen.given.with_columns(
                connection_id=pl.lit(self.connection_id), cause=pl.lit("given"), settled=pl.lit(value=False)
            )
            bulk(at, insert_into(credits), given)
            left_alone.append(at, self.connection_id, seen.overruled, self.today)
            rows = seen.leads.select(*_LEAD_UPDATES[:-1], _key="key", due_on=pl.lit(DUE_NOW))
            bulk(at, update_by(leads, "key", columns=_LEAD_UPDATES), rows)
            renamed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in called.TEXTS)
            called.keep_renamed(at, self.connection_id, changed.filter(renamed))
        self._note_changes(at, pl.concat([fresh["lead"], changed["lead"]]).to_frame().with_columns(record="lead"))
        self._count(leads_read=incoming.height, leads_new=fresh.height, leads_changed=changed.height)

    def _write_activities(self, at: Connection, frame: pl.DataFrame) -> None:
        pair = ["lead", "activity"]
        incoming = frame.unique(subset=pair, keep="last", maintain_order=True)
        incoming = incoming.select(pl.col(name).to_physical() for name in ACTIVITIES)
        stored = _activities_where(at, self.connection_id, incoming["activity"].unique())
        joined = incoming.join(stored, on=pair, how="left", suffix="_old", maintain_order="left")
        is_new = pl.col("key").is_null()
        differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_old")) for name in _ACTIVITY_CONTENT)
        self._met_activities.append(joined["key"].drop_nulls())
        elsewhere = stored.join(incoming, on=pair, how="anti").filter(pl.col("key") <= self._last_activity)
        if not elsewhere.is_empty():
            self._doubtful_activities.append(elsewhere.select("key", "lead"))
        fresh = joined.filter(is_new).select(*pair, *_ACTIVITY_CONTENT, connection_id=pl.lit(self.connection_id))
        bulk(at, insert_into(activities), fresh.sort(pair))  # neighbours are read together: half the time later
        changed = joined.filter(~is_new & differs)
        update = update_by(activities, "key", columns=_ACTIVITY_CONTENT)
        bulk(at, update, changed.select(*_ACTIVITY_CONTENT, _key="key"))
        mark_due(at, self.connection_id, pl.concat([fresh["lead"], changed["lead"]]).unique())
        news = pl.concat([each.select("lead", record="activity") for each in (fresh, changed)])
        self._note_changes(at, news)
        self._count(activities_read=incoming.height, activities_changed=fresh.height + changed.height)

    def _note_changes(self, at: Connection, news: pl.DataFrame) -> None:
        """Remember when records (`record`, of `lead`) were changed whose content is another now."""
        if self._stamps:
            stamps = pl.concat(self._stamps).unique("record", keep="last")
            unanswered.note(at, self.connection_id, news.join(stamps, on="record").select("lead", "changed_at"))

    def _remove_leads(self, at: Connection, ids: Collection[str]) -> None:
        if ids:
            self._set_aside(at, ids)
            mine = (activities.c.connection_id == self.connection_id) & among(activities.c.lead, ids)
            at.execute(activities.delete().where(mine))

    def _set_aside(self, at: Connection, ids: Collection[str]) -> int:
        """Take leads out of the working set; how many were in it."""
        removed = left.set_aside(at, self.connection_id, ids, self.today) if ids else 0
        unanswered.drop(at, self.connection_id, ids)
        self._count(leads_removed=removed)
        return removed

    def _remove_activities(self, at: Connection, stored: pl.DataFrame) -> None:
        if not stored.is_empty():
            at.execute(activities.delete().where(among(activities.c.key, stored["key"])))
            mark_due(at, self.connection_id, stored["lead"].unique())
            self._count(activities_changed=stored.height)

    def _old_leads(self, at: Connection) -> pl.DataFrame:
        mine = (leads.c.connection_id == self.connection_id) & (leads.c.key <= self._last_lead)
        return fetch(at, select(leads.c.key, leads.c.lead).where(mine), ("key", "lead"))

    def _old_activities(self, at: Connection) -> pl.DataFrame:
        mine = (activities.c.connection_id == self.connection_id) & (activities.c.key <= self._last_activity)
        return fetch(at, select(activities.c.key, activities.c.lead).where(mine), ("key", "lead"))

    def _count(self, **more: int) -> None:
        for name, number in more.items():
            self.counts[name] += number


def _records_of(part: Pulled) -> Iterator[pl.Series]:
    """The records that this part tells of: those that are there, and those that are gone or left out."""
    if part.leads is not None:
        yield part.leads["lead"]
    if part.activities is not None:
        yield part.activities["activity"].unique()
    if part.gone_activities:
        yield pl.Series(part.gone_activities, dtype=pl.String)


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


def _leads_where(at: Connection, connection_id: int, ids: Iterable[str]) -> pl.DataFrame:
    columns = [leads.c[name] for name in _REMEMBERED]
    where = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    return fetch(at, select(*columns).where(where), _REMEMBERED)


def _activities_where(at: Connection, connection_id: int, ids: Iterable[str]) -> pl.DataFrame:
    columns = ("key", *ACTIVITIES)
    where = (activities.c.connection_id == connection_id) & among(activities.c.activity, ids)
    return fetch(at, select(*(activities.c[name] for name in columns)).where(where), columns)


def _without(stored: pl.DataFrame, met: list[pl.Series]) -> pl.DataFrame:
    """Rows whose key is not among those met."""
    return stored.join(pl.concat(met).to_frame("key"), on="key", how="anti") if met else stored
