"""Who gets which lead: the whole assignment of one batch, as a function of its arguments.

Leads for which a hand-over counts, and whose owner it takes leads from, are handed over; with one hand-off only,
ownerless leads below it get an owner; all others keep theirs, or have nobody yet. Only leads that need an owner are
looked at one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from msgspec import Struct, field

from crmsync.errors import UsageError
from crmsync.model import ROUTED, SetAside, checked
from crmsync.route.choosing.strategy import Placement, PoolsTurn
from crmsync.route.placing.accounts import Accounts
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.hand_overs import raw_queues, several
from crmsync.route.placing.needing_owner import (
    HeldLead,
    nobody_yet,
)
from crmsync.route.placing.opened import opened
from crmsync.route.placing.orders import Order
from crmsync.route.placing.placing import Placing, RuleTried
from crmsync.route.placing.requests import Request, requests_in
from crmsync.route.placing.turns import GivenBack


class Assignments(Struct, frozen=True):
    """The result. `assigned`: schema ROUTED. `counters`: the state after, complete, JSON-able.

    `set_aside`: leads that need an owner and got none. `nobody_yet`: leads that have none, as it should be; null =
    neither policy nor roster says that there may be any.
    """

    assigned: pl.DataFrame
    counters: dict[str, dict[str, dict[str, Any]]]
    given_back: tuple[GivenBack, ...]
    set_aside: tuple[SetAside, ...]
    held: tuple[HeldLead, ...]
    nobody_yet: frozenset[str] | None = None


def no_assignments() -> Assignments:
    """Nobody gets another owner."""
    return Assignments(pl.DataFrame(schema=dict(ROUTED)), {}, (), (), ())


def assign(
    leads: pl.DataFrame,
    circumstances: RoutingCircumstances,
    standing: RoutingStanding,
    *,
    picked: Collection[str] | None = None,
    tried: dict[str, list[RuleTried]] | None = None,
) -> Assignments:
    """Owners for the leads of one batch.

    `leads`: `row, lead, email, company, created_at, owner, stage` (decided), `priority` (Int64),
    `owner_edited_on`, `verdict.*` (Boolean, null = unknown), `fact.*`, perhaps `name` and `reason` (why it is
    disqualified). `picked`: leads that may get an owner, the others count as they stand; null = all. `tried`: is
    filled with what became of each lead at each rule.
    Raises `UsageError` when a rule asks for a criterion that has no `verdict.` column.
    """
    rules = circumstances.rules
    _check_criteria(leads, [name for listed in rules.values() for rule in listed for name in rule.when])
    day = opened(circumstances, standing)
    needing, held = day.needing(leads, picked, new=bool(rules[None]))
    keyed = day.keyed(leads)
    needing = needing.join(
        keyed.select("lead", "domain", "company_key"), on="lead", how="left", maintain_order="left"
    )
    together = day.together(keyed, needing)
    desk = day.desk(leads, needing, together)
    resolved = circumstances.resolved
    requests = list(requests_in(needing, resolved.roster.facts, resolved.facts_compared))
    good, given_back = day.settle_reserved(requests, leads, desk)
    placing = Placing(desk, together, rules, resolved.roster.rules.otherwise, circumstances.tongue, tried)
    turns = _Turns(placing, desk, together, circumstances.orders, good)
    set_aside = _placed_in_order(requests, turns, frozenset(resolved.queues.values()))
    assigned = checked(pl.DataFrame(turns.rows, schema=dict(ROUTED)), ROUTED)
    mine = leads if picked is None else leads.filter(pl.col("lead").is_in(sorted(picked)))
    settled = (*assigned["lead"], *(it.lead for it in set_aside))
    return Assignments(
        assigned=assigned,
        counters=day.ledger.counters(),
        given_back=given_back,
        set_aside=set_aside,
        held=held,
        nobody_yet=_nobody_yet(mine, circumstances, settled),
    )


def _nobody_yet(
    leads: pl.DataFrame, circumstances: RoutingCircumstances, but: Collection[str]
) -> frozenset[str] | None:
    """Null where neither policy nor roster says that there may be any."""
    resolved, hand_overs = circumstances.resolved, circumstances.hand_overs
    if not (several(hand_overs) or resolved.may_wait):
        return None
    return frozenset(nobody_yet(leads, circumstances.ladder, raw_queues(resolved, hand_overs), but))


class _Turns(Struct, frozen=True):
    """One request after the other. `good`: lead → pool and owner of a reserved turn. `rows`: who got what so far."""

    placing: Placing
    desk: RoutingDesk
    together: Accounts
    orders: Mapping[str, Order]
    good: Mapping[str, tuple[str, ...]]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def choose(self, request: Request) -> Placement:
        """Who is to get it, as things stand."""
        name, order = request.lead.lead, self.orders.get(request.lead.lead)
        if name in self.good:
            return self.desk.reuse(*self.good[name])
        return self.placing.place(request) if order is None else self.placing.place_as_ordered(request, order)

    def settle(self, request: Request, placement: Placement) -> bool:
        """It is theirs; whether somebody has lost it."""
        lead, owner = request.lead, placement.owner
        assert owner is not None
        self.together.place(lead, owner)
        if owner == lead.owner:
            return False
        self.desk.moved(lead.owner, owner)
        self.rows.append(_assigned(request, placement))
        return lead.owner is not None


def _placed_in_order(requests: Sequence[Request], turns: _Turns, queues: Collection[str]) -> tuple[SetAside, ...]:
    """Place one after the other; what got nobody, or a queue, is tried again when somebody has lost a lead meanwhile.

    Else the next run would find the room that this one has made, and plan again from the same facts.
    """
    waiting = list(requests)
    while True:
        relieved = False
        left: list[tuple[Request, Placement]] = []
        for request in waiting:
            placement = turns.choose(request)
            if placement.waits:
                continue
            if placement.owner is None or placement.owner in queues:
                left.append((request, placement))
            else:
                relieved |= turns.settle(request, placement)
        if not relieved:  # nobody has more room than before: queues get what is meant for them
            for request, placement in left:
                relieved |= placement.owner is not None and turns.settle(request, placement)
            left = [(request, placement) for request, placement in left if placement.owner is None]
        if not left or not relieved:
            return tuple(SetAside(request.lead.lead, placement.reason) for request, placement in left)
        waiting = [request for request, _ in left]


def _check_criteria(leads: pl.DataFrame, names: Sequence[str]) -> None:
    missing = sorted({name for name in names if f"verdict.{name}" not in leads.columns})
    if missing:
        raise UsageError(
            f"the roster's rules ask for a criterion that the policy does not have: {', '.join(missing)}",
            hint="name a criterion of the policy after `when`",
        )


def _assigned(request: Request, placement: Placement) -> dict[str, Any]:
    return {
        "row": request.row,
        "lead": request.lead.lead,
        "owner": placement.owner,
        "hand_over": request.lead.hand_over,
        "reason": placement.reason,
        "pool": placement.pool,
        "counter_before": placement.before,
        "counter_after": placement.after,
        "share_before": placement.share_before,
        "share_after": placement.share_after,
        "sharing": placement.sharing,
        "shared": None
        if placement.shared is None
        else [{"person": person, "weight": weight} for person, weight in placement.shared],
        "passed_over": [{"person": person, "why": why} for person, why in placement.passed_over],
        "between": _between(placement.between),
    }


def _between(turn: PoolsTurn | None) -> dict[str, Any] | None:
    if turn is None:
        return None
    return {
        "rotation": turn.rotation,
        "before": turn.before,
        "after": turn.after,
        "share_before": turn.share_before,
        "share_after": turn.share_after,
        "pools": [{"pool": pool, "weight": weight} for pool, weight in turn.pools],
    }
