"""Who is one condition or a few points short, and what is told of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.languages.tongues import tongue_of
from crmsync.operations.policy.named import preset
from crmsync.qualify.advice.near_miss import Lack, NearMiss, near_misses, near_rows
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.tongue import ENGLISH, Tongue

AS_OF = date(2026, 11, 21)
LADDER = """
facts:
  budget: {type: choice, values: [available, none], question: "Is there a budget?"}
  need: {type: choice, values: [clear, none], question: "What is the need?"}
  employees: {type: integer}
criteria:
  has_budget: {fact: budget, is: available}
  has_need: {fact: need, is: clear}
  asked: {label: asked for a demo, activities: {kind: demo_request}}
  called: {label: was called, activities: {kind: call, outcome: connected}}
scores:
  warmth: {rules: [{activities: {kind: page_view}, points: 1}, {when: has_budget, points: 20}]}
ladder:
  - {stage: lead}
  - {stage: top, when: WHEN}
"""


def policy(when: str) -> Policy:
    return policy_from(read_document(LADDER.replace("WHEN", when), "policy"), {})


def misses(of: Policy, *leads: dict[str, Any], points: float = 10, tongue: Tongue = ENGLISH) -> list[NearMiss]:
    examples = [Example.model_validate({"name": str(row), **lead, "expect": {}}) for row, lead in enumerate(leads)]
    compiled = compile_policy(of, mapped_facts=frozenset(of.facts))
    batch = batch_of(of, examples, AS_OF)
    decisions = decide(compiled, batch, AS_OF)
    found = near_misses(compiled, batch, decisions, points_milli=round(points * 1000), tongue=tongue)
    rows = near_rows(compiled, batch, decisions, points_milli=round(points * 1000))
    assert rows["row"].to_list() == [miss.row for miss in found]
    assert rows["next_stage"].to_list() == [miss.stage for miss in found]
    return found


def lacks(of: Policy, lead: dict[str, Any], points: float = 10) -> list[str] | None:
    """The sentences of one lead; null when it is not near."""
    found = misses(of, lead, points=points)
    return [lack.sentence for lack in found[0].lacks] if found else None


ASKED: dict[str, Any] = {"activities": [{"kind": "demo_request"}]}
BUDGET: dict[str, Any] = {"facts": {"budget": "available"}}


def test_one_of_several_that_must_hold_together() -> None:
    both = policy("{all: [asked, has_budget]}")
    assert misses(both, ASKED) == [
        NearMiss(0, "top", (Lack("budget is available", ("Is there a budget?",), None),)),
    ]
    assert lacks(both, BUDGET) == ["asked for a demo"]
    assert lacks(both, {}) is None
    assert lacks(both, {**ASKED, **BUDGET}) is None  # there already
    assert [it.sentence for it in misses(both, ASKED, tongue=tongue_of("de"))[0].lacks] == ["Budget ist vorhanden"]


def test_a_fact_that_is_known_to_speak_against_leaves_nothing_to_ask() -> None:
    (miss,) = misses(policy("{all: [asked, has_budget]}"), {**ASKED, "facts": {"budget": "none"}})
    assert miss.lacks == (Lack("budget is available", (), None),)


def test_what_should_not_be_there_is_told_itself() -> None:
    unburdened = policy("{all: [asked, {any: [{unknown: need}, {not: {fact: need, is: none}}]}]}")
    assert lacks(unburdened, {**ASKED, "facts": {"need": "none"}}) == ["against it: need is none"]


def test_where_any_one_would_do_nobody_is_near_for_that_alone() -> None:
    assert lacks(policy("{any: [asked, has_budget, called]}"), {"facts": {"need": "clear"}}) is None


def test_near_through_one_branch_of_several() -> None:
    branches = policy("{any: [called, {all: [asked, has_budget]}]}")
    assert lacks(branches, ASKED) == ["budget is available"]


def test_two_steps_are_too_many() -> None:
    assert lacks(policy("{all: [asked, has_budget, has_need]}"), ASKED) is None


def test_so_many_of_several() -> None:
    two_of_three = policy("{at_least: 2, of: [has_budget, has_need, asked]}")
    assert lacks(two_of_three, ASKED) == ["budget is available", "need is clear"]
    assert lacks(two_of_three, {}) is None


def test_what_is_met_by_absence_shows_nothing() -> None:
    absent = policy("{all: [asked, {not: has_budget}, {no_activities: {kind: complaint}}, {unknown: need}]}")
    assert lacks(absent, {"facts": {"budget": "none"}}) is None
    assert lacks(policy("{all: [asked, {known: need}]}"), {"facts": {"need": "none"}}) == ["asked for a demo"]


def test_what_has_happened_cannot_be_undone() -> None:
    quiet = policy("{all: [asked, {no_activities: {kind: complaint}}]}")
    assert lacks(quiet, {"activities": [{"kind": "demo_request"}, {"kind": "complaint"}]}) is None


@pytest.mark.parametrize(("views", "near"), [(0, False), (39, False), (40, True), (49, True), (50, False)])
def test_points_short(views: int, near: bool) -> None:
    lead = {"activities": [{"kind": "page_view", "times": views}] if views else [], "facts": {"budget": "none"}}
    found = misses(policy("{score: warmth, at_least: 50}"), lead)
    assert bool(found) == near
    if near:
        assert found[0].lacks == (Lack("warmth is at least 50 points", (), (50 - views) * 1000),)


def test_points_short_count_as_the_one_condition() -> None:
    scored = policy("{all: [asked, {score: warmth, at_least: 5}]}")
    lead = {"activities": [{"kind": "demo_request"}, {"kind": "page_view", "times": 2}], "facts": {"budget": "none"}}
    assert lacks(scored, lead, points=3) == ["warmth is at least 5 points"]
    assert lacks(scored, lead, points=2.9) is None


def test_leads_that_are_off_the_ladder_or_there_already_are_left_out() -> None:
    both = policy("{all: [asked, has_budget]}")
    assert misses(both, {**ASKED, "managed": False}, {**ASKED, "stage": "top"}, ASKED) == misses(both, {}, {}, ASKED)


def test_disqualified_leads_are_left_out() -> None:
    lead = {"facts": {"budget": "none", "need": "none"}, "activities": [{"kind": "demo_request"}]}
    assert misses(preset("saas"), lead) == []


def test_a_policy_whose_criteria_share_each_other_deeply_is_quick() -> None:
    chain = "".join(
        f"  c{number}: {{any: [{{all: [c{number - 1}, asked]}}, {{all: [c{number - 1}, called]}}]}}\n"
        for number in range(1, 25)
    )
    text = LADDER.replace("WHEN", "c24").replace("scores:", f"  c0: has_budget\n{chain}scores:")
    deep = policy_from(read_document(text, "policy"), {})
    assert lacks(deep, ASKED) == ["budget is available"]


def test_segments_are_told_by_their_own_policy() -> None:
    text = LADDER.replace("WHEN", "{all: [asked, has_budget]}") + (
        "segments:\n  - name: big\n    when: {fact: employees, at_least: 100}\n"
        "    policy: {ladder: [{stage: lead}, {stage: top, when: {all: [asked, called]}}]}\n"
    )
    segmented = policy_from(read_document(text, "policy"), {})
    small, big = ({**ASKED, "facts": {"employees": count}} for count in (5, 500))
    told = misses(segmented, small, big)
    assert [[lack.sentence for lack in miss.lacks] for miss in told] == [["budget is available"], ["was called"]]
