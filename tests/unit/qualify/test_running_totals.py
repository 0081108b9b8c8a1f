"""Totals that are held within limits after each day; and what a policy may not say of them, nor of `since`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import Document
from crmsync.errors import ConfigurationError
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
RULES = [
    {"activities": {"kind": "unsubscribe"}, "points": -25},
    {"activities": {"kind": "download"}, "points": 30},
    {"activities": {"kind": "call", "outcome": "connected", "within_days": 30}, "points": 10},
]


def compiled(score: dict[str, Any], **more: Any) -> CompiledPolicy:
    data = {"name": "running", "ladder": [{"stage": "lead"}], "scores": {"total": score}} | more
    policy = policy_from(Document("running.yaml", data, {}, {}), {})
    return compile_policy(policy, mapped_facts=frozenset(policy.facts))


def expect(score: dict[str, Any], activities: list[dict[str, Any]], points: Any, review: Any = None) -> None:
    told = {"scores": {"total": points}} | ({} if review is None else {"review_in_days": review})
    example = Example.model_validate({"name": "it", "activities": activities, "expect": told})
    assert [str(one) for one in differences(compiled(score), [example], AS_OF)] == []


FLOOR = {"running": True, "floor": 0, "rules": RULES}
BOTH = {"running": True, "floor": -10, "cap": 40, "rules": RULES, "bands": {"warm": 35}}


def on(days_ago: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "days_ago": days_ago, **more}


def test_the_floor_holds_after_each_day() -> None:
    expect(FLOOR, [on(40, "unsubscribe"), on(0, "download")], 30)
    expect(FLOOR, [on(40, "download"), on(0, "unsubscribe")], 5)
    expect(FLOOR, [on(40, "download"), on(30, "unsubscribe", times=2), on(2, "download")], 30)


def test_the_cap_does_so_too() -> None:
    expect(BOTH, [on(9, "download", times=3), on(1, "unsubscribe")], 15)
    expect(BOTH, [on(9, "unsubscribe", times=3), on(5, "download"), on(1, "download")], 40)


def test_all_of_one_day_counts_together() -> None:
    expect(FLOOR, [on(3, "unsubscribe"), on(3, "download")], 5)
    expect(FLOOR, [on(3, "download"), on(3, "unsubscribe")], 5)


def test_nothing_is_nothing_or_as_near_as_the_limits_let_it() -> None:
    expect(FLOOR, [], 0)
    expect({**FLOOR, "floor": 7}, [on(3, "unsubscribe")], 7)
    expect({**FLOOR, "floor": 7}, [], 7)
    expect({"running": True, "cap": -7, "rules": RULES}, [], -7)


def test_what_is_possible_makes_an_interval() -> None:
    expect(BOTH, [on(9, "download", outcome="unknown"), on(5, "unsubscribe"), on(2, "call")], [-10, 15])


def test_the_total_is_looked_at_when_something_leaves_a_window() -> None:
    expect(BOTH, [on(9, "download"), on(28, "call", outcome="connected")], 40, review=3)


ONCE = {"running": True, "floor": 0, "rules": [{**RULES[0]}, {**RULES[1], "once_per": "week"}]}
"""2026-11-21 is a Saturday; Monday of its week was 5 days before."""


def test_of_each_week_the_youngest_counts_on_its_day() -> None:
    expect(ONCE, [on(5, "download"), on(1, "download", times=2)], 30)
    expect(ONCE, [on(6, "download"), on(5, "download")], 60)
    # Friday's stands for Monday's, so Wednesday's unsubscription takes nothing away: nothing was there.
    expect(ONCE, [on(5, "download"), on(3, "unsubscribe"), on(1, "download")], 30)
    expect(ONCE, [on(5, "download"), on(3, "unsubscribe")], 5)


def test_the_youngest_that_perhaps_happened_makes_an_interval() -> None:
    doubtful = on(1, "download", outcome="unknown")
    # Without Friday's: 30, then 5. With it: nothing, nothing, 30. Each day is taken for itself: from 0 to 5 + 30.
    expect(ONCE, [on(5, "download"), on(3, "unsubscribe"), doubtful], [0, 35])
    # On one day it does not matter which of the two it was.
    expect(ONCE, [on(1, "download"), doubtful], 30)
    # What is certain stands for an older one that perhaps happened.
    expect(ONCE, [on(5, "download", outcome="unknown"), on(1, "download")], 30)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 8, 31, 64])
def test_however_many_days_there_are(length: int) -> None:
    kinds = ["unsubscribe", "download", "unsubscribe", "unsubscribe", "download", "download", "unsubscribe"]
    told = [on(length - place, kinds[place % 7]) for place in range(length)]
    total = 0
    for place in range(length):
        total = max(-10, min(40, total + (30 if kinds[place % 7] == "download" else -25)))
    expect(BOTH, told, total)
    expect(BOTH, told[::-1], total)


SINCE_STAGE = {"rules": [{"activities": {"since": {"reached": "sql"}}, "points": 1}]}
WRONG = {
    "another kind of rule": (
        {**FLOOR, "rules": [{"when": {"known": "email"}, "points": 1}]},
        "nothing else has a day",
    ),
    "a group": ({**FLOOR, "groups": [{"rules": RULES}]}, "no groups"),
    "ageing": ({**FLOOR, "rules": [{**RULES[0], "half_life_days": 3}]}, "have no `half_life_days`"),
    "once for each thing": ({**FLOOR, "rules": [{**RULES[0], "once_per": "thing"}]}, "may be unknown"),
    "a cap of a rule": ({**FLOOR, "rules": [{**RULES[0], "cap": 3}]}, "have no `cap`"),
    "a stage that is none": (SINCE_STAGE, "`sql` is no stage"),
    "nothing to come back from": (
        {"rules": [{"activities": {"since": "recycled"}, "points": 1}]},
        "no `disqualified`",
    ),
    "two days": (
        {"rules": [{"activities": {"since": {"reached": "lead", "fact": "created_at"}}, "points": 1}]},
        "one of",
    ),
    "a fact that is no day": (
        {"rules": [{"activities": {"since": {"fact": "email"}}, "points": 1}]},
        "asks for a day",
    ),
    "never of a fact": (
        {"rules": [{"activities": {"since": {"fact": "created_at", "if_never": "all"}}, "points": 1}]},
        "about stages",
    ),
}


@pytest.mark.parametrize(("score", "told"), WRONG.values(), ids=list(WRONG))
def test_what_a_policy_may_not_say(score: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        compiled(score)
    assert told in str(refused.value)
