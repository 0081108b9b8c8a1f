"""Fairness over random rosters and streams: what the simulation tells is what the assignment counted, and holds."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest import approx

from crmsync.operations.policy.roster_alone import resolved_alone
from crmsync.operations.simulate.lead_stream import lead_stream
from crmsync.operations.simulate.routing_batches import Routed, instant, run_batches
from crmsync.operations.simulate.routing_shares import pool_shares
from crmsync.route.at_work.loads import pool_loads
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster import Roster
from crmsync.route.rotation.fair import bound

START = date(2026, 11, 23)
DAYS = 6
ZONES = ["UTC", "Asia/Kathmandu", "America/New_York"]


@st.composite
def rosters(draw: st.DrawFn) -> ResolvedRoster:
    """Up to six AEs with weights, hours, absences and capacity; territories matter in half of the rosters."""
    people: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 6))):
        person: dict[str, Any] = {"user": f"ae{number}", "role": "ae", "time_zone": draw(st.sampled_from(ZONES))}
        person["weight"] = draw(st.sampled_from(["0.5", "1", "1.5", "3"]))
        person["territories"] = sorted(draw(st.sets(st.sampled_from(["DE", "FR", "US"]), max_size=2)))
        if draw(st.booleans()):
            person["hours"] = {"mon-fri": "09:00-17:00"}
        if draw(st.booleans()):
            first = START + timedelta(days=draw(st.integers(0, DAYS)))
            person["absences"] = [{"from": first, "to": first + timedelta(days=draw(st.integers(0, 3)))}]
        if draw(st.booleans()):
            person["capacity"] = {"per_day": draw(st.integers(1, 6)), "open_leads": draw(st.integers(5, 20))}
        people.append(person)
    narrow = [{"pool": "receivers", "strategy": "territory"}] if draw(st.booleans()) else []
    last = draw(st.sampled_from([{"pool": "receivers"}, {"share": {"one": 7, "two": 3}}]))
    users = [person["user"] for person in people]
    everything = {
        "people": people,
        "rejoin": draw(st.sampled_from(["no_catch_up", "catch_up", "gradual"])),
        "outside_hours": draw(st.sampled_from(["last_resort", "wait", "ignore"])),
        "pools": {"one": {"people": users[::2]}, "two": {"people": users[1::2] or users}},
        "rules": {"hand_off": [*narrow, last]},
    }
    return resolved_alone(Roster.model_validate(everything), None)


def routed(found: ResolvedRoster, seed: int, leads: int = 60) -> Routed:
    stream = lead_stream(found, start=START, days=DAYS, leads=leads, seed=seed)
    begin = instant(START) - timedelta(days=1)
    return run_batches(
        found,
        stream,
        begin=begin,
        end=begin + timedelta(days=DAYS + 2),
        every=timedelta(hours=3),
        open_days=2,
        progress=lambda *_: None,
    )


of_pools = pl.col("between").struct.field("rotation").is_not_null()


@given(rosters(), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_bound_holds_at_every_prefix_and_figures_are_the_counters(found: ResolvedRoster, seed: int) -> None:
    result = routed(found, seed)
    assert result.given.height + len(result.unassigned) == 60
    loads = {(row["pool"], row["key"]): row for row in pool_loads(found, result.counters).iter_rows(named=True)}
    had = Counter(result.given.select("pool", "owner").iter_rows())
    had.update(("between one, two", turn[0]) for turn in result.given.filter(of_pools).select("pool").iter_rows())
    for pool in pool_shares(found, result.given, result.counters):
        assert pool.bound <= bound(len(result.counters[pool.pool]))
        assert pool.within, pool
        for each in pool.people:
            assert each.turns == had[pool.pool, each.person] == loads[pool.pool, each.person]["turns"]
            assert each.deviation == loads[pool.pool, each.person]["deviation"]
            assert each.largest >= abs(each.deviation)
        assert abs(sum(each.deviation for each in pool.people)) < 1e-6


@given(st.lists(st.sampled_from(["0.5", "1", "1.25", "7", "50"]), min_size=1, max_size=8), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_where_everybody_can_take_every_turn_the_largest_deviation_is_recounted_and_below_one(
    weights: list[str], seed: int
) -> None:
    people = [{"user": f"ae{number}", "role": "ae", "weight": weight} for number, weight in enumerate(weights)]
    found = resolved_alone(Roster.model_validate({"people": people}), None)
    result = routed(found, seed)
    (pool,) = pool_shares(found, result.given, result.counters)
    total, had, worst = sum(map(float, weights)), Counter[str](), 0.0
    for turn, owner in enumerate(result.given["owner"], 1):
        had[owner] += 1
        off = [abs(had[f"ae{number}"] - float(each) / total * turn) for number, each in enumerate(weights)]
        worst = max(worst, *off)
    assert pool.everybody
    assert pool.within
    assert pool.largest == approx(worst)
    assert pool.largest < 1


@given(rosters(), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_gets_a_lead_who_is_away(found: ResolvedRoster, seed: int) -> None:
    for owner, at in routed(found, seed).given.select("owner", "at").iter_rows():
        assert isinstance(at, datetime)
        assert not any(each.start <= at.astimezone(UTC) < each.end for each in found.by_user[owner].away)
