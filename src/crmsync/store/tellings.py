"""What CRMs told by themselves, until it was read: one row a record, however often it was told.

A row stays until a run has remembered what it read of the record. What is told of it meanwhile counts up, and then
the row stays for the next run: nothing that was told is lost by being told in the middle of its reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, Row, bindparam, func, select

from crmsync.store.dialects.statements import among, upsert
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.tables import subscriptions, telling_counts, tellings

TAKEN = "taken"
"""Under this name the store counts records that were told; refusals of deliveries stand under their reasons."""
LOST = "lost"
"""And under this one how often it was not told which records had changed."""
ALL = "*"


class ToldRecord(Struct, frozen=True):
    """A record that was told. `activities`: objects of activities to read with it, `*` = all."""

    object: str
    record: str
    happened_at: datetime | None = None
    activities: tuple[str, ...] = ()


ANYTHING = ToldRecord(ALL, ALL)
"""Something has changed, and it was not told what: all that changed is to be read."""


class HeardUpTo(Struct, frozen=True):
    """How far a channel of an account was heard. `position`: null = what came after it is lost."""

    account: str
    channel: str
    position: str | None


class Subscribed(Struct, frozen=True):
    """A channel that was listened to. `heard_at`: the last sign of life."""

    channel: str
    heard_at: datetime


class Waiting(Struct, frozen=True):
    """A record that was told, `times` so far, and waits to be read. `came_at`: when it was told first."""

    object: str
    record: str
    activities: tuple[str, ...]
    times: int
    happened_at: datetime | None
    came_at: datetime

    @property
    def is_anything(self) -> bool:
        """Whether it is no record: all that changed is to be read."""
        return (self.object, self.record) == (ALL, ALL)


class TellingsStanding(Struct, frozen=True):
    """`taken`: records told so far. `waiting`: those to be read, the oldest since `oldest_at`. `refused`: reason →
    deliveries, the last of all at `refused_at`. `lost`: how often it was not told what had changed, the last time at
    `lost_at`.
    """

    taken: int = 0
    last_at: datetime | None = None
    waiting: int = 0
    oldest_at: datetime | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    refused_at: datetime | None = None
    lost: int = 0
    lost_at: datetime | None = None
    subscribed: tuple[Subscribed, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether anybody ever told or tried to."""
        return bool(self.taken or self.waiting or self.refused or self.subscribed)


def take_in(at: Connection, connection_id: int, told: Iterable[ToldRecord], now: datetime) -> int:
    """Let records wait; how many were told, each once."""
    merged: dict[tuple[str, str], ToldRecord] = {}
    for each in told:
        key = (each.object, each.record)
        merged[key] = _both(merged[key], each) if key in merged else each
    there = {(row.object, row.record): row for row in _rows(at, connection_id, [record for _, record in merged])}
    rows = [_row(connection_id, each, there.get(key), now) for key, each in merged.items()]
    if rows:
        at.execute(upsert(at, tellings), rows)
    untold = (ANYTHING.object, ANYTHING.record) in merged
    count(at, connection_id, {TAKEN: len(merged) - untold, LOST: int(untold)}, now)
    return len(merged) - untold


def _row(connection_id: int, told: ToldRecord, before: Waiting | None, now: datetime) -> dict[str, object]:
    known = told if before is None else _both(ToldRecord(*_seen(before)), told)
    return {
        "connection_id": connection_id,
        "object": told.object,
        "record": told.record,
        "activities": ",".join(known.activities),
        "times": 1 if before is None else before.times + 1,
        "happened_at": None if known.happened_at is None else instant_number(known.happened_at),
        "came_at": instant_number(now if before is None else min(before.came_at, now)),
    }


def _seen(row: Waiting) -> tuple[str, str, datetime | None, tuple[str, ...]]:
    return row.object, row.record, row.happened_at, row.activities


def _both(one: ToldRecord, other: ToldRecord) -> ToldRecord:
    instants = [each.happened_at for each in (one, other) if each.happened_at is not None]
    activities = tuple(sorted({*one.activities, *other.activities}))
    return ToldRecord(
        one.object, one.record, min(instants, default=None), (ALL,) if ALL in activities else activities
    )


def waiting(at: Connection, connection_id: int, limit: int) -> tuple[Waiting, ...]:
    """The first that came, oldest first."""
    mine = select(tellings).where(tellings.c.connection_id == connection_id)
    ordered = mine.order_by(tellings.c.came_at, tellings.c.object, tellings.c.record).limit(limit)
    return tuple(map(_waiting, at.execute(ordered)))


def _rows(at: Connection, connection_id: int, records: Collection[str]) -> Iterator[Waiting]:
    """What waits of these records, whatever their objects."""
    mine = select(tellings).where(tellings.c.connection_id == connection_id, among(tellings.c.record, records))
    return map(_waiting, at.execute(mine))


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        object=row.object,
        record=row.record,
        activities=tuple(each for each in row.activities.split(",") if each),
        times=row.times,
        happened_at=None if row.happened_at is None else instant_of(row.happened_at),
        came_at=instant_of(row.came_at),
    )


def are_waiting(at: Connection, connection_id: int, object_name: str, records: Collection[str]) -> bool:
    """Whether any of these records waits to be read."""
    mine = (tellings.c.connection_id == connection_id) & (tellings.c.object == object_name)
    query = select(tellings.c.record).where(mine, among(tellings.c.record, records)).limit(1)
    return at.execute(query).first() is not None


def were_read(at: Connection, connection_id: int, read: Sequence[Waiting]) -> int:
    """Let these wait no longer, but for those that were told again since; how many went."""
    if not read:
        return 0
    same = (tellings.c.object == bindparam("_object"), tellings.c.record == bindparam("_record"))
    once = tellings.delete().where(
        tellings.c.connection_id == connection_id, *same, tellings.c.times == bindparam("_times")
    )
    rows = [{"_object": each.object, "_record": each.record, "_times": each.times} for each in read]
    return at.execute(once, rows).rowcount


def count(at: Connection, connection_id: int, numbers: Mapping[str, int], now: datetime) -> None:
    """Count up."""
    for what, number in numbers.items():
        if not number:
            continue
        mine = (telling_counts.c.connection_id == connection_id, telling_counts.c.what == what)
        before = at.execute(select(telling_counts.c.number).where(*mine)).scalar() or 0
        values = {"connection_id": connection_id, "what": what, "number": before + number}
        at.execute(upsert(at, telling_counts).values({**values, "last_at": instant_number(now)}))


def standing(at: Connection, connection_id: int) -> TellingsStanding:
    """How many were told, wait, and were refused."""
    rows = {
        row.what: row
        for row in at.execute(select(telling_counts).where(telling_counts.c.connection_id == connection_id))
    }
    mine = select(func.count(), func.min(tellings.c.came_at)).where(tellings.c.connection_id == connection_id)
    number, oldest = at.execute(mine).one()
    taken, lost = rows.pop(TAKEN, None), rows.pop(LOST, None)
    return TellingsStanding(
        taken=taken.number if taken else 0,
        last_at=instant_of(taken.last_at) if taken else None,
        waiting=number,
        oldest_at=None if oldest is None else instant_of(oldest),
        refused={what: row.number for what, row in sorted(rows.items())},
        refused_at=max((instant_of(row.last_at) for row in rows.values()), default=None),
        lost=lost.number if lost else 0,
        lost_at=instant_of(lost.last_at) if lost else None,
        subscribed=_subscribed(at, connection_id),
    )


def position(at: Connection, connection_id: int, account: str, channel: str) -> str | None:
    """How far a channel was heard; null = never, or what came after that is lost."""
    mine = (subscriptions.c.connection_id == connection_id, subscriptions.c.channel == _key(account, channel))
    return at.execute(select(subscriptions.c.position).where(*mine)).scalar()


def heard(at: Connection, connection_id: int, up_to: Iterable[HeardUpTo], now: datetime) -> None:
    """Remember how far; of one channel the last counts."""
    rows = {_key(each.account, each.channel): each.position for each in up_to}
    if rows:
        values = {"connection_id": connection_id, "heard_at": instant_number(now)}
        at.execute(
            upsert(at, subscriptions), [{**values, "channel": key, "position": it} for key, it in rows.items()]
        )


def _subscribed(at: Connection, connection_id: int) -> tuple[Subscribed, ...]:
    """The channel of each name that was heard last: the account may have been another before."""
    mine = select(subscriptions).where(subscriptions.c.connection_id == connection_id)
    rows = at.execute(mine.order_by(subscriptions.c.heard_at))
    latest = {row.channel.partition(" ")[2]: instant_of(row.heard_at) for row in rows}
    return tuple(Subscribed(channel, heard_at) for channel, heard_at in sorted(latest.items()))


def _key(account: str, channel: str) -> str:
    """A position is good for one account."""
    return f"{account} {channel}"
