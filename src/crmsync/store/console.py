"""The console's people: who is signed in, failed tries to sign in, and what was done.

What a browser holds of a session, and whom somebody tried to be, is kept as a hash: who reads the store signs in as
nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, func, select

from crmsync.store.dialects.statements import insert_missing
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.tables import console_log, console_sessions, console_tries

_SEEN_EVERY = timedelta(minutes=1)


class Session(Struct, frozen=True):
    """Somebody who is signed in. `stamp`: of their role and password when they signed in."""

    person: str
    stamp: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime


class Deed(Struct, frozen=True):
    """What was done: when, by whom, what, where and why. `about`: numbers and names, no lead's data."""

    id: int
    at: datetime
    person: str | None
    what: str
    connection: str | None
    reason: str
    about: Mapping[str, Any]


def hashed(text: str) -> str:
    """What stands in the store in place of a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def begin(at: Connection, secret: str, session: Session) -> None:
    """Somebody is signed in. Sessions that are over go."""
    at.execute(console_sessions.delete().where(console_sessions.c.ends_at <= instant_number(session.started_at)))
    values = {
        "key": hashed(secret),
        "person": session.person,
        "stamp": session.stamp,
        "started_at": instant_number(session.started_at),
        "seen_at": instant_number(session.seen_at),
        "ends_at": instant_number(session.ends_at),
    }
    at.execute(console_sessions.insert().values(values))


def session(at: Connection, secret: str, now: datetime, idle: timedelta) -> Session | None:
    """Whose browser holds this; null where nobody's does, it is over, or was not seen for so long."""
    row = at.execute(select(console_sessions).where(console_sessions.c.key == hashed(secret))).one_or_none()
    if row is None or row.ends_at <= instant_number(now) or row.seen_at <= instant_number(now - idle):
        return None
    instants = (instant_of(row.started_at), instant_of(row.seen_at), instant_of(row.ends_at))
    return Session(row.person, row.stamp, *instants)


def seen(at: Connection, secret: str, now: datetime) -> None:
    """Whoever it is was here."""
    this = console_sessions.c.key == hashed(secret)
    at.execute(console_sessions.update().where(this).values(seen_at=instant_number(now)))


def seen_long_ago(found: Session, now: datetime) -> bool:
    """Whether it is worth a line in the store that somebody was here again."""
    return now - found.seen_at >= _SEEN_EVERY


def end(at: Connection, secret: str) -> bool:
    """Signed out; false where nobody was signed in with it any more."""
    return at.execute(console_sessions.delete().where(console_sessions.c.key == hashed(secret))).rowcount == 1


def end_all_of(at: Connection, person: str) -> int:
    """Every session of a person; how many there were."""
    return at.execute(console_sessions.delete().where(console_sessions.c.person == person)).rowcount


def tried(at: Connection, key: str, now: datetime, within: timedelta) -> tuple[int, datetime]:
    """Somebody tries: how often by now, this one included, and since when. What is older counts no longer."""
    instant, mine = instant_number(now), console_tries.c.key == hashed(key)
    old = console_tries.c.since <= instant_number(now - within)
    at.execute(console_tries.delete().where(old | (console_tries.c.since > instant)))
    at.execute(insert_missing(at, console_tries).values(key=hashed(key), failures=0, since=instant))
    at.execute(console_tries.update().where(mine).values(failures=console_tries.c.failures + 1))
    row = at.execute(select(console_tries).where(mine)).one()  # whoever else tries waits for this transaction
    return row.failures, instant_of(row.since)


def succeeded(at: Connection, key: str, *, all_of_them: bool) -> None:
    """The last one was right; `all_of_them`: what was wrong before counts no longer either."""
    mine = console_tries.c.key == hashed(key)
    if all_of_them:
        at.execute(console_tries.delete().where(mine))
    else:
        at.execute(console_tries.update().where(mine).values(failures=console_tries.c.failures - 1))


def note(
    at: Connection,
    now: datetime,
    what: str,
    *,
    person: str | None,
    connection: str | None,
    reason: str,
    about: Mapping[str, Any],
) -> None:
    """Write down what was done."""
    values = {"at": instant_number(now), "person": person, "what": what, "connection": connection}
    at.execute(console_log.insert().values({**values, "reason": reason, "about": dict(about)}))


def deeds(at: Connection, most: int, before: int | None = None) -> list[Deed]:
    """The newest first; `before`: those with a lower number."""
    query = select(console_log).order_by(console_log.c.id.desc()).limit(most)
    if before is not None:
        query = query.where(console_log.c.id < before)
    return [
        Deed(row.id, instant_of(row.at), row.person, row.what, row.connection, row.reason, row.about)
        for row in at.execute(query)
    ]


def tidy(at: Connection, before: datetime, *, only_count: bool) -> int:
    """How many were written down before this instant; unless they are only counted, they go."""
    old = console_log.c.at < instant_number(before)
    if only_count:
        return at.execute(select(func.count()).select_from(console_log).where(old)).scalar_one()
    return at.execute(console_log.delete().where(old)).rowcount


def deeds_in_all(at: Connection) -> int:
    """How many were written down."""
    return at.execute(select(func.count()).select_from(console_log)).scalar_one()
