"""Turns that were counted and then did not happen, or happened and were not counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crmsync.route.choice import Lead
from crmsync.route.counters import Counters, Ledger
from crmsync.route.defaults import DIRECT
from crmsync.route.desk import RoutingDesk
from crmsync.route.resolution import Resolved, whole_weights

Reserved = Mapping[str, tuple[str, str]]
"""Lead → (pool, native owner id): a turn counted by an earlier run whose write is still open."""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A reserved turn that is not used: `owner` (native id) has it back in `pool`."""

    lead: str
    pool: str
    owner: str


def give_back(resolved: Resolved, counters: Counters, turns: Iterable[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Counters without these turns (pool, native owner id): for writes that were finally refused.

    The owner is owed the turn again. The day's and week's numbers stay: a slot of capacity is not given twice.
    """
    ledger = Ledger(counters)
    for pool, owner in turns:
        undo(resolved, ledger, pool, owner)
    return ledger.counters()


def credit(resolved: Resolved, counters: Counters, turns: Iterable[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """Counters with these turns (pool, native owner id) added: for leads that a person gave away by hand."""
    ledger = Ledger(counters)
    for pool, owner in turns:
        member = resolved.by_user.get(owner)
        if member is not None:
            active = [each for each in resolved.pools.get(pool, ()) if each.active]
            ledger.rotation(pool).credit(member.key, whole_weights(active))
    return ledger.counters()


def undo(resolved: Resolved, ledger: Ledger, pool: str, owner: str) -> None:
    """Take one turn back in the ledger; nothing when the owner is not in the roster any more."""
    member = resolved.by_user.get(owner)
    if member is None:
        return
    rotation = ledger.rotation(pool)
    rotation.join(member.key)
    if pool == DIRECT:
        rotation.turns[member.key] -= 1
    else:
        active = [each for each in resolved.pools.get(pool, ()) if each.active]
        rotation.give_back(member.key, whole_weights(active))


def still_good(desk: RoutingDesk, resolved: Resolved, lead: Lead, pool: str, owner: str) -> bool:
    """Whether a reserved turn can be used: its owner could take the lead today, capacity (counted already) aside."""
    member = resolved.by_user.get(owner)
    if member is None or desk.obstacle(member) or not desk.may_own(member, lead):
        return False
    return pool == DIRECT or member in resolved.pools.get(pool, ())
