"""Points for silence: whole periods since the latest match, what is possible of them, the day of the next step."""

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
from crmsync.qualify.language.scores import Score, SilenceRule
from crmsync.qualify.telling.describe import Speaker
from crmsync.showing.explain.story_trees import points_tree
from crmsync.tune.probe import features_of, probe_of

AS_OF = date(2026, 11, 21)
TALKS = {"silence": {"kind": ["call", "meeting"]}, "points": -5, "per_days": 7, "cap": 30}
READING = {"activities": {"kind": "download"}, "points": 20}


def compiled(*rules: dict[str, Any], kinds: frozenset[str] | None = None, **more: Any) -> CompiledPolicy:
    data = {"name": "silence", "scores": {"work": {"rules": list(rules)}}, **more}
    data.setdefault("ladder", [{"stage": "lead"}, {"stage": "mql", "when": {"score": "work", "at_least": 10}}])
    policy = policy_from(Document("silence.yaml", data, {}, {}), {})
    return compile_policy(policy, mapped_facts=frozenset(policy.facts), provided_kinds=kinds)


def expect(policy: CompiledPolicy, points: Any, *activities: dict[str, Any], review: Any = None, **lead: Any) -> None:
    told = {"scores": {"work": points}} | ({} if review is None else {"review_in_days": review})
    example = Example.model_validate({"name": "it", "activities": activities, "expect": told, **lead})
    assert [str(one) for one in differences(policy, [example], AS_OF)] == []


def on(days_ago: int, kind: str = "call", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "days_ago": days_ago, **more}


@pytest.mark.parametrize(
    ("age", "points"), [(0, 0), (6, 0), (7, -5), (13, -5), (14, -10), (41, -25), (42, -30), (900, -30)]
)
def test_whole_periods_since_the_latest_match(age: int, points: int) -> None:
    expect(compiled(TALKS), points, on(age), on(age + 50), on(0, "download"))


def test_without_a_match_the_lead_s_creation_counts() -> None:
    policy = compiled(TALKS)
    expect(policy, -10, created_days_ago=20)
    expect(policy, -5, on(8), created_days_ago=3)
    expect(policy, 0, created_days_ago=-4)
    expect(policy, 0, on(-3), created_days_ago=5)


def test_a_silence_that_is_not_known_is_an_interval() -> None:
    policy = compiled(TALKS)
    expect(policy, [-30, 0])
    expect(policy, [-20, -5], on(29), on(8, outcome="unknown"), created_days_ago=300)
    expect(policy, [-15, -5], on(8, outcome="unknown"), created_days_ago=22)
    expect(policy, [-15, -10], on(22, outcome="unknown"), created_days_ago=15)
    expect(policy, [-30, 0], on(3, outcome="unknown"))


def test_a_kind_that_is_not_provided_may_have_happened_today() -> None:
    policy = compiled(TALKS, kinds=frozenset({"call"}))
    expect(policy, [-10, 0], on(15), created_days_ago=300)
    expect(policy, [-15, 0], created_days_ago=21)


def test_what_did_not_happen_ends_no_silence() -> None:
    expect(compiled(TALKS), -10, on(15), on(2, outcome="no_show"), on(1, "meeting", outcome="scheduled"))


def test_since_silence_begins_no_earlier_than_the_day_it_names() -> None:
    rule = {**TALKS, "silence": {"kind": "call", "since": {"reached": "mql"}}}
    policy = compiled(rule)
    came = [{"stage": "lead", "days_ago": 90}, {"stage": "mql", "days_ago": 15}]
    expect(policy, -10, on(40), history=came, created_days_ago=90)
    expect(policy, -5, on(40), on(9), history=came, created_days_ago=90)
    expect(policy, 0, history=came, created_days_ago=2)
    expect(policy, -10, on(20), history=came[:1], created_days_ago=20)  # it never came there: since it is a lead


def test_the_day_of_since_may_be_unknown() -> None:
    rule = {**TALKS, "silence": {"kind": "call", "since": {"fact": "renewed"}}}
    policy = compiled(rule, facts={"renewed": {"type": "date"}})
    expect(policy, [-20, 0], created_days_ago=28)
    expect(policy, [-20, 0], on(10), created_days_ago=28)
    expect(policy, -15, created_days_ago=28, facts={"renewed": date(2026, 10, 31)})
    expect(policy, 0, on(3), created_days_ago=28, facts={"renewed": date(2026, 12, 24)})


def test_the_review_is_on_the_day_of_the_step_that_crosses() -> None:
    policy = compiled(READING, TALKS)
    expect(policy, 20, on(3, "download"), on(3), review=18)
    expect(policy, 10, on(3, "download"), on(20), review=1)
    expect(policy, 5, on(3, "download"), on(21), review="never")
    expect(policy, 0, on(3), review="never")


def test_rising_points_are_reviewed_likewise() -> None:
    policy = compiled({"silence": {}, "points": 4, "per_days": 30})
    expect(policy, 0, on(10), review=80)
    expect(policy, 8, on(60), review=30)
    expect(policy, 12, on(90), review="never")


def test_the_ends_of_an_interval_step_on_days_of_their_own() -> None:
    policy = compiled(READING, TALKS)
    expect(policy, [10, 20], on(3, "download"), on(16), on(1, outcome="unknown"), review=5)
    expect(policy, [-10, 20], on(3, "download"), review="never")


def test_a_planned_call_will_end_the_silence() -> None:
    expect(compiled(READING, TALKS), 5, on(3, "download"), on(21), on(-9), review=9)


def test_the_limits_of_groups_hold_it() -> None:
    policy = compiled(scores={"work": {"groups": [{"floor": -12, "rules": [TALKS]}], "rules": [READING]}})
    expect(policy, 8, on(3, "download"), on(40))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**TALKS, "silence": {"kind": "call", "within_days": 30}}, "`silence` looks at all days"),
        ({**TALKS, "cap": -30}, "`cap` is a size"),
        ({**TALKS, "per_days": 0}, "greater than or equal to 1"),
        ({key: TALKS[key] for key in ("silence", "points")}, "per_days"),
        ({**TALKS, "half_life_days": 3}, "half_life_days"),
        ({**TALKS, "silence": {"since": {"reached": "sql"}}}, "`sql` is no stage"),
    ],
)
def test_what_a_policy_may_not_say(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        compiled(rule)
    assert message in str(refused.value)


def test_a_running_total_has_none() -> None:
    with pytest.raises(ConfigurationError, match="nothing else has a day"):
        compiled(scores={"work": {"running": True, "rules": [TALKS]}})


def test_the_page_tells_it_in_words() -> None:
    policy = compiled(TALKS, {"silence": {}, "points": 0.5, "per_days": 1}).policy
    rules = policy.scores["work"].rules
    assert [(one.what, one.points, one.ageing, one.most) for one in Speaker(policy).rules(rules)] == [
        ("silence since the latest call or meeting", "−5 for every 7 days", "no", "−30"),
        ("silence since the latest activity", "0.5 for every day", "no", ""),
    ]


def test_a_rule_is_told_from_the_others_by_its_key() -> None:
    rule = SilenceRule.model_validate(TALKS)
    assert Score(rules=(rule,)).rules == (rule,)


def explained(policy: CompiledPolicy, *activities: dict[str, Any], **lead: Any) -> Any:
    example = Example.model_validate({"name": "it", "activities": activities, "expect": {}, **lead})
    [told] = explain(policy, batch_of(policy.policy, [example], AS_OF), AS_OF)
    return told


def test_explain_tells_which_may_be_the_latest() -> None:
    policy = compiled(READING, TALKS)
    told = explained(policy, on(3, "download"), on(30), on(15, outcome="unknown"), on(60), created_days_ago=90)
    [story] = told.points
    rule = story.rules[1]
    assert (rule.rule, rule.points) == ("silence since the latest call or meeting", (-20_000, -10_000))
    assert [(one.certain, age, points) for one, age, points in rule.activities] == [
        (False, 15, -10_000),
        (True, 30, -20_000),
    ]
    assert "points_each" not in rule.to_json()
    words = " / ".join(node.label for branch in points_tree(told.points).children for node in branch.children)
    assert "silence since the latest call or meeting: -20 to -10" in words


def test_a_new_talk_is_a_way_up() -> None:
    told = explained(compiled(READING, TALKS), on(3, "download"), on(21), created_days_ago=90)
    assert ("call",) in [way.steps for way in told.ways]


def test_a_fit_weighs_it_at_one_point_for_each_period() -> None:
    policy = compiled({**TALKS, "points": 4, "cap": 12}).policy
    [feature] = features_of(policy)
    compiled_probe = compile_policy(probe_of(policy, (feature,)), mapped_facts=frozenset())
    [story] = explained(compiled_probe, on(15)).points[1:]
    assert (feature.points, story.points) == (4, (2000, 2000))
