"""Leads that have left the working set: gone from the CRM, out of sight, or out of scope.

What is kept of them tells, should they come back, a person's change from our own: their owner and stage, and what
crmsync had written. Nothing of it says who the lead is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, insert, literal, select

from crmsync.store import search_blocks
from crmsync.store.called import follow_in_plan
from crmsync.store.dialects.statements import among
from crmsync.store.tables import DUE_NOW, activities, leads, left_leads

_KEPT = tuple(column.name for column in left_leads.c if column.name not in ("connection_id", "lead", "left_on"))
_NO_FACTS = "{}"


def set_aside(at: Connection, connection_id: int, ids: Collection[str], today: int) -> int:
    """Move these leads out of the working set; how many were in it. Decisions go with them, history stays.

    What is kept of one that had left before stays, too: it is no less out for being read again.
    """
    mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, ids)
    leaving = select(leads.c.lead).where(mine)
    at.execute(left_leads.delete().where(left_leads.c.connection_id == connection_id, left_leads.c.lead.in_(leaving)))
    kept = select(leads.c.connection_id, leads.c.lead, literal(today), *(leads.c[name] for name in _KEPT)).where(mine)
    at.execute(insert(left_leads).from_select(["connection_id", "lead", "left_on", *_KEPT], kept))
    keys = at.execute(select(leads.c.key).where(mine)).scalars().all()
    at.execute(leads.delete().where(mine))
    search_blocks.keep(at, connection_id, keys)
    follow_in_plan(at, connection_id, ids)
    return len(keys)


def bring_back(at: Connection, connection_id: int, ids: Iterable[str]) -> None:
    """Let those of these leads that had left be stored as they stood then, without facts, and due."""
    mine = (left_leads.c.connection_id == connection_id) & among(left_leads.c.lead, ids)
    back = select(
        left_leads.c.connection_id,
        left_leads.c.lead,
        literal(_NO_FACTS),
        literal(DUE_NOW),
        *(left_leads.c[name] for name in _KEPT),
    ).where(mine)
    at.execute(insert(leads).from_select(["connection_id", "lead", "facts", "due_on", *_KEPT], back))
    at.execute(left_leads.delete().where(mine))


def with_everything(at: Connection, connection_id: int, ids: Collection[str]) -> frozenset[str]:
    """Those of these leads that had left, and of whose activities none is stored: they went with them."""
    mine = (left_leads.c.connection_id == connection_id) & among(left_leads.c.lead, ids)
    theirs = select(activities.c.key).where(
        activities.c.connection_id == connection_id, activities.c.lead == left_leads.c.lead
    )
    return frozenset(at.execute(select(left_leads.c.lead).where(mine, ~theirs.exists())).scalars())
