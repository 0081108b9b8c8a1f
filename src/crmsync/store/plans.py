"""Plans that wait for an approval: one of each connection, row by row, so that a page reads a page of changes.

A change is kept as a plan's JSON tells it, compressed: what is approved is what was made, to the letter.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import polars as pl
from msgspec import Struct
from sqlalchemy import Connection, select

from crmsync.store.called import what_they_are_called
from crmsync.store.dialects.statements import among, bulk, insert_into
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.plan_pages import Moves, PlanOrder, Sought, keep_moves, moves, moves_as_kept, of_plan, sought
from crmsync.store.tables import NAMELESS, plan_changes, plans

PlanState = Literal["waiting", "at_work", "over"]

MOST_POINTS = 2**31 - 1
"""Changes are placed by points up to so many, which is what every database holds as a number."""


class NewPlan(Struct, frozen=True):
    """A plan to keep. `told`: all of it but its changes, as a plan's JSON tells it."""

    kind: Literal["run", "undo"]
    run: int
    undo_of: int | None
    digest: str
    made_by: str | None
    told: Mapping[str, Any]


class PlannedChange(Struct, frozen=True):
    """One lead's. `move`: where it is listed. `change`: as a plan's JSON tells it."""

    lead: str
    move: str
    owner: str | None
    owner_moves: bool
    points: int
    change: Mapping[str, Any]
    outcome: str | None = None


class KeptPlan(Struct, frozen=True):
    """A plan as it is kept. `open`: changes that nobody has approved yet. `carried_out_by`: the last run of it."""

    id: int
    connection: str
    kind: Literal["run", "undo"]
    run: int
    undo_of: int | None
    digest: str
    made_at: datetime
    made_by: str | None
    leads: int
    open: int
    told: Mapping[str, Any]
    state: PlanState
    carried_out_by: int | None


def keep(at: Connection, connection_id: int, plan: NewPlan, changes: Sequence[PlannedChange], now: datetime) -> int:
    """A new plan in the place of the one before; its number."""
    at.execute(plan_changes.delete().where(plan_changes.c.connection_id == connection_id))
    at.execute(plans.delete().where(plans.c.connection_id == connection_id))
    values = {
        "connection_id": connection_id,
        "kind": plan.kind,
        "run": plan.run,
        "undo_of": plan.undo_of,
        "digest": plan.digest,
        "made_at": instant_number(now),
        "made_by": plan.made_by,
        "leads": len(changes),
        "told": dict(plan.told),
        "state": "waiting",
    }
    number: int = at.execute(plans.insert().values(values).returning(plans.c.id)).scalar_one()
    called = what_they_are_called(at, connection_id, [each.lead for each in changes])
    rows = {
        "connection_id": [connection_id] * len(changes),
        "plan_id": [number] * len(changes),
        "lead": [each.lead for each in changes],
        "move": [each.move for each in changes],
        "owner": [each.owner for each in changes],
        "owner_moves": [each.owner_moves for each in changes],
        "points": [max(-MOST_POINTS, min(each.points, MOST_POINTS)) for each in changes],
        "outcome": [each.outcome for each in changes],
        "change": [_packed(each.change) for each in changes],
        "called": [called.get(each.lead, NAMELESS) for each in changes],
    }
    texts = dict.fromkeys(("owner", "outcome"), pl.String)
    bulk(at, insert_into(plan_changes), pl.DataFrame(rows, schema_overrides=texts))
    keep_moves(at, connection_id, number)
    return number


def _packed(change: Mapping[str, Any]) -> str:
    text = json.dumps(change, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 1)).decode()


def _unpacked(packed: str) -> dict[str, Any]:
    text = zlib.decompress(base64.b64decode(packed)).decode("utf-8", "surrogatepass")
    change: dict[str, Any] = json.loads(text)
    return change


def kept(at: Connection, connection_id: int, connection: str) -> KeptPlan | None:
    """The connection's plan."""
    row = at.execute(select(plans).where(plans.c.connection_id == connection_id)).one_or_none()
    if row is None:
        return None
    return KeptPlan(
        id=row.id,
        connection=connection,
        kind=row.kind,
        run=row.run,
        undo_of=row.undo_of,
        digest=row.digest,
        made_at=instant_of(row.made_at),
        made_by=row.made_by,
        leads=row.leads,
        open=_still_open(moves_as_kept(row.moves) or moves(at, connection_id, row.id)),
        told=row.told,
        state=row.state,
        carried_out_by=row.carried_out_by,
    )


def _still_open(counted: Moves) -> int:
    return sum(still for _, _, still in counted)


def page(
    at: Connection, connection_id: int, plan: int, which: Sought, order: PlanOrder, first: int, most: int
) -> tuple[int, list[PlannedChange]]:
    """How many there are of these, and a page of them."""
    count, rows = sought(at, connection_id, plan, which, order, first, most)
    return count, [_row(row) for row in rows]


def _row(row: Any) -> PlannedChange:
    change = _unpacked(row.change)
    return PlannedChange(row.lead, row.move, row.owner, row.owner_moves, row.points, change, row.outcome)


def changes(
    at: Connection, connection_id: int, plan: int, which: Collection[str] | None
) -> tuple[PlannedChange, ...]:
    """The changes of these leads, or all; those that nobody has approved yet, by lead."""
    those = of_plan(connection_id, plan) & plan_changes.c.outcome.is_(None)
    if which is not None:
        those &= among(plan_changes.c.lead, list(which))
    rows = at.execute(select(plan_changes).where(those).order_by(plan_changes.c.lead))
    return tuple(_row(row) for row in rows)


def one(at: Connection, connection_id: int, plan: int, lead: str) -> PlannedChange | None:
    """The change of one lead."""
    row = at.execute(
        select(plan_changes).where(of_plan(connection_id, plan), plan_changes.c.lead == lead)
    ).one_or_none()
    return None if row is None else _row(row)


def take(at: Connection, connection_id: int, plan: int) -> bool:
    """Begin to carry it out; false where it is no longer the connection's plan."""
    this = (plans.c.connection_id == connection_id) & (plans.c.id == plan)
    return at.execute(plans.update().where(this).values(state="at_work")).rowcount == 1


def carried_out(at: Connection, connection_id: int, plan: int, run: int | None, outcomes: Mapping[str, str]) -> None:
    """What became of the changes that were approved. The rest waits on; what somebody else has written meanwhile
    stays written, whoever is first to say so.
    """
    not_written = of_plan(connection_id, plan) & plan_changes.c.outcome.is_distinct_from("written")
    for word in sorted(set(outcomes.values())):
        those = [lead for lead, outcome in outcomes.items() if outcome == word]
        at.execute(plan_changes.update().where(not_written, among(plan_changes.c.lead, those)).values(outcome=word))
    state = "waiting" if _still_open(keep_moves(at, connection_id, plan)) else "over"
    values: dict[str, Any] = {"state": state} if run is None else {"state": state, "carried_out_by": run}
    at.execute(plans.update().where(plans.c.connection_id == connection_id, plans.c.id == plan).values(values))


def drop(at: Connection, connection_id: int, plan: int) -> bool:
    """Nobody wants it."""
    this = (plans.c.connection_id == connection_id) & (plans.c.id == plan) & (plans.c.state != "at_work")
    if at.execute(plans.delete().where(this)).rowcount != 1:
        return False
    at.execute(plan_changes.delete().where(of_plan(connection_id, plan)))
    return True
