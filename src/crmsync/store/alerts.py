"""What needs a person, since when, and which channel was told when: so that each is told once, whoever tells it.

An alert is there from the look that found it to the look that misses it; then it stays until each channel that was
told of it has been told that it is over. One that comes back before goes on. A channel is taken by one process at a
time, and for a short while only: who took it and died keeps nothing from being told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Connection, select

from crmsync.store.dialects.statements import insert_missing, upsert
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.tables import alert_channels, alerts, alerts_told, connections

AlertState = Literal["new", "again", "over"]


class NeedFound(Struct, frozen=True):
    """What a look found to need a person on a connection: how many, and the command to look with."""

    connection: str
    kind: str
    number: int
    command: str


class StoredAlert(Struct, frozen=True):
    """`over_at`: when it was found to be over; null = it is there. `told`: channel → when it was last told."""

    connection: str
    kind: str
    number: int
    command: str
    since: datetime
    over_at: datetime | None
    told: dict[str, datetime]


class DueAlert(Struct, frozen=True):
    """What a channel is to be told: for the first time, again, or that it is over."""

    alert: StoredAlert
    state: AlertState


class Taken(Struct, frozen=True):
    """A channel that is this process's to tell something. `failures`: in a row before."""

    channel: str
    due: tuple[DueAlert, ...]
    failures: int


class ChannelTrouble(Struct, frozen=True):
    """A channel that did not take its last messages, `failures` in a row, and why. It is tried again at a time."""

    channel: str
    failures: int
    since: datetime
    next_try_at: datetime
    trouble: str


def note(
    at: Connection,
    numbers: dict[str, int],
    found: Sequence[NeedFound],
    *,
    known: Collection[str],
    channels: Collection[str],
    now: datetime,
) -> None:
    """Remember what a look at some connections found. See `Alerts.note`."""
    _forget_strangers(at, known, channels)
    instant = instant_number(now)
    for table, column in (
        (alerts, alerts.c.since),
        (alerts_told, alerts_told.c.told_at),
    ):  # by a clock that ran ahead
        at.execute(table.update().where(column > instant).values({column.name: instant}))
    there = {(alert.connection, alert.kind): alert for alert in read(at) if alert.connection in numbers}
    for each in found:
        known_one = there.pop((each.connection, each.kind), None)
        since = instant if known_one is None else instant_number(known_one.since)
        values = {"connection_id": numbers[each.connection], "kind": each.kind, "number": each.number}
        at.execute(upsert(at, alerts).values({**values, "command": each.command, "since": since, "over_at": None}))
    for gone in there.values():
        _over(at, numbers[gone.connection], gone, instant)


def _over(at: Connection, number: int, gone: StoredAlert, instant: int) -> None:
    this = (alerts.c.connection_id == number) & (alerts.c.kind == gone.kind)
    if not gone.told:
        at.execute(alerts.delete().where(this))
    elif gone.over_at is None:
        at.execute(alerts.update().where(this).values(over_at=instant))


def nothing_new(
    at: Connection,
    looked_at: Collection[str],
    found: Sequence[NeedFound],
    *,
    known: Collection[str],
    channels: Collection[str],
    now: datetime,
) -> bool:
    """Whether all this is known: then nobody waits for the database to be written to."""
    there = read(at)
    mine = {
        NeedFound(each.connection, each.kind, each.number, each.command)
        for each in there
        if each.connection in looked_at and each.over_at is None
    }
    over = any(each.over_at is not None and not each.told for each in there)
    strange = any(each.connection not in known or not each.told.keys() <= set(channels) for each in there)
    ahead = any(max((each.since, *each.told.values())) > now for each in there)
    failing = {each.channel for each in troubles(at)}
    return mine == set(found) and not (over or strange or ahead) and failing <= set(channels)


def _forget_strangers(at: Connection, known: Collection[str], channels: Collection[str]) -> None:
    """Of connections that are no longer configured nobody is told anything, and no channel that is gone is told."""
    for number, name in at.execute(select(connections.c.id, connections.c.name)).all():
        if name not in known:
            for table in (alerts, alerts_told):
                at.execute(table.delete().where(table.c.connection_id == number))
    for table in (alerts_told, alert_channels):
        at.execute(table.delete().where(table.c.channel.not_in(list(channels))))


def read(at: Connection) -> list[StoredAlert]:
    """All of them, by connection and kind."""
    named = select(alerts_told, connections.c.name).join(connections, connections.c.id == alerts_told.c.connection_id)
    told: dict[tuple[str, str], dict[str, datetime]] = {}
    for row in at.execute(named.order_by(alerts_told.c.channel)):
        told.setdefault((row.name, row.kind), {})[row.channel] = instant_of(row.told_at)
    query = select(alerts, connections.c.name).join(connections, connections.c.id == alerts.c.connection_id)
    return [
        StoredAlert(
            connection=row.name,
            kind=row.kind,
            number=row.number,
            command=row.command,
            since=instant_of(row.since),
            over_at=None if row.over_at is None else instant_of(row.over_at),
            told=told.get((row.name, row.kind), {}),
        )
        for row in at.execute(query.order_by(connections.c.name, alerts.c.kind))
    ]


def take(
    at: Connection,
    channel: str,
    *,
    kinds: Collection[str],
    repeat: timedelta | None,
    now: datetime,
    until: datetime,
    longest_pause: timedelta,
) -> Taken | None:
    """What the channel is to be told now. See `Alerts.take`."""
    row = at.execute(select(alert_channels).where(alert_channels.c.channel == channel)).one_or_none()
    if row is not None and (_ahead(row.taken_until, now, until - now) or _ahead(row.next_try_at, now, longest_pause)):
        return None
    to_tell = tuple(due(read(at), channel, kinds, repeat, now))
    if not to_tell:
        return None
    failures = 0 if row is None else row.failures
    values = _channel_row(row, channel)
    at.execute(upsert(at, alert_channels).values({**values, "taken_until": instant_number(until)}))
    return Taken(channel, to_tell, failures)


def due(
    there: Iterable[StoredAlert], channel: str, kinds: Collection[str], repeat: timedelta | None, now: datetime
) -> Iterator[DueAlert]:
    """What of all this the channel is to be told at this time."""
    for alert in there:
        last = alert.told.get(channel)
        if alert.over_at is not None:
            if last is not None:
                yield DueAlert(alert, "over")
        elif alert.kind not in kinds:
            continue
        elif last is None:
            yield DueAlert(alert, "new")
        elif repeat is not None and now - last >= repeat:
            yield DueAlert(alert, "again")


def _ahead(number: int | None, now: datetime, at_most: timedelta) -> bool:
    """Whether it is still to come; what lies further ahead than it can have been set is of a clock that ran ahead."""
    return number is not None and instant_number(now) < number <= instant_number(now + at_most)


def _channel_row(row: Any, channel: str) -> dict[str, Any]:
    if row is None:
        return {"channel": channel, "failures": 0, "failing_since": None, "next_try_at": None, "trouble": None}
    return {name: getattr(row, name) for name in alert_channels.columns.keys()}  # noqa: SIM118 - a collection of columns


def was_told(at: Connection, taken: Taken, now: datetime) -> None:
    """The channel took the message: nothing of it is due any more."""
    instant = instant_number(now)
    names = {each.alert.connection for each in taken.due}
    query = select(connections.c.name, connections.c.id).where(connections.c.name.in_(list(names)))
    numbers = {row.name: row.id for row in at.execute(query)}
    for each in taken.due:
        key = {
            "connection_id": numbers[each.alert.connection],
            "kind": each.alert.kind,
            "channel": taken.channel,
        }
        if each.state == "over":
            at.execute(alerts_told.delete().where(*(alerts_told.c[name] == value for name, value in key.items())))
        else:
            at.execute(upsert(at, alerts_told).values({**key, "told_at": instant}))
            _over_meanwhile(at, key["connection_id"], each.alert, instant)
    told = select(alerts_told.c.kind).where(
        alerts_told.c.connection_id == alerts.c.connection_id, alerts_told.c.kind == alerts.c.kind
    )
    at.execute(alerts.delete().where(alerts.c.over_at.is_not(None), ~told.exists()))
    at.execute(alert_channels.delete().where(alert_channels.c.channel == taken.channel))


def _over_meanwhile(at: Connection, number: int, told: StoredAlert, instant: int) -> None:
    """What was over before anybody knew that somebody was being told of it is there again until its end is told."""
    values = {"connection_id": number, "kind": told.kind, "number": told.number, "command": told.command}
    since = instant_number(told.since)
    at.execute(insert_missing(at, alerts).values({**values, "since": since, "over_at": instant}))


def was_not_told(at: Connection, taken: Taken, *, now: datetime, next_try_at: datetime, trouble: str) -> None:
    """The channel did not take it: all of it stays due."""
    row = at.execute(select(alert_channels).where(alert_channels.c.channel == taken.channel)).one_or_none()
    values = _channel_row(row, taken.channel)
    since = values["failing_since"] or instant_number(now)
    changed = {"failures": taken.failures + 1, "failing_since": since, "next_try_at": instant_number(next_try_at)}
    at.execute(upsert(at, alert_channels).values({**values, **changed, "taken_until": None, "trouble": trouble}))


def troubles(at: Connection) -> tuple[ChannelTrouble, ...]:
    """Channels that did not take their last message."""
    failing = select(alert_channels).where(alert_channels.c.failures > 0).order_by(alert_channels.c.channel)
    return tuple(
        ChannelTrouble(
            row.channel, row.failures, instant_of(row.failing_since), instant_of(row.next_try_at), row.trouble or ""
        )
        for row in at.execute(failing)
    )
