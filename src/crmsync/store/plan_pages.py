"""A plan that waits as its page asks for it: how many changes of which kind, and a page of those that are sought.

All of it comes from indexes, however many changes there are; the changes themselves, which are long, are read for the
page's own lines alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, case, func, select

from crmsync.store.called import with_words
from crmsync.store.dialects.statements import among
from crmsync.store.tables import plan_changes, plans

PlanOrder = Literal["move", "name", "owner", "points"]

_ORDERS: Mapping[PlanOrder, tuple[ColumnElement[Any], ...]] = {
    "move": (plan_changes.c.move,),
    "name": (plan_changes.c.called,),
    "owner": (plan_changes.c.owner,),
    "points": (plan_changes.c.points.desc(),),
}
_FEW = 1_000

Moves = list[tuple[str, int, int]]
"""Each move with its changes: in all, and not approved yet."""


class Sought(Struct, frozen=True):
    """Which changes of a plan are looked at. `words`: each in name, company or e-mail. `open`: not approved yet."""

    move: str | None = None
    owner: str | None = None
    words: tuple[str, ...] = ()
    open: bool = True


def of_plan(connection_id: int, plan: int) -> ColumnElement[bool]:
    """Whether a change is of this plan."""
    return (plan_changes.c.connection_id == connection_id) & (plan_changes.c.plan_id == plan)


def moves(at: Connection, connection_id: int, plan: int) -> Moves:
    """By move; as it was kept when any of it last changed."""
    mine = (plans.c.connection_id == connection_id) & (plans.c.id == plan)
    kept = at.execute(select(plans.c.moves).where(mine)).scalar()
    return moves_as_kept(kept) or _counted(at, connection_id, plan)


def moves_as_kept(text: str | None) -> Moves | None:
    """Null where nothing is kept, or what is can no longer be read."""
    try:
        return [(str(move), int(number), int(still)) for move, number, still in json.loads(text or "")]
    except (ValueError, TypeError, RecursionError):
        return None


def keep_moves(at: Connection, connection_id: int, plan: int) -> Moves:
    """Count them, and keep it: some of its changes came, went or were approved."""
    counted = _counted(at, connection_id, plan)
    mine = (plans.c.connection_id == connection_id) & (plans.c.id == plan)
    at.execute(plans.update().where(mine).values(moves=json.dumps(counted)))
    return counted


def _counted(at: Connection, connection_id: int, plan: int) -> Moves:
    opened = func.sum(case((plan_changes.c.outcome.is_(None), 1), else_=0))
    query = select(plan_changes.c.move, func.count(), opened).where(of_plan(connection_id, plan))
    rows = at.execute(query.group_by(plan_changes.c.move).order_by(plan_changes.c.move))
    return [(move, int(number), int(still)) for move, number, still in rows]


def sought(
    at: Connection, connection_id: int, plan: int, which: Sought, order: PlanOrder, first: int, most: int
) -> tuple[int, list[Any]]:
    """How many there are of these, and the rows of a page of them."""
    mine = of_plan(connection_id, plan)
    those = _those(at, mine, which)
    if which.words and (few := _if_few(at, those)) is not None:
        those, count = mine & among(plan_changes.c.lead, few), len(few)
    elif which.words or which.owner is not None:
        count = at.execute(select(func.count()).select_from(plan_changes).where(those)).scalar_one()
    else:
        kept = moves(at, connection_id, plan)
        count = sum(still if which.open else number for move, number, still in kept if which.move in (None, move))
    if count <= first:
        return count, []
    by = (*_ORDERS[order], plan_changes.c.lead)
    page = list(
        at.execute(select(plan_changes.c.lead).where(those).order_by(*by).offset(first).limit(most)).scalars()
    )
    rows = at.execute(select(plan_changes).where(mine, among(plan_changes.c.lead, page)))
    by_lead = {row.lead: row for row in rows}
    return count, [by_lead[each] for each in page]


def _if_few(at: Connection, those: ColumnElement[bool]) -> list[str] | None:
    """These leads, unless there are many. Where there are few all are looked at, which once is enough; many are found
    at the beginning of the index, which has the page's order.
    """
    by = (plan_changes.c.called, plan_changes.c.lead)
    found = list(at.execute(select(plan_changes.c.lead).where(those).order_by(*by).limit(_FEW + 1)).scalars())
    return found if len(found) <= _FEW else None


def _those(at: Connection, mine: ColumnElement[bool], which: Sought) -> ColumnElement[bool]:
    if which.move is not None:
        mine &= plan_changes.c.move == which.move
    if which.owner is not None:
        mine &= plan_changes.c.owner_moves & (plan_changes.c.owner == which.owner)
    if which.open:
        mine &= plan_changes.c.outcome.is_(None)
    for word in which.words:
        [called] = with_words(at, [word], plan_changes.c.called)
        mine &= called | (plan_changes.c.lead == word)
    return mine
