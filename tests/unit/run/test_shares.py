"""Leads shared between pools, over whole runs: their turns are counted, kept and given back like turns of people."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from small_firm import LEADS, ROSTER, Firm

from crmsync.plan import plan_to_json
from crmsync.run.aims.undoing import Undoing
from crmsync.run.counters import counters_from

SHARED = (
    ROSTER
    + """
pools: {one: {people: [ann]}, two: {people: [abe]}}
rules: {hand_off: [{share: {one: 2, two: 1}}]}
credit: [given, returned]
"""
)
ROTATION = "between one, two"


def turns(firm: Firm) -> dict[str, tuple[int, Fraction]]:
    """Pool → its turns, and what it is owed."""
    counters = counters_from(firm.store.journal.turns(firm.name), firm.prepared.roster).get(ROTATION, {})
    return {pool: (state["turns"], Fraction(*state.get("lag", (0, 1)))) for pool, state in counters.items()}


def hot(firm: Firm, *names: str) -> Firm:
    for name in names:
        firm.crm.records[name]["Heat"] = "hot"
    return firm


def _run_of(firm: Firm) -> int:
    """The last one's number."""
    number = firm.last.run_id
    assert number is not None
    return number


@pytest.mark.breadth
def test_two_of_three_go_to_the_pool_with_two_parts_in_one_run_and_in_three(founded: Callable[..., Firm]) -> None:
    once, thrice = founded(roster=SHARED), founded(roster=SHARED)
    hot(once, *LEADS).run()
    for lead in LEADS:
        plan = hot(thrice, lead).run(dry_run=True)
        assert thrice.run().changes == plan.changes
    assert once.owners() == thrice.owners() == {"a": "ann", "b": "ann", "c": "abe"}
    assert turns(once) == turns(thrice) == {"one": (2, 0), "two": (1, 0)}
    assert once.run(full=True, dry_run=True).changes == ()


def test_a_plan_tells_the_turn_of_the_pool(founded: Callable[..., Firm]) -> None:
    firm = hot(founded(roster=SHARED), "a")
    [change] = plan_to_json(firm.run(dry_run=True))["changes"]
    assert change["reasons"][-1] == "pool one has the turn, with 2 of 3; next in the rotation of pool one"
    assert change["routing"]["between"] == {
        "rotation": ROTATION,
        "counter": {"before": 0, "after": 1},
        "pools": [{"pool": "one", "weight": 2}, {"pool": "two", "weight": 1}],
    }


def test_a_refused_write_gives_the_pool_its_turn_back(founded: Callable[..., Firm]) -> None:
    firm = hot(founded(roster=SHARED), "a", "b")
    firm.crm.refusals["a"] = "no"
    firm.run()
    assert turns(firm) == {"one": (1, Fraction(-1, 3)), "two": (0, Fraction(1, 3))}, "as if there had been one lead"
    del firm.crm.refusals["a"]
    firm.run()
    assert sum(had for had, _ in turns(firm).values()) == 2


def test_a_turn_whose_answer_was_lost_is_used_again_and_then_given_back(founded: Callable[..., Firm]) -> None:
    firm = hot(founded(roster=SHARED), "a")
    firm.crm.lost_answers["a"] = False
    firm.run()
    assert turns(firm)["one"][0] == 1
    assert firm.run(dry_run=True).changes[0].reasons[-1] == "the turn an earlier run reserved for this lead"
    firm.crm.lost_answers.clear()
    firm.crm.refusals["a"] = "no"
    firm.run()
    assert turns(firm) == {"one": (0, 0), "two": (0, 0)}, "the turn that was used again is one"
    assert firm.store.journal.pending(firm.name) == ()


def test_a_reserved_turn_that_nobody_needs_any_more_is_the_pools_again(founded: Callable[..., Firm]) -> None:
    firm = hot(founded(roster=SHARED), "a")
    firm.crm.lost_answers["a"] = False
    firm.run()
    firm.crm.lost_answers.clear()
    firm.crm.inactive.add("ann")
    firm.run()
    assert firm.owners()["a"] == "abe"
    assert turns(firm) == {"one": (0, 0), "two": (1, 0)}


def test_an_undone_run_gives_pools_their_turns_back_as_they_were_shared(founded: Callable[..., Firm]) -> None:
    firm = hot(founded(roster=SHARED), *LEADS)
    firm.run()
    firm.run(aim=Undoing(_run_of(firm)))
    assert turns(firm) == {"one": (0, 0), "two": (0, 0)}
    firm.run(aim=Undoing(_run_of(firm)))
    assert {pool: had for pool, (had, _) in turns(firm).items()} == {"one": 2, "two": 1}


def test_a_lead_that_a_person_gave_is_a_turn_of_the_pool(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=SHARED)
    firm.run()
    firm.crm.records["a"]["OwnerId"] = "abe"
    hot(firm, "b", "c").run()
    assert (firm.owners()["b"], firm.owners()["c"]) == ("ann", "ann")
    assert turns(firm) == {"one": (2, 0), "two": (1, 0)}


@pytest.mark.breadth
def test_of_ten_leads_each_prefix_is_within_one_turn_of_the_parts(founded: Callable[..., Firm]) -> None:
    firm, had = founded(roster=SHARED.replace("{one: 2, two: 1}", "{one: 70, two: 30}")), 0
    template: dict[str, Any] = firm.crm.records["a"]
    for number in range(1, 11):
        name = f"n{number}"
        firm.crm.records[name] = {**template, "Email": f"{name}@{name}.example", "Company": f"Company {name}"}
        hot(firm, name).run()
        had += firm.owners()[name] == "ann"
        assert abs(had - Fraction(7, 10) * number) < 1
    assert had == 7
