"""Rotation counters: the store's words and routing's, turns given back between runs, turns that nobody took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from routing_world import leads, owners, resolved, roster, route

from crmsync.route.placing.orders import Credit
from crmsync.route.placing.turns import give_back
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.run.counters import counters_from, stored_from
from crmsync.store import Turns

ROSTER = """
people:
  - {user: ann@firm.example, role: ae}
  - {user: abe@firm.example, role: ae}
  - {user: bea@firm.example, role: bdr}
  - {user: bob@firm.example, role: bdr}
pools:
  openers: {role: bdr}
rules:
  new_lead: [{strategy: round_robin, pool: openers}]
"""
DAY = {"day": "2026-11-18", "today": 1, "week": "2026-W47", "this_week": 1}


def firm(credit: str = "[given, returned]") -> ResolvedRoster:
    return resolved(roster(f"{ROSTER}credit: {credit}\n"))


def shares(counters: Mapping[str, Mapping[str, Mapping[str, Any]]], pool: str) -> dict[str, tuple[int, float]]:
    """Roster key → (turns, what the pool owes to the person, in turns)."""
    return {
        key: (state["turns"], state["lag"][0] / state["lag"][1] if "lag" in state else 0.0)
        for key, state in counters[pool].items()
    }


def credited(found: ResolvedRoster, *credits: Credit, stored: Mapping[tuple[str, str], Turns] | None = None) -> Any:
    """The counters after an assignment of nothing that takes account of these."""
    return route(found, leads([]), counters=counters_from(stored or {}, found), credits=credits).counters


def after(found: ResolvedRoster, *names: str) -> Any:
    """The counters after so many hand-offs."""
    return route(found, leads([{"lead": name, "stage": "sql"} for name in names]))


# Between the store and routing


def test_what_routing_gives_comes_back_from_the_store() -> None:
    found = firm()
    counters = after(found, "1", "2", "3").counters
    stored = stored_from(counters, found)
    assert {turn: turns.count for turn, turns in stored.items()} == {("receivers", "ann"): 2, ("receivers", "abe"): 1}
    assert counters_from(stored, found) == counters


def test_a_turn_given_back_since_is_owed_again() -> None:
    found = firm()
    result = after(found, "1")
    ((turn, turns),) = ((turn, turns) for turn, turns in stored_from(result.counters, found).items() if turns.count)
    counters = counters_from({turn: Turns(turns.count - 1, turns.state)}, found)
    assert shares(counters, "receivers") == {"ann@firm.example": (0, 0.0), "abe@firm.example": (0, -0.5)}
    state = counters["receivers"]["ann@firm.example"]
    assert state["today"] == 1, "a slot of the day's capacity is not given twice"
    again = route(found, leads([{"lead": "2", "stage": "sql"}]), counters=counters)
    assert owners(again) == {"2": "ann"}


def test_people_who_left_the_roster_keep_their_count_and_have_back_what_was_given_back() -> None:
    """They may come in again, and counters are the turns that entries hold."""
    stored = {
        ("receivers", "gone"): Turns(3, {"turns": 4, **DAY, "returned": [[["gone", 1], ["ann", 1]]]}),
        ("receivers", "ann"): Turns(4, {"turns": 4}),
    }
    found = firm()
    counters = counters_from(stored, found)
    assert shares(counters, "receivers") == {"gone": (3, 0.5), "ann@firm.example": (4, -0.5)}
    assert stored_from(counters, found)["receivers", "gone"].count == 3
    assert give_back(found, {}, [("receivers", "nobody", None)]) == {}, "who never had a turn has none to give back"


# Turns that count without having been taken


@pytest.mark.parametrize(
    ("owner", "pool", "turns"),
    [
        ("ann", "receivers", {"ann@firm.example": (1, -0.5), "abe@firm.example": (0, 0.5)}),
        ("bea", "openers", {"bea@firm.example": (1, -0.5), "bob@firm.example": (0, 0.5)}),
    ],
)
def test_a_lead_given_by_a_person_counts_where_a_rule_could_have_given_it(
    owner: str, pool: str, turns: Mapping[str, tuple[int, float]]
) -> None:
    counters = credited(firm(), Credit("given", owner))
    assert set(counters) == {pool, "direct"}
    assert shares(counters, pool) == turns
    (received,) = counters["direct"].values()
    assert (received["turns"], received["today"], received["this_week"]) == (0, 1, 1), "for the quota it is received"


def test_a_returned_lead_is_a_turn_not_had() -> None:
    found = firm()
    had = stored_from(after(found, "1", "2").counters, found)
    counters = credited(found, Credit("returned", "ann", "receivers"), stored=had)
    assert shares(counters, "receivers") == {"ann@firm.example": (0, 0.5), "abe@firm.example": (1, -0.5)}


@pytest.mark.parametrize(
    ("credit", "credits"),
    [
        ("[returned]", [Credit("given", "ann")]),
        ("[given]", [Credit("returned", "ann", "receivers")]),
        ("[]", [Credit("given", "ann"), Credit("returned", "ann", "receivers")]),
        ("[given, returned]", [Credit("given", "nobody"), Credit("returned", "nobody", "receivers")]),
    ],
)
def test_only_what_the_roster_asks_for_counts_as_a_turn(credit: str, credits: Sequence[Credit]) -> None:
    counters = credited(firm(credit), *credits)
    assert set(counters) <= {"direct"}
    given = [each.owner for each in credits if each.cause == "given" and each.owner == "ann"]
    assert [state["turns"] for state in counters.get("direct", {}).values()] == [0] * len(given)


def test_a_given_lead_is_not_given_again_by_the_rotation() -> None:
    found = firm()
    result = route(found, leads([{"lead": "1", "stage": "sql"}]), credits=[Credit("given", "ann")])
    assert owners(result) == {"1": "abe"}


def test_a_turn_outside_any_rotation_is_taken_back_as_one() -> None:
    found = firm()
    stored = {("direct", "ann"): Turns(1, {"turns": 2, **DAY})}
    assert counters_from(stored, found)["direct"]["ann@firm.example"]["turns"] == 1
