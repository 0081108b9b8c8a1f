"""Hand-offs under way and past ones: one row for each time a lead went to a receiver.

A row is opened, moved on or ended in the transaction that settles the write it follows from (`follow`); what follows
from reading alone (a first touch, an answer, an owner changed by a person) comes with `record`. Nothing here judges:
that is `crmsync.hand_off`'s business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from crmsync.hand_off import EndedBy, HandOffEvent
from crmsync.model import Change, HandOffMove, HandOffStep
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import instant_number
from crmsync.store.tables import credits, hand_offs, leads, made_records

_ENDS_EARLIER: Mapping[HandOffMove, EndedBy] = {
    "handed": "again",
    "reassigned": "reassigned",
    "passed_on": "returned",
}
"""What a step to a receiver makes of the hand-off before, if that is still under way and of the same hand-over."""
_HANDED_ON: EndedBy = "handed_on"
"""The same of one of an earlier hand-over."""


def follow(at: Connection, connection_id: int, arrived: Sequence[Change], now: datetime) -> None:
    """Open, move on and end rows as these changes say, which the CRM now holds."""
    for change in arrived:
        step = change.hand_off
        if step is None:
            continue
        instant = instant_number(now)
        if step.move == "reminded":
            _update_live(at, connection_id, change.lead, reminded_at=instant)
            continue
        if step.move == "queued":
            _update_live(at, connection_id, change.lead, queued_at=instant, queue=change.owner_after)
            continue
        if step.move in ("returned", "passed_on"):
            _credit(at, connection_id, change.lead)
            _update_live(at, connection_id, change.lead, returned_at=instant, reason=step.reason)
        if step.move != "returned":
            _end_earlier(at, connection_id, change.lead, step, instant)
            row = {
                **_starts(at, connection_id, change.lead),
                "connection_id": connection_id,
                "lead": change.lead,
                "attempt": step.attempt,
                "bdr": step.bdr,
                "receiver": change.owner_after,
                "pool": change.turn,
                "handed_at": instant,
                "hand_over": step.hand_over,
            }
            at.execute(hand_offs.insert(), row)


def _starts(at: Connection, connection_id: int, lead: str) -> dict[str, int | None]:
    """When clocks of a hand-off of this lead may have started."""
    mine = (leads.c.connection_id == connection_id) & (leads.c.lead == lead)
    row = at.execute(select(leads.c.created_at, leads.c.stage_since).where(mine)).one_or_none()
    return {"created_at": row.created_at if row else None, "staged_on": row.stage_since if row else None}


def take_back(at: Connection, connection_id: int, lead: str, step: HandOffStep, now: datetime) -> None:
    """Let a step not have been: its hand-off is over, and the one that it ended goes on."""
    if step.move == "reminded":
        _update_live(at, connection_id, lead, reminded_at=None)
        return
    if step.move == "returned":
        _update_live(at, connection_id, lead, returned_at=None, reason=None)
        _drop_credit(at, connection_id, lead)
        return
    if step.move == "queued":
        _update_live(at, connection_id, lead, queued_at=None)
        return
    mine = (hand_offs.c.connection_id == connection_id) & (hand_offs.c.lead == lead)
    same = hand_offs.c.hand_over.is_not_distinct_from(step.hand_over)
    this = mine & same & (hand_offs.c.attempt == step.attempt)
    handed_at = at.execute(select(hand_offs.c.handed_at).where(this)).scalar()
    undone = {"ended_at": instant_number(now), "ended_by": "undone"}
    at.execute(hand_offs.update().where(this, hand_offs.c.ended_at.is_(None)).values(undone))
    before = and_(same, hand_offs.c.attempt < step.attempt, hand_offs.c.ended_by == _ENDS_EARLIER[step.move])
    other = and_(~same, hand_offs.c.ended_by == _HANDED_ON)
    earlier = mine & (hand_offs.c.ended_at == handed_at) & or_(before, other)
    goes_on: dict[str, Any] = {"ended_at": None, "ended_by": None}
    if step.move == "passed_on":
        goes_on |= {"returned_at": None, "reason": None}
        _drop_credit(at, connection_id, lead)
    at.execute(hand_offs.update().where(earlier).values(goes_on))


def put_back(at: Connection, connection_id: int, lead: str, step: HandOffStep, now: datetime) -> None:
    """Let a step that was taken back have been all the same."""
    instant = instant_number(now)
    if step.move == "reminded":
        _update_live(at, connection_id, lead, reminded_at=instant)
        return
    if step.move == "queued":
        _update_live(at, connection_id, lead, queued_at=instant)
        return
    mine = (hand_offs.c.connection_id == connection_id) & (hand_offs.c.lead == lead)
    same = hand_offs.c.hand_over.is_not_distinct_from(step.hand_over)
    this = mine & same & (hand_offs.c.attempt == step.attempt) & (hand_offs.c.ended_by == "undone")
    handed_at = at.execute(select(hand_offs.c.handed_at).where(this)).scalar()
    if step.move in ("returned", "passed_on"):
        _credit(at, connection_id, lead)
        returned_at = instant if step.move == "returned" else handed_at
        _update_live(at, connection_id, lead, returned_at=returned_at, reason=step.reason)
    if step.move != "returned" and handed_at is not None:
        _end_earlier(at, connection_id, lead, step, handed_at)
        at.execute(hand_offs.update().where(this).values(ended_at=None, ended_by=None))


def note_made(at: Connection, connection_id: int, made: Mapping[str, Change], now: datetime) -> None:
    """Remember the records (`<object>:<native id>`) that were made for these changes: they are no evidence."""
    known = set(
        at.execute(
            select(made_records.c.activity).where(
                made_records.c.connection_id == connection_id, among(made_records.c.activity, list(made))
            )
        ).scalars()
    )
    rows = [
        {
            "connection_id": connection_id,
            "activity": activity,
            "lead": change.lead,
            "attempt": change.hand_off.attempt if change.hand_off else 0,
            "made_at": instant_number(now),
            "hand_over": change.hand_off.hand_over if change.hand_off else None,
        }
        for activity, change in made.items()
        if activity not in known
    ]
    if rows:
        at.execute(made_records.insert(), rows)


def record(at: Connection, events: Sequence[HandOffEvent]) -> None:
    """Write what was learnt; a time that is known already stays."""
    for event in events:
        values: dict[str, Any] = {}
        for name in ("touched_at", "accepted_at", "ended_at"):
            moment = getattr(event, name)
            if moment is not None:
                values[name] = func.coalesce(hand_offs.c[name], instant_number(moment))
        if event.ended_by is not None:
            values["ended_by"] = func.coalesce(hand_offs.c.ended_by, event.ended_by)
        if values:
            at.execute(hand_offs.update().where(hand_offs.c.id == event.id).values(values))


def end_all(at: Connection, connection_id: int, now: datetime) -> None:
    """The policy has no such process any more: nothing is watched."""
    at.execute(
        hand_offs.update()
        .where(hand_offs.c.connection_id == connection_id, hand_offs.c.ended_at.is_(None))
        .values(ended_at=instant_number(now), ended_by="switched_off")
    )


def _end_earlier(at: Connection, connection_id: int, lead: str, step: HandOffStep, instant: int) -> None:
    """End what is under way, as a step to a receiver does."""
    mine = (hand_offs.c.connection_id == connection_id) & (hand_offs.c.lead == lead) & hand_offs.c.ended_at.is_(None)
    same = hand_offs.c.hand_over.is_not_distinct_from(step.hand_over)
    for those, by in ((~same, _HANDED_ON), (same, _ENDS_EARLIER[step.move])):
        at.execute(hand_offs.update().where(mine & those).values(ended_at=instant, ended_by=by))


def _update_live(at: Connection, connection_id: int, lead: str, **values: Any) -> None:
    at.execute(
        hand_offs.update()
        .where(
            hand_offs.c.connection_id == connection_id,
            hand_offs.c.lead == bindparam("_lead"),
            hand_offs.c.ended_at.is_(None),
        )
        .values(values),
        {"_lead": lead},
    )


def _credit(at: Connection, connection_id: int, lead: str) -> None:
    """The turn of a lead that comes back may count again."""
    under_way = (hand_offs.c.connection_id == connection_id) & (hand_offs.c.lead == lead)
    query = select(hand_offs.c.receiver, hand_offs.c.pool).where(under_way, hand_offs.c.ended_at.is_(None))
    rows = [
        {
            "connection_id": connection_id,
            "lead": lead,
            "cause": "returned",
            "owner": owner,
            "pool": pool,
            "settled": False,
        }
        for owner, pool in at.execute(query)
        if pool is not None
    ]
    if rows:
        at.execute(credits.insert(), rows)


def _drop_credit(at: Connection, connection_id: int, lead: str) -> None:
    """What came back last has not come back: where the counters take account of it, they are to count it again."""
    mine = (credits.c.connection_id == connection_id) & (credits.c.lead == lead) & (credits.c.cause == "returned")
    back = at.execute(select(credits).where(mine).order_by(credits.c.id.desc()).limit(1)).one_or_none()
    if back is None:
        return
    if not back.settled:
        at.execute(credits.delete().where(credits.c.id == back.id))
        return
    kept = {"cause": "kept", "owner": back.owner, "pool": back.pool, "settled": False}
    at.execute(credits.insert().values(connection_id=connection_id, lead=lead, **kept))
