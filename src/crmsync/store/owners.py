"""How crmsync found the owners it gave, and what happened besides that the rotation may take account of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, func, or_, select

from crmsync.model import Routing
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import day_of, instant_of
from crmsync.store.entries import routing_of
from crmsync.store.tables import DUE_NOW, credits, journal, leads


class StoredCredit(Struct, frozen=True):
    """`given`: a person gave the lead to `owner`. `returned`: `owner` gave back a lead got by a turn in `pool`.
    `kept`: that was undone, and the counters took account of it already.

    `day`: on which an owner that a person gave was seen first, in the org's zone; null when the lead is gone.
    """

    id: int
    lead: str
    cause: Literal["given", "returned", "kept"]
    owner: str
    pool: str | None
    day: date | None


class OwnerMove(Struct, frozen=True):
    """An owner that crmsync gave: to whom, when it was written, and how it was found."""

    owner: str
    at: datetime
    routing: Routing


def leads_of(at: Connection, connection_id: int, people: Collection[str]) -> tuple[str, ...]:
    """The stored leads whose owner is one of these native users, by their ids."""
    where = (leads.c.connection_id == connection_id) & among(leads.c.owner, people)
    return tuple(at.execute(select(leads.c.lead).where(where).order_by(leads.c.lead)).scalars())


def waiting(
    at: Connection,
    connection_id: int,
    stages: Collection[str],
    queues: Collection[str],
    only: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Managed leads in one of these stages, or an empty one, without an owner or in one of these queues, that no run
    has left due at once: those are set aside, or were touched since. `only`: of these leads.
    """
    where = [
        leads.c.connection_id == connection_id,
        leads.c.managed,
        or_(leads.c.stage.is_(None), among(leads.c.stage, stages)),
        or_(leads.c.owner.is_(None), among(leads.c.owner, queues)),
        leads.c.due_on.is_distinct_from(DUE_NOW),
    ]
    if only is not None:
        where.append(among(leads.c.lead, only))
    return tuple(at.execute(select(leads.c.lead).where(*where).order_by(leads.c.lead)).scalars())


def leads_held(at: Connection, connection_id: int, people: Collection[str | None]) -> dict[str | None, int]:
    """Native owner (null = nobody) → stored leads, of these owners; who holds none is not there."""
    known = [each for each in people if each is not None]
    counted = select(leads.c.owner, func.count()).where(leads.c.connection_id == connection_id)
    of_people = counted.where(among(leads.c.owner, known)).group_by(leads.c.owner)
    held: dict[str | None, int] = {row[0]: row[1] for row in at.execute(of_people)}
    if None in people:
        nobody = (leads.c.connection_id == connection_id) & leads.c.owner.is_(None)
        held[None] = at.execute(select(func.count()).select_from(leads).where(nobody)).scalar_one()
    return held


def open_credits(at: Connection, connection_id: int) -> tuple[StoredCredit, ...]:
    """Those that no run's counters take account of yet, oldest first."""
    where = (credits.c.connection_id == connection_id) & ~credits.c.settled
    same = (leads.c.connection_id == credits.c.connection_id) & (leads.c.lead == credits.c.lead)
    query = select(credits, leads.c.owner_edited_on).select_from(credits.outerjoin(leads, same)).where(where)
    return tuple(
        StoredCredit(
            id=row.id,
            lead=row.lead,
            cause=row.cause,
            owner=row.owner,
            pool=row.pool,
            day=None if row.owner_edited_on is None else day_of(row.owner_edited_on),
        )
        for row in at.execute(query.order_by(credits.c.id))
    )


def settle_credits(at: Connection, ids: Collection[int]) -> None:
    """Counters take account of these, or the roster does not ask for it."""
    if ids:
        at.execute(credits.update().where(among(credits.c.id, ids)).values(settled=True))


def given(at: Connection, connection_id: int) -> dict[str, datetime]:
    """Lead → when an owner arrived there that crmsync gave and who owns it still."""
    theirs = (leads.c.connection_id == journal.c.connection_id) & (leads.c.lead == journal.c.lead)
    arrived = (
        select(journal.c.lead, func.max(journal.c.settled_at))
        .select_from(journal.join(leads, theirs & (leads.c.owner == journal.c.owner_after)))
        .where(journal.c.connection_id == connection_id, journal.c.state.in_(("written", "unchanged")))
        .where(journal.c.owner_before.is_distinct_from(journal.c.owner_after))
        .group_by(journal.c.lead)
    )
    return {lead: instant_of(settled) for lead, settled in at.execute(arrived)}


def last_moves(at: Connection, connection_id: int, ids: Collection[str]) -> Mapping[str, OwnerMove]:
    """Lead → the newest entry that arrived and brought an owner."""
    newest = (
        select(func.max(journal.c.id))
        .where(journal.c.connection_id == connection_id, among(journal.c.lead, ids))
        .where(journal.c.state.in_(("written", "unchanged")), journal.c.routing.is_not(None))
        .group_by(journal.c.lead)
    )
    columns = (journal.c.lead, journal.c.owner_after, journal.c.settled_at, journal.c.routing)
    moves = {}
    for row in at.execute(select(*columns).where(journal.c.id.in_(newest))):
        routing = routing_of(row.routing)
        if routing is not None:
            moves[row.lead] = OwnerMove(row.owner_after, instant_of(row.settled_at), routing)
    return moves
