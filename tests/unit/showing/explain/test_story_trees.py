"""One lead's ladder and points as people read them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from crmsync.operations.policy.named import preset
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.explain import explain
from crmsync.qualify.telling.explanation import Explanation
from crmsync.showing.explain.story_trees import ladder_tree, points_tree
from crmsync.showing.rendering import rendered

AS_OF = date(2026, 11, 21)


def told(**lead: Any) -> Explanation:
    policy = preset("saas")
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    example = Example(name="x", expect={}, **lead)  # type: ignore[arg-type]
    return explain(compiled, batch_of(policy, [example], AS_OF), AS_OF, ways=False)[0]


def lines(tree: Any) -> list[str]:
    """Without the guides."""
    return [re.sub(r"^[│├└─ ]+", "", line).rstrip() for line in rendered(tree).splitlines()]


CALL = {"kind": "call", "outcome": "connected", "days_ago": 60, "by_role": "bdr"}


def test_what_several_stages_share_is_taken_apart_once_at_the_stage_it_belongs_to() -> None:
    shown = lines(ladder_tree(told(activities=[CALL])))
    assert shown.count("? is worth nurturing (below)") == 1
    place = shown.index("? sal  Sales accepted lead")
    assert shown[place + 1 : place + 3] == ["? is worth nurturing", "✗ signed up for or attended something we offer"]
    assert shown.count("✓ talked with sales") == 2, "in two conditions"
    assert shown.count("call on 2026-09-22, connected, by bdr") == 1, "evidence stands where it comes first"


def test_what_might_disqualify_is_told_once_it_does() -> None:
    assert lines(ladder_tree(told()))[-1] == "? disqualified  Disqualified"
    shown = lines(ladder_tree(told(facts={"need": "none", "budget": "none"})))
    assert {"✓ no need for what we offer", "✓ no budget", "✓ two things speak against a deal"} <= set(shown)


def test_points_tell_decay_and_what_caps_took() -> None:
    views = {"kind": "page_view", "days_ago": 0, "times": 9}
    shown = lines(points_tree(told(activities=[CALL, views]).points))
    assert "page view: 5" in shown
    assert "page view today: 1" in shown
    assert "… and 6 more: 6" in shown
    assert "the rule's cap took 4" in shown
    assert "call 60 days ago: 7.5 of 15" in shown
    many = {"kind": "demo_request", "times": 9}
    shown = lines(points_tree(told(activities=[many, {**CALL, "days_ago": 0, "times": 9}]).points))
    assert "limits of the score and its groups took 5" in shown


def test_facts_stand_under_the_policys_words() -> None:
    shown = lines(ladder_tree(told(facts={"employees": 80, "timeline": "this_year"})))
    assert "company size: 80" in shown
    assert "timeline: this year" in shown
    assert "industry: not known" in shown
