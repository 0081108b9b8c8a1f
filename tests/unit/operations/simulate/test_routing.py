"""Simulated rotations: the stream, leads that wait, capacity, and figures recounted from the turns themselves."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.errors import UsageError
from crmsync.operations.policy.roster_alone import resolved_alone
from crmsync.operations.simulate.lead_stream import UNKNOWN_SHARE, lead_stream
from crmsync.operations.simulate.practice_roster import practice_roster
from crmsync.operations.simulate.routing import RoutingRequest, RoutingSimulation, simulate_routing
from crmsync.operations.simulate.routing_batches import Routed, instant, run_batches
from crmsync.operations.simulate.routing_shares import PoolShares, pool_shares
from crmsync.operations.simulate.routing_waits import person_waits
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.roster.roster import Roster, roster_from
from crmsync.showing.simulate.routing_html import routing_page
from crmsync.values import replace
from suite.breadth import broadly

START = date(2026, 11, 23)
HOURS = {"mon-fri": "09:00-17:00"}


def nothing(_what: str, _done: int, _total: int | None) -> None:
    """No progress is shown."""


def roster_of(*people: dict[str, Any], **rest: Any) -> ResolvedRoster:
    return resolved_alone(Roster.model_validate({"people": list(people), **rest}), None)


def routed(found: ResolvedRoster, *, leads: int = 300, days: int = 7, seed: int = 1, open_days: int = 30) -> Routed:
    stream = lead_stream(found, start=START, days=days, leads=leads, seed=seed)
    begin = instant(START) - timedelta(days=1)
    return run_batches(
        found,
        stream,
        begin=begin,
        end=begin + timedelta(days=days + 2),
        every=timedelta(hours=1),
        open_days=open_days,
        progress=nothing,
    )


def shares(found: ResolvedRoster, result: Routed) -> PoolShares:
    (pool,) = pool_shares(found, result.given, result.counters)
    return pool


LEADS = 500


def made_anew(**more: Any) -> RoutingSimulation:
    usual: dict[str, Any] = {"start": START, "days": 14, "leads": LEADS, "people": 12, "every": timedelta(hours=3)}
    return simulate_routing(Path("nowhere.yaml"), RoutingRequest(**(usual | more)), progress=nothing)


@cache
def simulated(**more: Any) -> RoutingSimulation:
    """One for all that only look at it."""
    return made_anew(**more)


# The stream


def test_the_same_seed_gives_the_same_leads_and_another_one_others() -> None:
    found = roster_of({"user": "ann", "role": "ae", "territories": ["DE", "AT"]})
    first, again, other = (lead_stream(found, start=START, days=30, leads=200, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_leads_come_in_order_on_working_days_and_in_working_hours_above_all() -> None:
    found = roster_of({"user": "ann", "role": "ae", "time_zone": "Asia/Kathmandu"})
    stream = lead_stream(found, start=START, days=28, leads=4000, seed=3)
    assert stream["created_at"].is_sorted()
    local = stream["created_at"].dt.convert_time_zone("Asia/Kathmandu")
    assert set(local.dt.date()) <= {START + timedelta(days=offset) for offset in range(28)}
    weekend = (local.dt.weekday() > 5).sum()
    assert 4000 * 2 / 7 / 6 < weekend < 4000 * 2 / 7 / 2
    office = local.dt.hour().is_between(8, 18).sum()
    assert office > 4000 * 0.7


def test_facts_are_those_that_somebody_serves_in_proportion_to_weight() -> None:
    found = roster_of(
        {"user": "ann", "role": "ae", "territories": ["DE"], "weight": 3},
        {"user": "ben", "role": "ae", "territories": ["FR"], "segments": ["smb"]},
    )
    stream = lead_stream(found, start=START, days=30, leads=4000, seed=3)
    counts = Counter(stream["fact.country"])
    assert set(counts) == {"DE", "FR", None}
    assert 2.5 < counts["DE"] / counts["FR"] < 3.5
    assert 0.5 * UNKNOWN_SHARE < counts[None] / 4000 < 2 * UNKNOWN_SHARE
    assert stream["fact.language"].null_count() == 4000


def test_with_bdrs_each_lead_belongs_to_one_and_partners_get_theirs() -> None:
    found = roster_of(
        {"user": "ann", "role": "ae"},
        {"user": "ben", "role": "ae"},
        {"user": "bea", "role": "bdr", "partner": "ann"},
        {"user": "bob", "role": "bdr"},
        rules={"hand_off": [{"strategy": "partner"}, {"pool": "receivers"}]},
    )
    result = routed(found)
    owners = Counter(result.given["owner"])
    assert set(owners) == {"ann", "ben"}
    assert owners["ann"] > owners["ben"]
    assert result.counters["direct"]["ann"]["turns"] > 100


# Batches


@pytest.mark.breadth
def test_who_finds_nobody_is_tried_again_when_somebody_is_at_work() -> None:
    found = roster_of({"user": "ann", "role": "ae", "hours": HOURS}, outside_hours="wait")
    result = routed(found, leads=200)
    assert result.given.height + len(result.unassigned) == 200
    assert result.later > 20
    assert {(at.weekday() < 5, 9 <= at.hour < 17) for at in result.given["at"]} == {(True, True)}
    assert not result.unassigned


@pytest.mark.breadth
def test_trying_one_of_a_kind_gives_what_trying_all_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shortcut for waiting leads against an assignment of all of them in every batch."""
    found = roster_of(
        {"user": "ann", "role": "ae", "hours": HOURS, "territories": ["DE"], "capacity": {"per_day": 9}},
        {"user": "ben", "role": "ae", "hours": HOURS, "territories": ["FR"], "time_zone": "America/New_York"},
        {"user": "cas", "role": "ae", "territories": ["FR"], "capacity": {"open_leads": 25}},
        rules={"hand_off": [{"pool": "receivers", "strategy": "territory"}]},
        outside_hours="wait",
    )
    short = routed(found, open_days=3)
    assert short.later > 20
    from crmsync.operations.simulate import routing_batches

    def all_of_them(self: Any, _at: datetime, *, closed: bool) -> pl.DataFrame | None:
        return self._waiting

    monkeypatch.setattr(routing_batches._Batches, "_worth_trying", all_of_them)
    long = routed(found, open_days=3)
    assert short.given.equals(long.given)
    assert short.counters == long.counters
    assert short.unassigned.keys() == long.unassigned.keys()  # the causes told are those of the last try
    assert short.later == long.later


@pytest.mark.breadth
def test_capacity_holds_and_closed_leads_make_room() -> None:
    limited = {"user": "ann", "role": "ae", "capacity": {"open_leads": 5}}
    result = routed(roster_of(limited), leads=100, open_days=2)
    times = result.given["at"].to_list()
    for at in times:
        assert sum(at - timedelta(days=2) < other <= at for other in times) <= 5
    assert result.given.height > 5
    assert set(result.unassigned.values()) == {"nobody of pool receivers can take this lead now: at capacity"}


def test_leads_without_an_owner_are_told_with_the_reason_and_queues_are_counted() -> None:
    one = {"user": "ann", "role": "ae", "territories": ["DE"]}
    rule = {"pool": "receivers", "strategy": "territory"}
    alone = routed(roster_of(one, rules={"hand_off": [rule]}), leads=400)
    assert set(alone.unassigned.values()) == {"the lead's territory is not known"}
    queued = routed(roster_of(one, rules={"hand_off": [rule], "otherwise": {"queue": "Inbound"}}), leads=400)
    assert not queued.unassigned
    assert queued.given["pool"].null_count() == len(alone.unassigned)


@pytest.mark.breadth
def test_who_keeps_the_owner_is_counted_apart() -> None:
    bdr = {"user": "bea", "role": "bdr"}
    result = routed(roster_of({"user": "ann", "role": "ae"}, bdr, rules={"hand_off": [{"strategy": "keep_owner"}]}))
    assert (result.kept, result.given.height) == (300, 0)


@pytest.mark.breadth
def test_a_criterion_that_rules_ask_for_is_met_by_some() -> None:
    rules = {"hand_off": [{"when": "strategic", "pool": "seniors"}, {"pool": "receivers"}], "new_lead": []}
    found = roster_of(
        {"user": "ann", "role": "ae"},
        {"user": "ben", "role": "ae"},
        pools={"seniors": {"people": ["ann"]}},
        rules=rules,
    )
    pools = Counter(routed(found).given["pool"])
    assert 30 < pools["seniors"] < 120


# Shares


def test_deviations_are_those_of_a_recount_turn_by_turn() -> None:
    """Weights 1 and 2 and somebody absent for two days, recounted without the rotation."""
    away = {"from": datetime(2026, 11, 25, tzinfo=UTC), "to": datetime(2026, 11, 27, tzinfo=UTC)}
    found = roster_of(
        {"user": "ann", "role": "ae"},
        {"user": "ben", "role": "ae", "weight": 2},
        {"user": "cas", "role": "ae", "absences": [away]},
    )
    result = routed(found)
    share, had, worst = Counter[str](), Counter[str](), Counter[str]()
    for owner, at in result.given.select("owner", "at").iter_rows():
        weights = {"ann": 1.0, "ben": 2.0} | ({} if away["from"] <= at < away["to"] else {"cas": 1.0})
        for user, weight in weights.items():
            share[user] += weight / sum(weights.values())
        had[owner] += 1
        for user in ("ann", "ben", "cas"):
            worst[user] = max(worst[user], abs(had[user] - share[user]))
    pool = shares(found, result)
    assert not pool.everybody
    assert pool.bound == 1.0
    for each in pool.people:
        assert each.turns == had[each.person]
        assert each.target == pytest.approx(share[each.person])
        assert each.deviation == pytest.approx(had[each.person] - share[each.person])
        assert each.largest == pytest.approx(worst[each.person])
        assert max(abs(edge) for _, *edges in each.days for edge in edges) <= each.largest + 1e-9


@pytest.mark.breadth
def test_only_where_everybody_can_take_every_turn_the_bound_is_one_turn() -> None:
    three = [{"user": name, "role": "ae", "hours": HOURS} for name in ("ann", "ben", "cas")]
    always = shares(roster_of(*three, outside_hours="ignore"), routed(roster_of(*three, outside_hours="ignore")))
    assert (always.everybody, always.bound) == (True, 1.0)
    other = [*three[:2], {**three[2], "time_zone": "Asia/Tokyo"}]
    at_work = roster_of(*other)
    by_hours = shares(at_work, routed(at_work))
    assert (by_hours.everybody, by_hours.bound) == (False, 1.0)
    four = roster_of(*other, {"user": "dan", "role": "ae"})
    assert shares(four, routed(four)).bound == 1.5


@pytest.mark.breadth
def test_a_pool_of_one_is_never_off() -> None:
    found = roster_of({"user": "ann", "role": "ae"})
    pool = shares(found, routed(found))
    assert (pool.bound, pool.largest, pool.within) == (0.0, 0.0, True)


def test_a_bound_that_is_not_kept_would_be_said() -> None:
    found = roster_of({"user": "ann", "role": "ae"}, {"user": "ben", "role": "ae"})
    result = routed(found)
    bent = result.given.with_columns(share_after=pl.col("share_after") + pl.lit(1.5))
    pool = shares(found, replace(result, given=bent))
    assert not pool.within
    assert pool.largest >= 1.0


# The whole


def test_the_same_request_gives_the_same_answer() -> None:
    one, again = made_anew(), made_anew()
    assert one.to_json() == again.to_json()
    assert routing_page(one) == routing_page(again)
    assert one.to_json() != simulated(seed=2).to_json()


@pytest.mark.parametrize("rejoin", broadly(["no_catch_up", "catch_up", "gradual"]))
@pytest.mark.parametrize("hours", broadly(["last_resort", "wait", "ignore"]))
def test_every_rule_keeps_the_bound(rejoin: Any, hours: Any) -> None:
    answer = simulated(rejoin=rejoin, outside_hours=hours)
    assert (answer.rejoin, answer.outside_hours) == (rejoin, hours)
    assert answer.fair
    assert answer.routed.given.height + len(answer.routed.unassigned) == LEADS
    assert sum(each.leads for each in answer.people) == answer.waits.leads == answer.routed.given.height
    assert answer.waits.in_time <= answer.waits.leads
    days = Counter(f"{at:%Y-%m-%d}" for at in answer.routed.given["at"])
    assert answer.busiest is not None
    assert answer.busiest[1] == days[str(answer.busiest[0])] == max(days.values())


@pytest.mark.breadth
def test_without_absences_nobody_is_ever_away() -> None:
    answer = simulated(absences=False)
    assert {each.days_away for each in answer.people} == {0}
    assert [pool.everybody for pool in answer.pools] == [True]
    assert answer.pools[0].largest < 1
    assert any(each.days_away for each in simulated().people)


@pytest.mark.breadth
def test_more_work_for_each_lead_makes_longer_waits() -> None:
    quick, slow = simulated(each=timedelta(minutes=1)), simulated(each=timedelta(minutes=45))
    assert quick.waits.in_time > slow.waits.in_time
    assert [each.leads for each in quick.people] == [each.leads for each in slow.people]


def test_an_unknown_zone_and_a_roster_without_receivers_are_told() -> None:
    with pytest.raises(UsageError, match="is no time zone") as error:
        practice_roster(3, seed=1, start=START, days=9, zones=("Europe/Berln",))
    assert "Europe/Berlin" in str(error.value.hint)
    with pytest.raises(UsageError, match="is not there"):
        simulated(people=None)


def test_a_roster_of_queues_needs_no_people() -> None:
    result = routed(roster_of(rules={"hand_off": [{"strategy": "queue", "queue": "Inbound"}]}), leads=10)
    assert result.given["pool"].null_count() == 10


@pytest.mark.breadth
def test_days_away_are_those_of_the_window() -> None:
    away = {"user": "ann", "role": "ae", "absences": [{"from": "2026-11-01", "to": "2026-11-24"}]}
    found = roster_of(away, {"user": "ben", "role": "ae", "time_zone": "Asia/Tokyo"})
    given, usual = routed(found).given, {"sla": timedelta(hours=1), "each": timedelta(0)}
    people, _ = person_waits(found, given, start=START, days=7, begin=instant(START) - timedelta(days=1), **usual)
    assert [each.days_away for each in people] == [2, 0]


def test_the_page_tells_names_as_text() -> None:
    answer = simulated()
    bent = replace(answer, people=(replace(answer.people[0], person="<b>&"), *answer.people[1:]))
    page = routing_page(bent)
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;" in page


def test_of_several_hand_overs_one_is_simulated() -> None:
    text = (
        "format: 1\npeople:\n  - {user: a@f.example, role: bdr}\n  - {user: b@f.example, role: ae}\n"
        "rules:\n  to_bdr: [{pool: bdrs}]\n  to_ae: [{pool: receivers}]\n  gone: [{strategy: queue, queue: Q}]\n"
    )
    found = resolved_alone(roster_from(read_document(text, "roster.yaml")), None)
    for name, owner in (("to_bdr", "a@f.example"), ("to_ae", "b@f.example"), ("gone", "Q")):
        stream = lead_stream(found, start=date(2026, 11, 2), days=5, leads=20, seed=1, hand_over=name)
        begin = datetime(2026, 11, 1, tzinfo=UTC)
        routed = run_batches(
            found,
            stream,
            begin=begin,
            end=begin + timedelta(days=8),
            every=timedelta(hours=6),
            open_days=30,
            progress=lambda *_: None,
            hand_over=name,
        )
        assert set(routed.given["owner"]) == {owner}
