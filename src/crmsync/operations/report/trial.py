"""Leads placed on trial by the roster's rules, to see who gets which part of them. Nothing is counted or stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.figures.capacity import Part
from crmsync.route.people.member import Member
from crmsync.route.people.person import Capacity as Limits
from crmsync.route.placing.assignment import assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.run.batches import decided_as_of
from crmsync.run.owners import known_leads
from crmsync.store import Store
from crmsync.values import replace

SAMPLE = 1_000
"""So many leads are placed at most."""


def parts_on_trial(
    prepared: Prepared, store: Store, told: pl.DataFrame, hand_over: ResolvedHandOver, day: date
) -> tuple[list[Part], int]:
    """Who gets which part of the leads: leads that stand on the ladder, placed on trial by the roster's rules.

    Everybody is there for that, and takes any number: days and limits are looked at month by month.
    """
    there = sorted(told.filter(pl.col("until").is_null())["lead"].unique().to_list())
    some = there[:: max(1, len(there) // SAMPLE)][:SAMPLE]
    decided = decided_as_of(prepared, store, some, day).drop("stage").with_row_index("row")
    stage = hand_over.stages[0]
    leads = decided.with_columns(
        stage=pl.lit(stage), owner=pl.lit(None, pl.String), owner_edited_on=pl.lit(None, pl.Date)
    )
    everybody = replace(hand_over, stages=(stage,), anybody=True)
    roster = _always_there(prepared.roster)
    zone = prepared.org.time_zone
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    standing = RoutingStanding(
        known=known_leads(prepared, store, leads["email"]),
        accounts=store.facts.accounts(prepared.name) if prepared.accounts_asked else None,
    )
    given = assign(leads, RoutingCircumstances(roster, (everybody,), (stage,), day, noon, zone=zone), standing)
    keys = {member.user: member.key for member in prepared.roster.members}
    counted: dict[str | None, Counter[str]] = {}
    for pool, owner in given.assigned.select("pool", "owner").iter_rows():
        if owner in keys:
            counted.setdefault(pool, Counter())[keys[owner]] += 1
    weights = {member.key: float(member.person.weight) for member in prepared.roster.members}
    people = prepared.roster.people_in_pools
    parts = [
        Part(pool, sum(some_.values()) / len(some), _weights(some_, people.get(pool or "", ()), weights))
        for pool, some_ in counted.items()
    ]
    return parts, len(some)


def _weights(given: Counter[str], people: Sequence[str], weights: Mapping[str, float]) -> Mapping[str, float]:
    """Within a pool by weight, else as they were given."""
    return {key: weights[key] for key in people} if people and set(given) <= set(people) else dict(given)


def _always_there(roster: ResolvedRoster) -> ResolvedRoster:
    """The same people without absences, hours and limits."""
    free = {member.key: _free(member) for member in roster.members}
    return replace(
        roster,
        roster=roster.roster.model_copy(update={"outside_hours": "ignore"}),
        members=tuple(free.values()),
        pools={name: tuple(free[member.key] for member in some) for name, some in roster.pools.items()},
        by_user={user: free[member.key] for user, member in roster.by_user.items()},
    )


def _free(member: Member) -> Member:
    person = member.person.model_copy(update={"capacity": Limits(), "starts": None, "ends": None})
    return replace(member, person=person, away=())
