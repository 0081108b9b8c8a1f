"""Points that are given once in so many days: from the oldest activity on, on any calendar."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.examples import Example, batch_of, differences
from crmsync.qualify.explain import explain
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
RULE = {"activities": {"kind": "visit"}, "points": 10, "once_per": {"days": 30}}


def compiled(*rules: dict[str, Any], **score: Any) -> CompiledPolicy:
    data = {"name": "spaced", "ladder": [{"stage": "lead"}], "scores": {"total": {"rules": list(rules), **score}}}
    policy = policy_from(Document("spaced.yaml", data, {}, {}), {})
    return compile_policy(policy, mapped_facts=frozenset(policy.facts))


def lead(*days_ago: int, name: str = "it", points: Any = 0, review: Any = None, **more: Any) -> Example:
    told = {"scores": {"total": points}} | ({} if review is None else {"review_in_days": review})
    activities = [{"kind": "visit", "days_ago": ago, **more} for ago in days_ago]
    return Example.model_validate({"name": name, "activities": activities, "expect": told})


def expect(policy: CompiledPolicy, *leads: Example) -> None:
    assert [str(one) for one in differences(policy, leads, AS_OF)] == []


def test_each_that_counts_has_the_next_days_for_itself() -> None:
    expect(
        compiled(RULE),
        lead(points=0),
        lead(3, points=10),
        lead(3, 3, points=10),
        lead(33, 3, points=20),
        lead(32, 3, points=10),
        # The one of 32 days ago gives nothing, so the one of 3 days ago counts from that of 40.
        lead(40, 32, 3, points=20),
        lead(90, 75, 60, 45, 30, 15, 0, points=40),
    )


def test_order_and_neighbours_do_not_matter() -> None:
    policy = compiled(RULE)
    expect(policy, lead(3, 40, 32, points=20), lead(20, points=10), lead(32, 3, 40, points=20), lead(points=0))


def test_a_negative_one_and_a_cap() -> None:
    expect(compiled({**RULE, "points": -10, "cap": 15}), lead(70, 35, 0, points=-15), lead(35, 20, points=-10))


def test_more_that_perhaps_happened_are_never_fewer() -> None:
    doubtful = lead(40, outcome="unknown").activities
    certain = lead(32, 3)
    both = certain.model_copy(update={"activities": (*certain.activities, *doubtful)})
    # Without the doubtful one: 32 and, as 29 days are too few, no other. With it: 40 and 3.
    expect(compiled(RULE), both.model_copy(update={"expect": lead(points=[10, 20]).expect}))


def test_the_review_comes_when_the_first_of_them_leaves_the_window() -> None:
    windowed = {**RULE, "activities": {"kind": "visit", "within_days": 60}}
    # Tomorrow the one of 60 days ago goes, and that of 50 counts in its place; 3 is 47 days later.
    expect(compiled(windowed, bands={"some": 1}), lead(60, 50, 3, points=20, review=1))
    expect(compiled(windowed), lead(61, 50, 3, points=20))


RUNNING = {"running": True, "floor": 0}
LOSS = {"activities": {"kind": "unsubscribe"}, "points": -25}


@pytest.mark.parametrize(
    ("visits", "lost", "total"),
    [
        ((40, 20, 5), 30, 35),  # 30, 5 after the loss, nothing 20 days ago, 30 more 5 days ago
        ((28, 3), 10, 5),  # 30, 5 after the loss; 25 days are too few for the second
    ],
)
def test_in_a_running_total_each_counts_on_its_day(visits: tuple[int, ...], lost: int, total: int) -> None:
    policy = compiled({**RULE, "points": 30}, LOSS, **RUNNING)
    told = lead(*visits, points=total).model_dump()
    told["activities"] = [*told["activities"], {"kind": "unsubscribe", "days_ago": lost}]
    del told["stage"], told["stage_since_days_ago"]
    expect(policy, Example.model_validate(told))


def test_in_a_running_total_what_is_doubtful_leaves_all_of_it_open() -> None:
    policy = compiled({**RULE, "points": 30}, **RUNNING)
    doubtful = lead(40, 5, outcome="unknown", points=[0, 60])
    expect(policy, doubtful, lead(40, 5, points=60))


def test_explain_tells_which_of_them_count() -> None:
    policy = compiled(RULE)
    [story] = explain(policy, batch_of(policy.policy, [lead(40, 32, 3)], AS_OF), AS_OF)
    [rule] = story.points[0].rules
    assert rule.rule == "visit, once in 30 days"
    assert [(age, points) for _, age, points in rule.activities] == [(3, 10_000), (32, 0), (40, 10_000)]


WRONG = {
    "ageing": ({**RULE, "half_life_days": 3}, "do not age"),
    "no days": ({**RULE, "once_per": {"days": 0}}, "greater than or equal to 1"),
    "another key": ({**RULE, "once_per": {"weeks": 2}}, "weeks"),
    "another word": ({**RULE, "once_per": "fortnight"}, "fortnight"),
}


@pytest.mark.parametrize(("rule", "told"), WRONG.values(), ids=list(WRONG))
def test_what_a_policy_may_not_say(rule: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        compiled(rule)
    assert told in str(refused.value)
