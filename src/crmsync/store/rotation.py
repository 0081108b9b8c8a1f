"""Rotation counters: how many turns each person of each pool has had. What `state` means, only routing knows.

All but one key: `returned` lists, for turns given back since routing wrote the state, among whom each was shared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from sqlalchemy import Connection, select

from crmsync.store.damage import damaged_store
from crmsync.store.dialects.statements import upsert
from crmsync.store.tables import counters

RETURNED = "returned"
Shared = Sequence[tuple[str, int]]
"""Native user id and weight of those among whom a turn was shared."""


class Turns(Struct, frozen=True):
    """`count`: turns taken, reserved ones among them. `state`: small JSON that routing hands over and gets back."""

    count: int = 0
    state: Mapping[str, Any] = field(default_factory=dict)


def read_turns(at: Connection, connection_id: int) -> dict[tuple[str, str], Turns]:
    """(pool, person) → turns. A person is the native owner id; state of a whole pool stands under person ""."""
    columns = (counters.c.pool, counters.c.person, counters.c.count.label("turns"), counters.c.state)
    rows = at.execute(select(*columns).where(counters.c.connection_id == connection_id))
    return {(row.pool, row.person): _sound(row.turns, row.state) for row in rows}


def _sound(count: object, state: object) -> Turns:
    """What was stored. Raises `StoreUnavailable` for what cannot have been."""
    if not isinstance(count, int) or not isinstance(state, dict) or not isinstance(state.get("turns", 0), int):
        raise damaged_store("a rotation counter")
    return Turns(count, state)


def set_turns(at: Connection, connection_id: int, turns: Mapping[tuple[str, str], Turns]) -> None:
    """Replace these counters, keep the others: a person taken off the list keeps the count."""
    rows = [
        {"connection_id": connection_id, "pool": pool, "person": person, "count": it.count, "state": dict(it.state)}
        for (pool, person), it in turns.items()
    ]
    if rows:
        at.execute(upsert(at, counters), rows)


def replace_turns(at: Connection, connection_id: int, turns: Mapping[tuple[str, str], Turns]) -> None:
    """These counters and no others."""
    at.execute(counters.delete().where(counters.c.connection_id == connection_id))
    set_turns(at, connection_id, turns)


def give_back(at: Connection, connection_id: int, turns: Iterable[tuple[str, str]]) -> None:
    """One turn less for each (pool, person) named, as often as it is named."""
    for (pool, person), number in Counter(turns).items():
        this = (counters.c.connection_id == connection_id) & (counters.c.pool == pool) & (counters.c.person == person)
        at.execute(counters.update().where(this).values(count=counters.c.count - number))


def give_back_as_shared(at: Connection, connection_id: int, turns: Iterable[tuple[str, str, Shared | None]]) -> None:
    """The same of turns (pool, person, among whom it was shared), so that routing takes back exactly what it gave."""
    by_person: dict[tuple[str, str], list[Shared | None]] = {}
    for pool, person, shared in turns:
        by_person.setdefault((pool, person), []).append(shared)
    stored = read_turns(at, connection_id) if by_person else {}
    for turn, those in by_person.items():
        if turn in stored:
            it = stored[turn]
            returned = [*it.state.get(RETURNED, []), *those]
            set_turns(at, connection_id, {turn: Turns(it.count - len(those), {**it.state, RETURNED: returned})})
