"""Turns that an earlier run counted: used again, given back, or credited."""

import pytest
from routing_world import ROLES, leads, one, owners, resolved, roster_of, route

from crmsync.route.placing.orders import Credit
from crmsync.route.placing.turns import give_back


def test_reserved_turns_are_used_again_without_counting():
    frame = leads([{"lead": name, "stage": "sql"} for name in "abc"])
    first = route(resolved(ROLES), frame)
    reserved = {
        lead: (pool, owner) for lead, pool, owner in first.assigned.select("lead", "pool", "owner").iter_rows()
    }
    again = route(resolved(ROLES), frame, counters=first.counters, reserved=reserved)
    assert owners(again) == owners(first)
    assert again.counters == first.counters
    assert again.given_back == ()
    row = again.assigned.to_dicts()[0]
    assert (row["pool"], row["counter_before"], row["counter_after"]) == ("receivers", 2, 2)


def test_a_reserved_turn_goes_back_when_its_owner_cannot_take_it_any_more():
    frame = leads([{"lead": "a", "stage": "sql"}])
    first = route(resolved(ROLES), frame)
    again = route(
        resolved(ROLES, inactive=["ann"]), frame, counters=first.counters, reserved={"a": ("receivers", "ann")}
    )
    assert owners(again) == {"a": "ben"}
    assert [(each.lead, each.pool, each.owner) for each in again.given_back] == [("a", "receivers", "ann")]
    assert again.counters["receivers"]["ann@firm.example"]["turns"] == 0


@pytest.mark.parametrize(
    ("stage", "owner", "back"), [("mql", "bert", True), ("sql", "ben", True), ("sql", "ann", False)]
)
def test_a_reserved_turn_that_is_not_needed_goes_back_unless_its_owner_has_the_lead(stage, owner, back):
    counters = route(resolved(ROLES), one()).counters
    result = route(resolved(ROLES), one(stage, owner=owner), counters=counters, reserved={"a": ("receivers", "ann")})
    assert owners(result) == {}
    assert bool(result.given_back) == back
    assert result.counters["receivers"]["ann@firm.example"]["turns"] == (0 if back else 1)


def test_reserved_turns_of_other_batches_are_left_alone():
    result = route(resolved(ROLES), one(), reserved={"elsewhere": ("receivers", "ben")})
    assert (owners(result), result.given_back) == ({"a": "ann"}, ())


def test_reserved_turns_of_pools_or_people_that_are_gone():
    result = route(resolved(ROLES), one(), reserved={"a": ("gone", "ann")})
    assert [each.pool for each in result.given_back] == ["gone"]
    result = route(resolved(ROLES), one(), reserved={"a": ("receivers", "gone")})
    assert owners(result) == {"a": "ann"}


def test_capacity_is_not_asked_twice_for_a_reserved_turn():
    roster = roster_of([{"user": "ann@firm.example", "role": "ae", "capacity": {"per_day": 1}}])
    first = route(resolved(roster), one())
    again = route(resolved(roster), one(), counters=first.counters, reserved={"a": ("receivers", "ann")})
    assert owners(again) == {"a": "ann"}


def test_refused_writes_give_their_turn_back():
    found = resolved(ROLES)
    first = route(found, one())
    returned = give_back(found, first.counters, [("receivers", "ann", None), ("receivers", "unknown", None)])
    assert returned["receivers"]["ann@firm.example"]["turns"] == 0
    assert owners(route(found, one(), counters=returned)) == {"a": "ann"}


def test_leads_given_by_hand_and_returned_ones_count_as_the_roster_says():
    given, unknown = Credit("given", "ann"), Credit("given", "somebody")
    counts = {}
    for words in ((), ("given",), ("returned",), ("given", "returned")):
        found = resolved(ROLES.model_copy(update={"credit": words}))
        credits = [given, given, unknown, Credit("returned", "ben", "receivers"), Credit("returned", "ben", None)]
        counters = route(found, one(), credits=credits).counters["receivers"]
        counts[words] = {key: state["turns"] for key, state in counters.items()}
    ann, ben = "ann@firm.example", "ben@firm.example"
    assert counts[()] == {ann: 1, ben: 0}
    assert counts["given",] == {ann: 2, ben: 1}, "the next turn is Ben's"
    assert counts["returned",] == {ann: 0, ben: 0}, "Ben had one less, and gets this one"
    assert counts["given", "returned"] == {ann: 2, ben: 0}
