"""Turns that were counted and then did not happen, or happened and were not counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from crmsync.route.choosing.strategy import Lead, Need
from crmsync.route.hours.calendar import local_day
from crmsync.route.people.member import Member, whole_weights
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.orders import Credit, Order
from crmsync.route.roster.defaults import DIRECT, all_rules, between, hand_over_names, is_between, rules_of
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster_file import RoutingRule
from crmsync.route.rotation.counters import Counters, Ledger
from crmsync.route.rotation.fair import Shares

Reserved = Mapping[str, tuple[str, ...]]
"""Lead → (pool, native owner id): a turn counted by an earlier run whose write is still open. A third text names the
rotation between pools in which the pool itself had a turn.
"""


class GivenBack(Struct, frozen=True):
    """A reserved turn that is not used: `owner` (native id) has it back in `pool`."""

    lead: str
    pool: str
    owner: str


Shared = Sequence[tuple[str, int]]
"""Native user id and weight of those among whom a turn was shared."""


def give_back(
    resolved: ResolvedRoster, counters: Counters, turns: Iterable[tuple[str, str, Shared | None]]
) -> dict[str, dict[str, Any]]:
    """Counters without these turns (pool, native owner id, among whom it was shared; null = all who are active): for
    writes that were finally refused, and for runs that were undone.

    The owner is owed the turn again. The day's and week's numbers stay: a slot of capacity is not given twice.
    """
    ledger = Ledger(counters)
    for pool, owner, shared in turns:
        undo(resolved, ledger, pool, owner, shared)
    return ledger.counters()


def settle_credits(
    resolved: ResolvedRoster,
    ledger: Ledger,
    credits: Sequence[Credit],
    *,
    as_of: date,
    today: Mapping[str, date],
) -> None:
    """Count what happened outside the rotation: a lead that a person gave is one that its owner received that day.

    Whether it is a turn as well, and a returned one a turn not had until it is kept, the roster's `credit` says. A
    given lead counts in the pool of the first rule that could have given it: of the last hand-over whose leads the
    owner may receive, else of those for new leads. `today`: the local day by person's key.
    """
    for credit in credits:
        member = resolved.by_user.get(credit.owner)
        if member is None:
            continue
        if credit.cause == "given":
            here = today[member.key]
            ledger.received(DIRECT, member.key, here if credit.day is None or credit.day >= as_of else credit.day)
        if ("given" if credit.cause == "given" else "returned") not in resolved.roster.credit:
            continue
        if credit.cause != "given" and credit.pool is not None:
            again = _count_again if credit.cause == "kept" else undo
            again(resolved, ledger, credit.pool, credit.owner)
            if rotation := _between(all_rules(resolved.roster), credit.pool):
                again(resolved, ledger, rotation, credit.pool)
        elif credit.cause == "given":
            listed = _rules_for(resolved, member)
            pools = [(pool, rule.share) for rule in listed if _gives(rule) for pool in rule.pools]
            first = next(((pool, share) for pool, share in pools if member in resolved.pools[pool]), None)
            if first is not None:
                pool, share = first
                active = [each for each in resolved.pools[pool] if each.active]
                ledger.rotation(pool).credit(member.key, whole_weights(active))
                if share:
                    ledger.rotation(between(share)).credit(pool, [*share.items()])


def _gives(rule: RoutingRule) -> bool:
    """Whether the rule gives leads to the people of its pools, whoever has a claim on them."""
    return bool(rule.needs & {Need.POOL, Need.SHARE})


def _between(rules: Iterable[RoutingRule], pool: str) -> str | None:
    """The rotation between pools in which this pool has its turns, by the first rule that shares with it."""
    return next((between(rule.share) for rule in rules if pool in rule.share), None)


def _rules_for(resolved: ResolvedRoster, member: Member) -> tuple[RoutingRule, ...]:
    """The rules by which this person may have got a lead."""
    names = reversed(hand_over_names(resolved.roster))
    received = next((name for name in names if resolved.may_receive(member, name)), None)
    return rules_of(resolved.roster, received)


def with_credits(
    resolved: ResolvedRoster, counters: Counters, credits: Sequence[Credit], *, as_of: date, now: datetime
) -> dict[str, dict[str, Any]]:
    """Counters that take account of these, as the next run will."""
    ledger = Ledger(counters)
    today = {member.key: local_day(now, member.person.zone) for member in resolved.members}
    settle_credits(resolved, ledger, credits, as_of=as_of, today=today)
    return ledger.counters()


def undo(resolved: ResolvedRoster, ledger: Ledger, pool: str, owner: str, shared: Shared | None = None) -> None:
    """Take one turn back in the ledger. Who is not in the roster any more has a count there by the native id.

    In a rotation between pools the owner is a pool.
    """
    if is_between(pool):
        ledger.rotation(pool).give_back(owner, shared or [*resolved.shares.get(pool, {}).items()])
        return
    member, rotation = resolved.by_user.get(owner), ledger.rotation(pool)
    key = owner if member is None else member.key
    if member is None and key not in rotation.turns:
        return
    rotation.join(key)
    if pool == DIRECT:
        rotation.turns[key] -= 1
    else:
        rotation.give_back(key, shares_of(resolved, pool, shared))


def _count_again(resolved: ResolvedRoster, ledger: Ledger, pool: str, owner: str) -> None:
    """Count one turn that `undo` had taken back, of somebody who is in the roster."""
    rotation = ledger.rotation(pool)
    if is_between(pool):
        rotation.credit(owner, [*resolved.shares.get(pool, {}).items()])
        return
    key = resolved.by_user[owner].key
    rotation.join(key)
    if pool == DIRECT:
        rotation.turns[key] += 1
    else:
        rotation.credit(key, shares_of(resolved, pool, None))


def shares_of(resolved: ResolvedRoster, pool: str, shared: Shared | None) -> Shares:
    """By which weights a turn was shared, by the roster's keys."""
    if shared is None:
        return whole_weights([each for each in resolved.pools.get(pool, ()) if each.active])
    keys = {member.user: member.key for member in resolved.members}
    return [(keys.get(user, user), weight) for user, weight in shared]


def still_good(
    desk: RoutingDesk, resolved: ResolvedRoster, lead: Lead, pool: str, owner: str, order: Order | None = None
) -> bool:
    """Whether a reserved turn can be used: its owner could take the lead today, capacity (counted already) aside.

    One to whom an order sends the lead takes it whenever they are there; one whom it leaves out does not.
    """
    if order is not None and order.to == owner:
        return pool == DIRECT and owner in resolved.by_user and not desk.gone(owner)
    if order is not None and (owner in order.not_to or order.queue is not None or order.pool not in (None, pool)):
        return False
    member = resolved.by_user.get(owner)
    if member is None or desk.obstacle(member) or not desk.may_own(member, lead):
        return False
    return pool == DIRECT or member in resolved.pools.get(pool, ())
