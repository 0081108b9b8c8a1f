"""Hand-offs as they are read: all that were made, and those under way with what has happened to them since."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, and_, cast, false, func, or_, select

from crmsync.hand_off import HandOffRecord, LiveHandOff
from crmsync.model import NO_EVIDENCE, native_values
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import day_of, instant_number, instant_of
from crmsync.store.tables import activities, hand_offs, leads, made_records

_DAY_MICROSECONDS = 86_400_000_000
_SAME_LEAD = and_(leads.c.connection_id == hand_offs.c.connection_id, leads.c.lead == hand_offs.c.lead)
_STAGE = func.coalesce(leads.c.stage, leads.c.stage_before_clearing).label("stage")
"""Of a lead with its receiver: a stage that our own change, half done, has emptied is no step off the ladder."""


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
    rows = at.execute(query.order_by(hand_offs.c.lead, hand_offs.c.id)).all()
    if not rows:
        return ()
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
        for row in rows
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
