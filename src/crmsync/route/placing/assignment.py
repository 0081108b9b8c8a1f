"""Who gets which lead: the whole assignment of one batch, as a function of its arguments.

Leads for which a hand-over counts, and whose owner it takes leads from, are handed over; with one hand-off only,
ownerless leads below it get an owner; all others keep theirs, or have nobody yet. Only leads that need an owner are
looked at one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import polars as pl

from crmsync.errors import UsageError
from crmsync.model import ROUTED, SetAside, checked
from crmsync.route.at_work.availability import Availability
from crmsync.route.choosing.strategy import Placement, PoolsTurn
from crmsync.route.placing.accounts import Accounts, with_account_keys
from crmsync.route.placing.claims import Claims
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.hand_overs import ResolvedHandOver, and_later, raw_queues, several
from crmsync.route.placing.needing_owner import (
    HeldLead,
    Owning,
    hands_off,
    needing_owner,
    nobody_yet,
    open_leads_by_owner,
)
from crmsync.route.placing.order_of_turns import in_order_of_turns, places_in_roster
from crmsync.route.placing.orders import Credit, Order
from crmsync.route.placing.owned import Owned
from crmsync.route.placing.placing import Placing, Tried
from crmsync.route.placing.requests import Request, requests_in
from crmsync.route.placing.turns import GivenBack, Reserved, settle_credits, still_good, undo
from crmsync.route.roster.defaults import rules_of
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster_file import RoutingRule
from crmsync.route.rotation.counters import Counters, Ledger
from crmsync.tongue import ENGLISH, Tongue

_ACCOUNT_COLUMNS = ("lead", "email", "company", "created_at", "owner")


@dataclass(frozen=True, slots=True)
class Assignments:
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
    resolved: ResolvedRoster,
    leads: pl.DataFrame,
    *,
    counters: Counters,
    reserved: Reserved,
    as_of: date,
    now: datetime,
    hand_overs: Sequence[ResolvedHandOver],
    ladder: Sequence[str],
    hands_off_days: int | None = None,
    open_leads: Mapping[str, int] | None = None,
    known: pl.DataFrame | None = None,
    accounts: pl.DataFrame | None = None,
    leavers: Collection[str] = (),
    orders: Mapping[str, Order] = MappingProxyType({}),
    credits: Sequence[Credit] = (),
    picked: Collection[str] | None = None,
    zone: str = "UTC",
    given_on: Mapping[str, date] = MappingProxyType({}),
    tongue: Tongue = ENGLISH,
    tried: dict[str, list[Tried]] | None = None,
) -> Assignments:
    """Owners for the leads of one batch.

    `leads`: `row, lead, email, company, created_at, owner, stage` (decided), `priority` (Int64),
    `owner_edited_on`, `verdict.*` (Boolean, null = unknown), `fact.*`, perhaps `name` and `reason` (why it is
    disqualified). `ladder`: stages, lowest first; leads whose `stage` is neither there nor in a hand-over are left
    alone. `hand_overs`: in the policy's order; none = nothing is handed off.
    `hands_off_days`: an owner that a person set at most so many days before `as_of` stays (null = no such time).
    `open_leads`: open leads by native user id in the whole CRM; null = counted in this batch.
    `known`: the CRM's other leads (`lead, email, company, created_at, owner, owner_edited_on`, the facts that rules
    compare), for owners of the same account.
    `accounts`: the CRM's accounts, customers and open opportunities (schema ACCOUNTS).
    `leavers`: native ids whose leads are to be given to others.
    `orders`: what hand-offs under way ask for, by lead. `credits`: what the rotation is to take account of first.
    `picked`: leads that may get an owner, the others count as they stand; null = all. `zone`: whose days count.
    `given_on`: lead → the day on which crmsync gave it to its present owner. `tongue`: of the reasons. `tried`: is
    filled with what became of each lead at each rule.
    Raises `UsageError` when a rule asks for a criterion that has no `verdict.` column.
    """
    rules: dict[str | None, tuple[RoutingRule, ...]] = {
        each.name: rules_of(resolved.roster, each.name) for each in hand_overs
    }
    rules[None] = () if several(hand_overs) else rules_of(resolved.roster, None)
    _check_criteria(leads, [name for listed in rules.values() for rule in listed for name in rule.when])
    availability = Availability(resolved, now, leavers, tongue)
    ledger = Ledger(counters)
    settle_credits(resolved, ledger, credits, as_of=as_of, today=availability.today)
    places = places_in_roster(resolved.by_user)
    owning = _owning(availability, hand_overs, leavers)
    found = needing_owner(leads, ladder, hand_overs, owning, orders).collect()
    if found.height > 1:
        found = in_order_of_turns(
            found, resolved.roster, ladder=ladder, places=places, orders=orders, hand_overs=hand_overs
        )
    needing, held = hands_off(found, as_of, hands_off_days)
    if not rules[None]:
        needing = needing.filter("hand_off")
    if picked is not None:
        needing = needing.filter(pl.col("lead").is_in(sorted(picked)))
        held = tuple(item for item in held if item.lead in picked)
    owned = Owned(resolved.facts_compared, zone if resolved.ages_count else None, given_on)
    keyed = _keyed(leads, known, resolved, owned)
    needing = needing.join(
        keyed.select("lead", "domain", "company_key"), on="lead", how="left", maintain_order="left"
    )
    together = Accounts(keyed, needing, resolved.roster.duplicates.same, places, tongue)
    link = f"fact.{resolved.roster.facts.account}"
    claims = Claims(accounts, needing, resolved.roster.duplicates.shared_domains, link, places, owned)
    loads = open_leads_by_owner(leads, ladder) if open_leads is None else open_leads
    desk = RoutingDesk(resolved, availability, ledger, together, loads, claims, owning.receivers, tongue, as_of)
    requests = list(requests_in(needing, resolved.roster.facts, resolved.facts_compared))
    good, given_back = _settle_reserved(requests, leads, reserved, resolved, desk, ledger, orders)
    placing = Placing(desk, together, rules, resolved.roster.rules.otherwise, tongue, tried)
    turns = _Turns(placing, desk, together, orders, good)
    set_aside = _placed_in_order(requests, turns, frozenset(resolved.queues.values()))
    assigned = checked(pl.DataFrame(turns.rows, schema=dict(ROUTED)), ROUTED)
    return Assignments(
        assigned=assigned,
        counters=ledger.counters(),
        given_back=given_back,
        set_aside=set_aside,
        held=held,
        nobody_yet=_nobody_yet(
            leads if picked is None else leads.filter(pl.col("lead").is_in(sorted(picked))),
            ladder,
            hand_overs,
            resolved,
            (*assigned["lead"], *(it.lead for it in set_aside)),
        ),
    )


def _owning(availability: Availability, hand_overs: Sequence[ResolvedHandOver], leavers: Collection[str]) -> Owning:
    receivers = and_later({each.name: availability.receivers_of(each.name) for each in hand_overs}, hand_overs)
    former = {each.name: availability.former(each.name) for each in hand_overs}
    return Owning(receivers, availability.users_gone, former, frozenset(leavers))


def _nobody_yet(
    leads: pl.DataFrame,
    ladder: Sequence[str],
    hand_overs: Sequence[ResolvedHandOver],
    resolved: ResolvedRoster,
    but: Collection[str],
) -> frozenset[str] | None:
    """Null where neither policy nor roster says that there may be any."""
    if not (several(hand_overs) or resolved.may_wait):
        return None
    return frozenset(nobody_yet(leads, ladder, raw_queues(resolved, hand_overs), but))


@dataclass(frozen=True, slots=True)
class _Turns:
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


def _keyed(leads: pl.DataFrame, known: pl.DataFrame | None, resolved: ResolvedRoster, owned: Owned) -> pl.DataFrame:
    everything = _account_columns(leads, owned)
    if known is not None:
        others = _account_columns(known, owned).join(everything, on="lead", how="anti")
        everything = pl.concat([everything, others], how="vertical_relaxed")
    return with_account_keys(everything, resolved.roster.duplicates.shared_domains)


def _account_columns(leads: pl.DataFrame, owned: Owned) -> pl.DataFrame:
    return leads.select(*_ACCOUNT_COLUMNS, since=owned.lead_since(), told=owned.in_lead(leads.columns))


def _settle_reserved(
    requests: Sequence[Request],
    leads: pl.DataFrame,
    reserved: Reserved,
    resolved: ResolvedRoster,
    desk: RoutingDesk,
    ledger: Ledger,
    orders: Mapping[str, Order],
) -> tuple[dict[str, tuple[str, ...]], tuple[GivenBack, ...]]:
    """Reserved turns that are used again, and those given back. Leads of other batches are not looked at."""
    if not reserved:
        return {}, ()
    asking = {request.lead.lead: request.lead for request in requests}
    good: dict[str, tuple[str, ...]] = {}
    given_back: list[GivenBack] = []
    here = leads.filter(pl.col("lead").is_in(sorted(reserved))).sort("lead").select("lead", "owner")
    for name, owner_now in here.iter_rows():
        pool, owner, *rotations = reserved[name]
        if name in asking and still_good(desk, resolved, asking[name], pool, owner, orders.get(name)):
            good[name] = reserved[name]
        elif owner_now != owner:
            undo(resolved, ledger, pool, owner)
            for rotation in rotations:
                undo(resolved, ledger, rotation, pool)
            given_back.append(GivenBack(name, pool, owner))
    return good, tuple(given_back)


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
