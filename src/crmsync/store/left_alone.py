"""Leads that people keep for themselves: held by name, pinned in the CRM, and those where our value is replaced.

`overruled` is append-only: one row for each time that a value of ours was found replaced. A row counts until a person
lets crmsync go on (`release`); who did it is asked of the CRM later, and only where somebody wants to know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

import polars as pl
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, select

from crmsync.store.dialects.statements import among, bulk, insert_into, upsert
from crmsync.store.encoding import day_number, day_of, instant_number, instant_of
from crmsync.store.tables import LAST_DAY, holds, leads, overruled

Part = Literal["stage", "owner"]
"""What of a lead somebody replaced."""


class Hold(Struct, frozen=True):
    """A lead that crmsync leaves alone up to and including the day `until`; `why` and `by` as they were said."""

    lead: str
    until: date
    why: str
    by: str | None
    made_at: datetime


class Overruling(Struct, frozen=True):
    """A value of ours that somebody replaced: the policy's stage, or a native owner id.

    `theirs` null = a stage that the mapping does not name, or none; nobody.
    """

    lead: str
    part: Part
    ours: str | None
    theirs: str | None


class Overruled(Struct, frozen=True):
    """An overruling as the store remembers it. `day`: on which it was seen, in the org's zone.

    `actor`: who did it, as the CRM's history told it; null = not asked, or not told. `released_at`: when a person let
    crmsync go on; null = it counts.
    """

    id: int
    what: Overruling
    day: date
    actor: Mapping[str, Any] | None
    released_at: datetime | None


def put_hold(at: Connection, connection_id: int, hold: Hold) -> None:
    """Hold a lead; an earlier hold of it is replaced."""
    values = {
        "connection_id": connection_id,
        "lead": hold.lead,
        "until": day_number(hold.until),
        "why": hold.why,
        "by": hold.by,
        "made_at": instant_number(hold.made_at),
    }
    at.execute(upsert(at, holds).values(values))


def release(at: Connection, connection_id: int, lead: str, now: datetime) -> tuple[int, int, bool]:
    """Let crmsync go on with the lead: how many holds ended, how many overrulings count no more, whether it was one
    on which what a run had written was taken back.
    """
    this = (leads.c.connection_id == connection_id) & (leads.c.lead == lead)
    undone = at.execute(leads.update().where(this, leads.c.undone_on.is_not(None)).values(undone_on=None)).rowcount
    mine = (holds.c.connection_id == connection_id) & (holds.c.lead == lead)
    ended = at.execute(holds.delete().where(mine)).rowcount
    counting = (overruled.c.connection_id == connection_id) & (overruled.c.lead == lead)
    let_go = overruled.update().where(counting, overruled.c.released_at.is_(None))
    return ended, at.execute(let_go.values(released_at=instant_number(now))).rowcount, bool(undone)


def read_holds(at: Connection, connection_id: int) -> tuple[Hold, ...]:
    """All holds, those that are over, too, by the leads' ids."""
    rows = at.execute(select(holds).where(holds.c.connection_id == connection_id).order_by(holds.c.lead))
    return tuple(Hold(row.lead, day_of(row.until), row.why, row.by, instant_of(row.made_at)) for row in rows)


def note(at: Connection, connection_id: int, found: Sequence[Overruling], day: int) -> None:
    """Remember values of ours that were found replaced on this day."""
    rows = [(it.lead, it.part, it.ours, it.theirs) for it in found]
    schema = dict.fromkeys(("lead", "part", "ours", "theirs"), pl.String())
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    append(at, connection_id, frame, day)


def append(at: Connection, connection_id: int, found: pl.DataFrame, day: int) -> None:
    """The same from a frame `lead, part, ours, theirs`."""
    bulk(at, insert_into(overruled), found.with_columns(connection_id=pl.lit(connection_id), day=pl.lit(day)))


def read_overruled(
    at: Connection, connection_id: int, *, only: Collection[str] | None = None, counting: bool = False
) -> tuple[Overruled, ...]:
    """Overrulings, oldest first: of these leads, or of all; `counting`: only those that still count."""
    query = select(overruled).where(overruled.c.connection_id == connection_id)
    if only is not None:
        query = query.where(among(overruled.c.lead, only))
    if counting:
        query = query.where(overruled.c.released_at.is_(None))
    return tuple(
        Overruled(
            id=row.id,
            what=Overruling(row.lead, row.part, row.ours, row.theirs),
            day=day_of(row.day),
            actor=row.actor,
            released_at=None if row.released_at is None else instant_of(row.released_at),
        )
        for row in at.execute(query.order_by(overruled.c.id))
    )


def set_actors(at: Connection, actors: Mapping[int, Mapping[str, Any]]) -> None:
    """Remember who did it, by the number of the overruling."""
    for number, actor in actors.items():
        at.execute(overruled.update().where(overruled.c.id == number).values(actor=dict(actor)))


def pinned(at: Connection, connection_id: int) -> tuple[str, ...]:
    """Leads of which the CRM says: leave alone; by their ids."""
    mine = (leads.c.connection_id == connection_id) & leads.c.pinned.is_(True)
    return tuple(at.execute(select(leads.c.lead).where(mine).order_by(leads.c.lead)).scalars())


def undone(at: Connection, connection_id: int) -> dict[str, date]:
    """Lead → the day on which what a run had written there was taken back."""
    mine = (leads.c.connection_id == connection_id) & leads.c.undone_on.is_not(None)
    rows = at.execute(select(leads.c.lead, leads.c.undone_on).where(mine).order_by(leads.c.lead))
    return {row.lead: day_of(row.undone_on) for row in rows}


def count(at: Connection, connection_id: int, undone_since: date | None, but: Collection[str]) -> tuple[int, int]:
    """How many leads are pinned, and how many others were taken back on this day or later (null = none counts); all
    but these few leads.
    """
    since = LAST_DAY + 1 if undone_since is None else day_number(undone_since)
    of_few = among(leads.c.lead, sorted(but))

    def counted(cause: ColumnElement[bool]) -> int:
        those = select(func.count()).select_from(leads).where(leads.c.connection_id == connection_id, cause)
        few = at.execute(those.where(of_few)).scalar_one() if but else 0
        return at.execute(those).scalar_one() - few

    back = leads.c.pinned.is_not(True) & (leads.c.undone_on >= since)
    return counted(leads.c.pinned.is_(True)), counted(back)
