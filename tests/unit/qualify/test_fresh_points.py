"""Points that begin to age after a time: `after_days`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.describe import Speaker

AS_OF = date(2026, 11, 21)
HALF = {"activities": {"kind": "call"}, "points": 10, "half_life_days": 10, "after_days": 20}
LINE = {"activities": {"kind": "call"}, "points": 10, "linear_days": 10, "after_days": 20}


def compiled(rule: dict[str, Any], **score: Any) -> CompiledPolicy:
    data = {"name": "fresh", "scores": {"work": {"rules": [rule], **score}}}
    data["ladder"] = [{"stage": "lead"}, {"stage": "mql", "when": {"score": "work", "at_least": 8}}]
    return compile_policy(policy_from(Document("fresh.yaml", data, {}, {}), {}), mapped_facts=frozenset())


def expect(rule: dict[str, Any], points: Any, *ages: int, review: Any = None, **more: Any) -> None:
    told = {"scores": {"work": points}} | ({} if review is None else {"review_in_days": review})
    activities = [{"kind": "call", "days_ago": age, **more} for age in ages]
    example = Example.model_validate({"name": "it", "activities": activities, "expect": told})
    assert [str(one) for one in differences(compiled(rule), [example], AS_OF)] == []


@pytest.mark.parametrize(
    ("age", "half", "line"), [(0, 10, 10), (20, 10, 10), (21, 9.33, 9), (25, 7.071, 5), (30, 5, 0), (40, 2.5, 0)]
)
def test_points_are_whole_until_then(age: int, half: float, line: float) -> None:
    expect(HALF, half, age)
    expect(LINE, line, age)


def test_it_is_reviewed_when_ageing_begins_and_not_before() -> None:
    expect(HALF, 10, 0, review=21)
    expect(HALF, 10, 20, review=1)
    expect(HALF, 9.33, 21, review=3)
    expect(HALF, 20, 20, 5, review=1)
    expect(HALF, 12.5, 5, 40, review=16)


def test_what_is_fresh_holds_a_threshold_however_the_rest_ages() -> None:
    expect({**HALF, "once_per": "week"}, 16.156, 1, 27, 28, review=20)
    expect({**HALF, "cap": 9}, 9, 1, 27, review=20)


def test_negative_points_stay_as_long() -> None:
    expect({**HALF, "points": -10}, -10, 20)
    expect({**HALF, "points": -10}, -5, 30)


@pytest.mark.parametrize("rule", [{**HALF, "half_life_days": None}, {**HALF, "after_days": 0}])
def test_what_a_policy_may_not_say(rule: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="after_days"):
        compiled({key: value for key, value in rule.items() if value is not None})


def test_a_running_total_has_none() -> None:
    with pytest.raises(ConfigurationError, match="have no `linear_days`"):
        compiled(LINE, running=True)


def test_the_page_tells_it_in_words() -> None:
    for rule, told in (
        (HALF, "not before 20 days, then half after 30 days, a quarter after 40 days"),
        (LINE, "not before 20 days, then evenly to nothing at 30 days"),
    ):
        policy = compiled(rule).policy
        assert [one.ageing for one in Speaker(policy).rules(policy.scores["work"].rules)] == [told]
