"""Rotation counters between the store's words (native owner ids, counts) and routing's (roster keys, states).

The store counts turns by native id, because the journal knows owners by it and gives turns back by it. Routing
counts by the roster's own key, so that both CRMs agree. A count below the state's own number of turns means that
turns were given back since: the state follows here, by the same rule that made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmsync.route.placing.orders import Credit
from crmsync.route.placing.turns import give_back
from crmsync.route.roster.defaults import is_between
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.store import RETURNED, Store, Turns

Counters = dict[str, dict[str, dict[str, Any]]]
Stored = Mapping[tuple[str, str], Turns]


def counters_from(stored: Stored, roster: ResolvedRoster) -> Counters:
    """What routing takes: pool → roster key → state, turns given back undone in it."""
    keys = {member.user: member.key for member in roster.members}
    counters: Counters = {}
    for (pool, user), turns in sorted(stored.items()):
        key = user if is_between(pool) else keys.get(user, user)
        counters.setdefault(pool, {})[key] = dict(turns.state)
    return give_back(roster, counters, list(_returned(stored)))


def _returned(stored: Stored) -> Iterator[tuple[str, str, list[tuple[str, int]] | None]]:
    """The turns given back since, with those among whom they were shared, as far as that is known."""
    for (pool, user), turns in sorted(stored.items()):
        known = turns.state.get(RETURNED, [])
        for place in range(int(turns.state["turns"]) - turns.count):
            shared = known[place] if place < len(known) else None
            yield pool, user, None if shared is None else [(person, weight) for person, weight in shared]


def stored_from(
    counters: Mapping[str, Mapping[str, Mapping[str, Any]]], roster: ResolvedRoster
) -> dict[tuple[str, str], Turns]:
    """What the store takes: (pool, native id) → count and state."""
    users = {member.key: member.user for member in roster.members}
    return {
        (pool, key if is_between(pool) else users.get(key, key)): Turns(int(state["turns"]), dict(state))
        for pool, people in counters.items()
        for key, state in people.items()
    }


def credits_of(store: Store, connection: str) -> tuple[Credit, ...]:
    """Leads given by people, or returned, that no run's counters take account of yet."""
    open_credits = store.journal.open_credits(connection)
    return tuple(Credit(it.cause, it.owner, it.pool, it.day) for it in open_credits)
