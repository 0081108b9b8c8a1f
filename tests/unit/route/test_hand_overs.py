"""Hand-overs in the roster and in one assignment: rules and receivers by name, whom each takes leads from."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from routing_world import LADDER, leads, owners, resolved, roster, route

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.route.placing.hand_overs import ResolvedHandOver
from crmsync.route.placing.orders import Order
from crmsync.route.roster.roster import roster_from

PEOPLE = """format: 1
people:
  - {user: bert@firm.example, role: bdr}
  - {user: bea@firm.example, role: bdr}
  - {user: ann@firm.example, role: ae}
  - {user: ben@firm.example, role: ae}
  - {user: eve@firm.example, role: boss}
"""
RULES = "rules:\n  to_bdr: [{pool: bdrs}]\n  to_ae: [{pool: receivers}]\n"
NAMES = ("to_bdr", "to_ae")
TO_BDR = ResolvedHandOver("to_bdr", LADDER, anybody=False, nobody=True, queues=frozenset({"queue-in"}))
TO_AE = ResolvedHandOver("to_ae", LADDER[2:])
BOTH = (TO_BDR, TO_AE)
FINDINGS: Mapping[str, tuple[str, str]] = {
    "a list that no hand-over has": (
        RULES + "  to_am: [{pool: bdrs}]\n",
        "`to_am` is not known here\n  → did you mean `to_a",
    ),
    "rules of the only one": (
        RULES + "  hand_off: [{pool: receivers}]\n",
        "`hand_off` says nothing\n  → write",
    ),
    "rules for new leads": (
        RULES + "  new_lead: [{pool: bdrs}]\n",
        "`new_lead` says nothing\n  → leads",
    ),
    "no rules": (
        "rules:\n  to_bdr: [{pool: bdrs}]\n",
        "to whom the hand-over `to_ae` goes\n  → write `to_ae:",
    ),
    "an empty list": (
        "rules:\n  to_bdr: []\n  to_ae: [{pool: receivers}]\n",
        "to whom the hand-over `to_bdr` goes",
    ),
    "rules without a pool": (
        "rules:\n  to_bdr: [{pool: bdrs}]\n  to_ae: [{strategy: partner}]\n",
        "nobody may own leads of `to_ae`: its rules name no pool\n  → say who may: `receivers: {to_ae:",
    ),
    "receivers of no hand-over": (RULES + "receivers: {to_am: {role: ae}}\n", "`to_am` is not known here"),
    "a pool beside the receivers": (
        RULES + "receivers: {to_bdr: {role: ae}}\n",
        "`bert@firm.example` of pool `bdrs` is no receiver: the lead would move again",
    ),
    "a misspelt key of a rule": (
        RULES.replace("{pool: bdrs}", "{pol: bdrs}"),
        "did you mean `pool`?",
    ),
    "no such pool": (RULES.replace("pool: bdrs", "pool: bdr"), "there is no pool `bdr`\n  → did you mean `bdrs`?"),
    "no place to go": (RULES + "  otherwise: nowhere\n", "`nowhere` is no place for a lead\n  → write `nobody` or"),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_what_roster_and_policy_say_differently_is_told(name: str) -> None:
    text, told = FINDINGS[name]
    with pytest.raises(ConfigurationError) as refused:
        roster_from(read_document(PEOPLE + text, "roster.yaml"), (), NAMES)
    words = [str(finding) for finding in refused.value.findings]
    assert any(told in each for each in words), words


def test_with_one_hand_off_a_named_list_is_not_known() -> None:
    with pytest.raises(ConfigurationError, match="`to_bdr` is not known here"):
        roster_from(read_document(PEOPLE + RULES, "roster.yaml"), (), ())
    with pytest.raises(ConfigurationError, match="did you mean `otherwise`"):
        roster_from(read_document("rules: {otherwis: {queue: x}}", "roster.yaml"), (), ())


def test_receivers_may_be_said_by_name() -> None:
    text = PEOPLE + RULES + "receivers: {to_ae: {role: [ae, boss]}}\n"
    found = resolved(roster_from(read_document(text, "roster.yaml"), (), NAMES))
    assert found.receivers_of("to_ae") == {"ann", "ben", "eve"}
    assert found.receivers_of("to_bdr") == {"bert", "bea"}, "the people of the pools that its rules name"


def test_each_hand_over_goes_by_its_own_rules() -> None:
    result = route(
        resolved(roster(PEOPLE + RULES), queues=("in",)),
        leads(
            [
                {"lead": "a", "stage": "mql", "owner": "queue-in"},
                {"lead": "b", "stage": "sql", "owner": "bert"},
                {"lead": "c", "stage": "mql", "owner": "eve"},
                {"lead": "d", "stage": "mql", "owner": "ann"},
                {"lead": "e", "stage": "sql", "owner": "ann"},
                {"lead": "f", "stage": None, "owner": None},
            ]
        ),
        hand_overs=BOTH,
    )
    assert owners(result) == {"a": "bert", "b": "ann"}
    assert dict(result.assigned.select("lead", "hand_over").iter_rows()) == {"a": "to_bdr", "b": "to_ae"}
    assert (result.set_aside, result.nobody_yet) == ((), frozenset())


def test_leads_of_a_former_receiver_go_on_whomever_it_takes_leads_from() -> None:
    from_bdrs = ResolvedHandOver("to_ae", LADDER[2:], anybody=False, people=frozenset({"bert", "bea"}))
    rows = [{"lead": "a", "stage": "sql", "owner": "ann"}, {"lead": "b", "stage": "sql", "owner": "eve"}]
    gone = resolved(roster(PEOPLE + RULES), inactive=["ann", "eve"])
    assert owners(route(gone, leads(rows), hand_overs=(TO_BDR, from_bdrs))) == {"a": "ben"}, "eve received none of it"


def test_one_person_keeps_one_owner_who_may_be_a_receiver_of_a_later_hand_over() -> None:
    rows = [
        {"lead": "a", "stage": "mql", "owner": None, "email": "nadia@x.example"},
        {"lead": "b", "stage": "sql", "owner": "ben", "email": "nadia@x.example"},
        {"lead": "c", "stage": "sql", "owner": None, "email": "omar@y.example"},
        {"lead": "d", "stage": "mql", "owner": "bea", "email": "omar@y.example"},
    ]
    result = route(resolved(roster(PEOPLE + RULES)), leads(rows), hand_overs=BOTH)
    assert owners(result) == {"a": "ben", "c": "ann"}, "a BDR receives nothing by the later one"


def test_what_one_under_way_asks_is_placed_by_its_own_rules() -> None:
    order = Order("to the next one", moves=True, not_to={"bert": "had it"}, hand_over="to_bdr")
    row = {"lead": "a", "stage": "mql", "owner": "bert"}
    result = route(resolved(roster(PEOPLE + RULES)), leads([row]), hand_overs=BOTH, orders={"a": order})
    assert owners(result) == {"a": "bea"}


def test_a_full_pool_sets_aside_and_a_rule_for_nobody_does_not() -> None:
    text = PEOPLE.replace("role: bdr}", "role: bdr, capacity: {per_day: 0}}") + RULES
    row = leads([{"lead": "a", "stage": "mql", "owner": None}])
    full = route(resolved(roster(text)), row, hand_overs=BOTH)
    assert ([each.lead for each in full.set_aside], full.nobody_yet) == (["a"], frozenset())
    waits = route(resolved(roster(text + "  otherwise: nobody\n")), row, hand_overs=BOTH)
    assert (waits.set_aside, waits.nobody_yet) == ((), frozenset({"a"}))


def test_a_given_lead_counts_in_the_pool_of_the_last_hand_over_that_the_owner_receives() -> None:
    from crmsync.route.placing.orders import Credit

    found = resolved(roster(PEOPLE + RULES + "credit: [given]\n"))
    nothing = leads([{"lead": "a", "stage": "mql", "owner": "bert"}])
    result = route(found, nothing, hand_overs=BOTH, credits=[Credit("given", "bert"), Credit("given", "ann")])
    assert result.counters["bdrs"]["bert@firm.example"]["turns"] == 1
    assert result.counters["receivers"]["ann@firm.example"]["turns"] == 1
