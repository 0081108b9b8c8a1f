"""Hand-offs under way and past ones: one row for each time a lead went to a receiver.

A row is opened, moved on or ended in the transaction that settles the write it follows from (`follow`); what follows
from reading alone (a first touch, an answer, an owner changed by a person) comes with `record`. Nothing here judges:
that is `crmsync.hand_off`'s business.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, bindparam, cast, false, func, or_, select

from crmsync.hand_off import EndedBy, HandOffEvent, HandOffRecord, LiveHandOff
from crmsync.model import NO_EVIDENCE, Change, HandOffMove, HandOffStep, native_values
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import day_of, instant_number, instant_of
from crmsync.store.tables import activities, credits, hand_offs, leads, made_records

_DAY_MICROSECONDS = 86_400_000_000
_ENDS_EARLIER: Mapping[HandOffMove, EndedBy] = {
    "handed": "again",
    "reassigned": "reassigned",
    "passed_on": "returned",
}
"""What a step to a receiver makes of the hand-off before, if that is still under way and of the same hand-over."""
_HANDED_ON: EndedBy = "handed_on"
"""The same of one of an earlier hand-over."""
_SAME_LEAD = and_(leads.c.connection_id == hand_offs.c.connection_id, leads.c.lead == hand_offs.c.lead)
_STAGE = func.coalesce(leads.c.stage, leads.c.stage_before_clearing).label("stage")
"""Of a lead with its receiver: a stage that our own change, half done, has emptied is no step off the ladder."""


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


def read(
    at: Connection,
    connection_id: int,
    *,
    leads_only: Collection[str] | None,
    since: datetime | None,
    facts: Collection[str] = (),
) -> tuple[HandOffRecord, ...]:
    """Hand-offs in the order in which they were made. `since`: made or still under way from then on.

    `facts`: of which it is told what the leads say, those that are out of sight nothing.
    """
    where: list[ColumnElement[bool]] = [hand_offs.c.connection_id == connection_id]
    if leads_only is not None:
        where.append(among(hand_offs.c.lead, leads_only))
    if since is not None:
        where.append(or_(hand_offs.c.handed_at >= instant_number(since), hand_offs.c.ended_at.is_(None)))
    query = select(hand_offs, *_facts(facts)).where(*where).order_by(hand_offs.c.id)
    if facts:
        query = query.outerjoin(leads, _SAME_LEAD)
    return tuple(_hand_off(row, facts) for row in at.execute(query))


def attempts(at: Connection, connection_id: int) -> dict[tuple[str, str | None], int]:
    """Lead and hand-over → the number of its newest hand-off."""
    newest, which = func.max(hand_offs.c.attempt).label("newest"), (hand_offs.c.lead, hand_offs.c.hand_over)
    query = select(*which, newest).where(hand_offs.c.connection_id == connection_id).group_by(*which)
    return {(row.lead, row.hand_over): row.newest for row in at.execute(query)}


def live(
    at: Connection,
    connection_id: int,
    touch_kinds: Mapping[str | None, Collection[str]],
    *,
    now: datetime | None,
    time_zone: str,
    facts: Collection[str] = (),
) -> tuple[LiveHandOff, ...]:
    """Hand-offs under way whose lead is in the working set, in the order of the leads' ids.

    `touch_kinds`: for each hand-over. `now`: what lies later is no touch yet (null = everything lies before).
    `time_zone`: the org's, for days. `facts`: of which it is told what the lead says.
    """
    under_way = and_(hand_offs.c.connection_id == connection_id, hand_offs.c.ended_at.is_(None))
    past = hand_offs.alias("past")
    returns = (
        select(func.count(past.c.returned_at))
        .where(past.c.connection_id == hand_offs.c.connection_id, past.c.lead == hand_offs.c.lead)
        .where(past.c.hand_over.is_not_distinct_from(hand_offs.c.hand_over))
        .scalar_subquery()
    )
    held = (leads.c.owner, _STAGE, leads.c.managed, leads.c.hand_off_native, *_facts(facts))
    query = select(hand_offs, *held, returns.label("returns")).join(leads, _SAME_LEAD).where(under_way)
    touched = _touches(at, under_way, touch_kinds, now, ZoneInfo(time_zone))
    outcomes = _task_outcomes(at, connection_id)
    had_it = _had_it(at, connection_id)
    return tuple(
        LiveHandOff(
            hand_off=_hand_off(row, facts),
            owner=row.owner,
            stage=row.stage,
            managed=row.managed,
            returns=row.returns,
            had_it=had_it.get((row.lead, row.hand_over), ()),
            native=native_values(row.hand_off_native),
            touch=touched.get(row.id),
            task_outcomes=outcomes.get((row.lead, row.hand_over, row.attempt), ()),
        )
        for row in at.execute(query.order_by(hand_offs.c.lead, hand_offs.c.id))
    )


def _touches(
    at: Connection,
    under_way: ColumnElement[bool],
    kinds: Mapping[str | None, Collection[str]],
    now: datetime | None,
    zone: ZoneInfo,
) -> Mapping[int, datetime]:
    """Hand-off → the receiver's first activity of these kinds that happened, neither before it nor after `now`.

    Activities are told in whole seconds, so one of the very second of the hand-off counts.
    """
    theirs = and_(
        activities.c.connection_id == hand_offs.c.connection_id,
        activities.c.lead == hand_offs.c.lead,
        activities.c.by == hand_offs.c.receiver,
    )
    ours = select(made_records.c.activity).where(made_records.c.connection_id == hand_offs.c.connection_id)
    asked = [
        hand_offs.c.hand_over.is_not_distinct_from(which) & activities.c.kind.in_(sorted(some))
        for which, some in kinds.items()
    ]
    query = (
        select(hand_offs.c.id, hand_offs.c.handed_at, activities.c.at, activities.c.day)
        .join(activities, theirs)
        .where(activities.c.activity.not_in(ours))  # a task that crmsync made for the receiver is no touch
        .where(under_way, hand_offs.c.touched_at.is_(None), or_(false(), *asked))
        .where(activities.c.direction.is_distinct_from("inbound"))
        .where(or_(activities.c.outcome.is_(None), activities.c.outcome.not_in(NO_EVIDENCE)))
        .where(
            (cast(activities.c.day, BigInteger) + 2) * _DAY_MICROSECONDS > hand_offs.c.handed_at
        )  # far earlier ones are not read
    )
    first: dict[int, datetime] = {}
    for number, handed_at, instant, day in at.execute(query):
        begins = _begins(day, zone) if instant is None else instant_of(instant)
        happened = begins if instant is not None else _begins(day + 1, zone) - timedelta(microseconds=1)
        if happened >= instant_of(handed_at).replace(microsecond=0) and (now is None or begins <= now):
            first[number] = min(happened, first.get(number, happened))
    return first


def _begins(day: int, zone: ZoneInfo) -> datetime:
    """The instant at which a day (since 1970) begins in a zone, in UTC."""
    return datetime.combine(day_of(day), time(), zone).astimezone(UTC)


def _task_outcomes(at: Connection, connection_id: int) -> Mapping[tuple[str, str | None, int], tuple[str, ...]]:
    same = and_(
        activities.c.connection_id == made_records.c.connection_id,
        activities.c.lead == made_records.c.lead,
        activities.c.activity == made_records.c.activity,
    )
    query = (
        select(made_records.c.lead, made_records.c.hand_over, made_records.c.attempt, activities.c.outcome)
        .join(activities, same)
        .where(made_records.c.connection_id == connection_id, activities.c.outcome.is_not(None))
        .order_by(made_records.c.activity)
    )
    found: dict[tuple[str, str | None, int], tuple[str, ...]] = {}
    for lead, which, attempt, outcome in at.execute(query):
        found[lead, which, attempt] = (*found.get((lead, which, attempt), ()), outcome)
    return found


def _had_it(at: Connection, connection_id: int) -> Mapping[tuple[str, str | None], tuple[str, ...]]:
    """Lead and hand-over → receivers who gave it back or did not get in touch."""
    gave_up = or_(
        hand_offs.c.returned_at.is_not(None),
        hand_offs.c.queued_at.is_not(None),
        hand_offs.c.ended_by == "reassigned",
    )
    which = (hand_offs.c.lead, hand_offs.c.hand_over)
    query = select(*which, hand_offs.c.receiver).where(hand_offs.c.connection_id == connection_id, gave_up)
    found: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for lead, hand_over, receiver in at.execute(query.order_by(hand_offs.c.id)):
        found[lead, hand_over] = (*found.get((lead, hand_over), ()), receiver)
    return found


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


def _facts(asked: Collection[str]) -> tuple[ColumnElement[str], ...]:
    return (leads.c.facts,) if asked else ()


def _told(row: Row[Any], asked: Collection[str]) -> dict[str, str]:
    """What the lead says of these facts; nothing where what is stored of it can no longer be read."""
    try:
        said = json.loads(row.facts or "{}") if asked else {}
    except ValueError:
        return {}
    return {name: str(said[name]) for name in asked if said.get(name) is not None}


def _hand_off(row: Row[Any], facts: Collection[str] = ()) -> HandOffRecord:
    def instant(name: str) -> datetime | None:
        number = getattr(row, name)
        return None if number is None else instant_of(number)

    return HandOffRecord(
        id=row.id,
        lead=row.lead,
        attempt=row.attempt,
        bdr=row.bdr,
        receiver=row.receiver,
        pool=row.pool,
        handed_at=instant_of(row.handed_at),
        touched_at=instant("touched_at"),
        accepted_at=instant("accepted_at"),
        reminded_at=instant("reminded_at"),
        returned_at=instant("returned_at"),
        reason=row.reason,
        ended_at=instant("ended_at"),
        ended_by=row.ended_by,
        hand_over=row.hand_over,
        queued_at=instant("queued_at"),
        queue=row.queue,
        created_at=instant("created_at"),
        staged_on=None if row.staged_on is None else day_of(row.staged_on),
        told=_told(row, facts),
    )
