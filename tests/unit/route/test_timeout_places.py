"""A timeout's pool and queue, as routing gives leads to them."""

from __future__ import annotations

from typing import Any

import pytest
from routing_world import LADDER, leads, owners, resolved, roster_of, route

from crmsync.route.placing.hand_overs import ResolvedHandOver, raw_queues
from crmsync.route.placing.orders import Order

PEOPLE = [{"user": f"{name}@firm.example", "role": "ae"} for name in ("ann", "ben", "cal", "dee")]
POOLS = {"managers": {"people": ["ben@firm.example", "cal@firm.example"]}}


def late(**more: Any) -> dict[str, Order]:
    return {"a": Order("too late", moves=True, not_to={"ann": "had it"}, **more)}


def ann_s() -> Any:
    return leads([{"lead": "a", "stage": "sql", "owner": "ann"}])


def test_a_queue_takes_no_turn() -> None:
    found = route(resolved(roster_of(PEOPLE)), ann_s(), orders=late(queue="desk"))
    assert owners(found) == {"a": "desk"}
    assert found.assigned["pool"].to_list() == [None]
    assert not any(state["turns"] for pool in found.counters.values() for state in pool.values() if "turns" in state)


def test_a_pool_gives_it_to_its_own_people_in_turn() -> None:
    found = route(resolved(roster_of(PEOPLE, pools=POOLS)), ann_s(), orders=late(pool="managers"))
    assert owners(found)["a"] in {"ben", "cal"}
    assert found.assigned["pool"].to_list() == ["managers"]


def test_a_pool_gives_it_by_the_strategy_of_its_rule() -> None:
    rules = {"hand_off": [{"when": ["never"], "strategy": "least_loaded", "pool": "managers"}, {"pool": "receivers"}]}
    frame = leads([{"lead": "a", "stage": "sql", "owner": "ann", "verdict.never": False}])
    found = route(
        resolved(roster_of(PEOPLE, pools=POOLS, rules=rules)),
        frame,
        orders=late(pool="managers"),
        open_leads={"ben": 3, "cal": 2},
    )
    assert owners(found) == {"a": "cal"}, "the one with fewer; by turns it would be ben"


@pytest.mark.parametrize("order", [{"pool": "managers"}, {"queue": "desk"}])
def test_a_reserved_turn_of_another_place_is_given_back(order: dict[str, str]) -> None:
    reserved = {"a": ("receivers", "dee")}
    found = route(resolved(roster_of(PEOPLE, pools=POOLS)), ann_s(), orders=late(**order), reserved=reserved)
    assert owners(found)["a"] != "dee"
    assert [given.owner for given in found.given_back] == ["dee"]
    again = {"a": ("managers", "ben")}
    if "pool" in order:
        found = route(resolved(roster_of(PEOPLE, pools=POOLS)), ann_s(), orders=late(**order), reserved=again)
        assert (owners(found), found.given_back) == ({"a": "ben"}, ())


def test_a_timeout_s_queue_is_not_raw() -> None:
    found = resolved(roster_of(PEOPLE), queues=("desk", "inbound"))
    hand_over = ResolvedHandOver("to_ae", LADDER[2:], timeouts=frozenset({"queue-desk"}))
    assert raw_queues(found, (hand_over,)) == {"queue-inbound"}
