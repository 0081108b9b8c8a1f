"""What an assignment is given beside its leads: made once, the same for all leads and for each part of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

import polars as pl
from msgspec import Struct, field

from crmsync.route.placing.hand_overs import ResolvedHandOver, several
from crmsync.route.placing.orders import Credit, Order
from crmsync.route.placing.turns import Reserved
from crmsync.route.roster.defaults import rules_of
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster_file import RoutingRule
from crmsync.route.rotation.counters import Counters
from crmsync.tongue import ENGLISH, Tongue


class RoutingCircumstances(Struct, frozen=True):
    """By what leads are placed in this run, and when.

    `ladder`: stages, lowest first; leads whose stage is neither there nor in a hand-over are left alone.
    `hand_overs`: in the policy's order; none = nothing is handed off. `hands_off_days`: an owner that a person set at
    most so many days before `as_of` stays (null = no such time). `leavers`: native ids whose leads are to be given to
    others. `orders`: what hand-offs under way ask for, by lead. `zone`: whose days count. `tongue`: of the reasons.
    """

    resolved: ResolvedRoster
    hand_overs: Sequence[ResolvedHandOver]
    ladder: Sequence[str]
    as_of: date
    now: datetime
    hands_off_days: int | None = None
    leavers: Collection[str] = ()
    orders: Mapping[str, Order] = field(default_factory=dict)
    zone: str = "UTC"
    tongue: Tongue = ENGLISH

    @property
    def rules(self) -> Mapping[str | None, tuple[RoutingRule, ...]]:
        """The roster's rules by the name of the hand-over; under null those for new leads, if there are any."""
        roster = self.resolved.roster
        listed: dict[str | None, tuple[RoutingRule, ...]] = {
            each.name: rules_of(roster, each.name) for each in self.hand_overs
        }
        return {**listed, None: () if several(self.hand_overs) else rules_of(roster, None)}


class RoutingStanding(Struct, frozen=True):
    """How things stand before the first lead is placed.

    `credits`: what the rotation is to take account of first. `open_leads`: open leads by native user id in the whole
    CRM; null = counted in the batch. `known`: the CRM's other leads (`lead, email, company, created_at, owner,
    owner_edited_on`, the facts that rules compare), for owners of the same account. `accounts`: the CRM's accounts,
    customers and open opportunities (schema ACCOUNTS). `given_on`: lead → the day on which crmsync gave it to its
    present owner.
    """

    counters: Counters = field(default_factory=dict)
    reserved: Reserved = field(default_factory=dict)
    credits: Sequence[Credit] = ()
    open_leads: Mapping[str, int] | None = None
    known: pl.DataFrame | None = None
    accounts: pl.DataFrame | None = None
    given_on: Mapping[str, date] = field(default_factory=dict)
