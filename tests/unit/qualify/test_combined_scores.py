"""Combinations of combinations: rounded and limited one after the other, never in a circle, reviewed in time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import Document, read_document
from crmsync.errors import ConfigurationError
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
CALLS = {"rules": [{"activities": {"kind": "call"}, "points": 10, "half_life_days": 10}]}
MAILS = {"rules": [{"activities": {"kind": "email", "within_days": 30}, "points": 3}]}
ASKED = {"score": "top", "at_least": 4}


def compiled(scores: dict[str, Any], asked: dict[str, Any] = ASKED) -> CompiledPolicy:
    data = {"name": "it", "ladder": [{"stage": "lead"}, {"stage": "mql", "when": asked}], "scores": scores}
    policy = policy_from(Document("combined.yaml", data, {}, {}), {})
    return compile_policy(policy, mapped_facts=frozenset())


def expect(scores: dict[str, Any], told: dict[str, Any], *activities: dict[str, Any]) -> None:
    example = Example.model_validate({"name": "it", "activities": activities, "expect": told})
    assert [str(one) for one in differences(compiled(scores), [example], AS_OF)] == []


def on(days_ago: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "days_ago": days_ago, **more}


NESTED = {
    "top": {"combine": {"both": 0.5, "calls": 0.1}},
    "both": {"combine": {"calls": 0.001, "mails": 1}, "cap": 5},
    "calls": CALLS,
    "mails": MAILS,
}


def test_each_is_limited_before_it_counts_in_the_next() -> None:
    expect(NESTED, {"scores": {"both": 5, "top": 3.5}}, on(0, "call"), on(1, "email", times=2))


def test_each_is_rounded_before_it_counts_in_the_next() -> None:
    half = {"rules": [{"activities": {"kind": "call"}, "points": 0.001}]}
    scores = {"calls": half, "both": {"combine": {"calls": 0.5}}, "top": {"combine": {"both": 0.5}}}
    expect(scores, {"scores": {"both": 0.001, "top": 0.001}}, on(0, "call"))


def test_a_negative_weight_swaps_the_ends_at_each_level() -> None:
    scores = {
        "calls": {"rules": [{"activities": {"kind": "call"}, "points": 10}]},
        "less": {"combine": {"calls": -1}},
        "top": {"combine": {"less": -2, "calls": 1}},
    }
    told = {"scores": {"less": [-20, -10], "top": [30, 60]}}
    expect(scores, told, on(0, "call"), on(0, "call", outcome="unknown"))


def test_what_leaves_a_window_far_below_is_reviewed() -> None:
    expect(NESTED, {"review_in_days": 25}, on(6, "email", times=4))


def test_what_ages_far_below_is_reviewed() -> None:
    scores = {"calls": CALLS, "both": {"combine": {"calls": 1}}, "top": {"combine": {"both": 1, "calls": 1}}}
    expect(scores, {"scores": {"top": 20}, "review_in_days": 24}, on(0, "call"))


def test_turned_round_twice_points_fall_when_they_fall() -> None:
    scores = {"calls": CALLS, "less": {"combine": {"calls": -1}}, "top": {"combine": {"less": -1}}}
    expect(scores, {"scores": {"top": 5}, "review_in_days": 4}, on(10, "call"))
    asked = {"score": "less", "at_least": -4}
    example = Example.model_validate({"name": "it", "activities": [on(10, "call")], "expect": {"review_in_days": 4}})
    assert not list(differences(compiled(scores, asked), [example], AS_OF))


def test_many_levels_that_share_their_parts_are_compiled_once_each() -> None:
    scores: dict[str, Any] = {"s0": CALLS, "s1": MAILS}
    scores |= {f"s{number}": {"combine": {f"s{number - 1}": 1, f"s{number - 2}": 1}} for number in range(2, 30)}
    scores["top"] = {"combine": {"s29": 0.001}}
    expect(scores, {"scores": {"top": 10 * 317.811 + 3 * 514.229}}, on(0, "call"), on(0, "email"))


CIRCLE = """name: it
ladder: [{stage: lead}]
scores:
  calls: {rules: [{when: {score: top, at_least: 1}, points: 1}]}
  both: {combine: {%s: 1}}
  top: {combine: {both: 1}}
"""


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("both", "5:26: `both` depends on itself: both → both"),
        ("top", "5:25: `top` depends on itself: top → both → top"),
        ("calls", "5:27: `calls` depends on itself: calls → top → both → calls"),
        ("tops", "5:26: `tops` is no score of this policy"),
    ],
)
def test_no_score_depends_on_itself(part: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        policy_from(read_document(CIRCLE % part, "combined.yaml"), {})
    assert str(refused.value).startswith(f"combined.yaml:{told}")
