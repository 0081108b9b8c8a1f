"""What explain and reasons tell of a lead."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from crmsync.configuration import read_document
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.explain import explain
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.explanation import Explanation
from crmsync.qualify.telling.reasons import reasons

AS_OF = date(2026, 11, 21)


@cache
def saas() -> CompiledPolicy:
    folder = files("crmsync.qualify") / "presets"
    documents = {
        name: read_document((folder / f"{name}.yaml").read_text("utf-8"), name) for name in ("general", "saas")
    }
    policy = policy_from(documents["saas"], documents)
    return compile_policy(policy, mapped_facts=frozenset(policy.facts))


def told(**lead: Any) -> Explanation:
    example = Example(name="x", expect={}, **lead)  # type: ignore[arg-type]
    (explanation,) = explain(saas(), batch_of(saas().policy, [example], AS_OF), AS_OF)
    return explanation


def words(**lead: Any) -> tuple[str, ...]:
    batch = batch_of(saas().policy, [Example(name="x", expect={}, **lead)], AS_OF)  # type: ignore[arg-type]
    return reasons(saas(), batch, decide(saas(), batch, AS_OF), [0])[0]


TALK = {"kind": "call", "outcome": "connected", "days_ago": 3, "by": "u1", "by_role": "bdr"}
EARLY = {"facts": {"need": "clear", "budget": "available"}, "activities": [TALK, {"kind": "webinar", "days_ago": 30}]}


def test_conditions_evidence_and_questions() -> None:
    lead = told(stage="sal", **EARLY)
    assert (lead.stage, lead.earned_stage, lead.crm_stage) == ("sql", "sql", "sal")
    assert lead.conditions["has_budget"] == "met"
    assert lead.conditions["bant"] == "unknown"
    talk = lead.criteria["talked_with_sales"].evidence[0]
    assert (talk.kind, talk.day, talk.by, talk.by_role, talk.certain) == (
        "call",
        date(2026, 11, 18),
        "u1",
        "bdr",
        True,
    )
    assert lead.criteria["has_budget"].evidence[0].to_json() == {"fact": "budget", "value": "available"}
    questions = {question.fact: question for question in lead.questions}
    assert "ladder.sqo" in questions["timeline"].conditions
    assert questions["timeline"].ask == "When should it be in use?"
    assert lead.next_action == saas().policy.next_action["sql"]


def test_ways_up_are_the_cheapest_first() -> None:
    ways = told(**EARLY).ways
    assert [way.stage for way in ways] == ["sqo"] * len(ways)
    assert [len(way.steps) for way in ways] == sorted(len(way.steps) for way in ways)
    steps = [way.steps for way in ways]
    assert ("timeline: now (not known now)",) in steps
    assert ("demo request",) in steps


def test_what_would_take_a_hundred_years_is_no_way_up() -> None:
    asked = "[{activities: {}, distinct: years, at_least: 2500}, {activities: {}, at_least: 900000}, {known: town}]"
    text = f"facts: {{town: {{type: text}}}}\nladder: [{{stage: lead}}, {{stage: mql, when: {{any: {asked}}}}}]"
    policy = policy_from(read_document(text, "policy.yaml"), {})
    batch = batch_of(policy, [Example(name="x", expect={})], AS_OF)  # type: ignore[arg-type]
    (explained,) = explain(compile_policy(policy, mapped_facts=frozenset({"town"})), batch, AS_OF)
    assert [way.steps for way in explained.ways] == [("town: … (not known now)",)]


def test_nobody_is_told_ways_from_the_top_or_from_beside() -> None:
    assert told(activities=[{"kind": "demo_request"}]).ways == ()
    assert told(facts={"need": "none", "interest": "none"}).ways == ()


def test_points_are_built_up_from_rules_and_caps() -> None:
    lead = told(activities=[{"kind": "page_view", "days_ago": 0, "times": 9}, {"kind": "webinar", "days_ago": 30}])
    story = next(story for story in lead.points if story.name == "engagement")
    views = next(rule for rule in story.rules if rule.rule == "page view")
    assert (views.points, views.cut, len(views.activities)) == ((5000, 5000), 4000, 9)
    webinar = next(rule for rule in story.rules if rule.rule == "webinar or event")
    assert [(age, points) for _, age, points in webinar.activities] == [(30, 6000)]
    assert story.points == lead.scores["engagement"] == (11_000, 11_000)
    assert next(story for story in lead.points if story.name == "total").points == lead.scores["total"]


def test_a_possible_activity_is_told_as_such() -> None:
    lead = told(activities=[{"kind": "demo", "days_ago": 3}])
    assert lead.conditions["had_demo"] == "unknown"
    assert lead.criteria["had_demo"].evidence[0].to_json()["certain"] is False


def test_json_has_the_keys_others_rely_on() -> None:
    data = json.loads(json.dumps(told(**EARLY).to_json()))
    assert {"lead", "as_of", "stage", "crm_stage", "scores", "review_day", "conditions"} <= data.keys()
    assert data["as_of"] == "2026-11-21"
    assert data["scores"]["fit"] == [0, 50000]
    assert set(data["conditions"].values()) <= {"met", "not_met", "unknown"}
    assert data["ladder"][-1]["condition"]["parts"][0] == {"name": "sqo_evidence"}


def references_in(data: Any) -> set[str]:
    """Names of named criteria in a story's JSON, wherever they stand."""
    if isinstance(data, list):
        return {name for one in data for name in references_in(one)}
    if not isinstance(data, dict):
        return set()
    return {data["name"]} if data.keys() == {"name"} else references_in(list(data.values()))


def test_json_tells_each_named_criterion_once_and_leaves_out_what_gave_nothing() -> None:
    calls = [{**TALK, "days_ago": day} for day in (3, 4)]
    lead = told(facts={"need": "clear"}, activities=[*calls, {"kind": "demo", "days_ago": 3}])
    data = lead.to_json()
    assert references_in([data["ladder"], data["criteria"], data["disqualification"]]) <= data["criteria"].keys()
    assert all(one["verdict"] == data["conditions"][name] for name, one in data["criteria"].items())
    certain = [evidence.get("certain", True) for evidence in data["criteria"]["had_demo"]["evidence"]]
    assert certain == [False]
    assert "certain" not in data["criteria"]["talked_with_sales"]["evidence"][0]
    for name, score in data["points"].items():
        left_out = [
            rule for story in lead.points if story.name == name for rule in story.rules if rule.points == (0, 0)
        ]
        assert {rule.rule for rule in left_out if not rule.activities}.isdisjoint(
            rule["rule"] for rule in score["rules"]
        )
    assert data["points"]["engagement"]["rules"]


def test_evidence_is_cut_short_with_a_count() -> None:
    lead = told(activities=[{"kind": "webinar", "days_ago": day} for day in range(15)])
    condition = lead.criteria["engaged_with_content"]
    assert (len(condition.evidence), condition.more) == (10, 5)
    assert condition.evidence[0].day == AS_OF


def test_reasons_say_what_earned_and_what_is_missing() -> None:
    earned, *missing = words(**EARLY)
    assert earned == "Sales qualified lead: two of budget, authority, need and timing"
    assert any("not known" in line and "timeline" in line for line in missing)


def test_reasons_of_a_disqualified_lead() -> None:
    assert words(facts={"need": "none", "authority": "none"}) == ("Disqualified: no need for what we offer",)


def test_reasons_of_a_lead_that_stays() -> None:
    assert words(stage="sqo", stage_edited_days_ago=3)[0] == "somebody else has changed the stage lately; it stays"
    assert words(stage="sqo")[0] == "the evidence gives less now; leads do not move back"


def test_reasons_only_for_the_rows_asked_for() -> None:
    examples = [Example(name="x", expect={}) for _ in range(5)]  # type: ignore[arg-type]
    batch = batch_of(saas().policy, examples, AS_OF)
    assert set(reasons(saas(), batch, decide(saas(), batch, AS_OF), [1, 3])) == {1, 3}
    assert reasons(saas(), batch, decide(saas(), batch, AS_OF), []) == {}


UNDECIDED = """
name: main
facts: {employees: {type: integer, question: How many people?}, budget: {type: choice, values: [available, none]}}
ladder: [{stage: lead, label: Lead}, {stage: sql, label: Wanted, when: {fact: budget, is: none}}]
disqualified: {stage: out, reasons: [{name: poor, when: {fact: budget, is: none}, say: there is no money}]}
segments:
  - name: large
    when: {fact: employees, at_least: 1000}
    policy: {disqualified: null}
  - name: small
    when: {fact: employees, at_most: 10}
    policy: {ladder: [{stage: lead, label: Lead}]}
"""


def of_unknown_size(**facts: Any) -> Explanation:
    policy = policy_from(read_document(UNDECIDED, "policy.yaml"), {})
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    (told,) = explain(compiled, batch_of(policy, [Example(name="x", facts=facts, expect={})], AS_OF), AS_OF)  # type: ignore[arg-type]
    return told


def test_where_the_segment_is_unknown_all_policies_that_could_apply_are_told() -> None:
    lead = of_unknown_size(budget="none")
    assert (lead.policy, lead.stage, lead.stage_why, lead.reason) == ("small", "lead", "earned", None)
    assert lead.disqualification is not None and lead.disqualification.verdict == "met"
    assert lead.spared
    assert lead.policy_why is not None and lead.policy_why.endswith("but not all of them would: so the lead stays in")
    condition = lead.disqualification.condition
    assert condition is not None and condition.sentence.endswith("but not under every policy that could apply")
    data = json.loads(json.dumps(lead.to_json()))
    assert data["candidates"] == [
        {"policy": "large", "earned_stage": "sql", "reason": None, "sentence": "Wanted"},
        {
            "policy": "small",
            "earned_stage": "lead",
            "reason": "poor",
            "sentence": "Lead, but disqualified: there is no money",
        },
        {
            "policy": "main",
            "earned_stage": "sql",
            "reason": "poor",
            "sentence": "Wanted, but disqualified: there is no money",
        },
    ]
    (question,) = [question for question in lead.questions if question.fact == "employees"]
    assert (question.ask, question.conditions) == ("How many people?", ("segment.large", "segment.small"))


def test_where_the_segment_is_known_there_are_no_candidates() -> None:
    for employees, policy in ((5000, "large"), (3, "small"), (50, "main")):
        lead = of_unknown_size(budget="none", employees=employees)
        assert (lead.policy, lead.candidates, lead.policy_why, lead.spared) == (policy, (), None, False)
        assert lead.reason == (None if policy == "large" else "poor")


ONCE = """
format: 1
name: once
scores:
  weekly: {rules: [{activities: {kind: newsletter}, points: 10, once_per: week}]}
  people: {rules: [{activities: {kind: visit}, points: 8, half_life_days: 1, once_per: person}]}
ladder: [{stage: lead}]
"""


def counted_once(**lead: Any) -> dict[str, tuple[tuple[int, int], list[tuple[int, int, bool]]]]:
    """Score → (points, [(age, points, certain)])."""
    policy = policy_from(read_document(ONCE, "once"), {})
    example = Example(name="x", expect={}, **lead)  # type: ignore[arg-type]
    compiled = compile_policy(policy, mapped_facts=frozenset())
    (story,) = explain(compiled, batch_of(policy, [example], AS_OF), AS_OF)
    return {
        score.name: (
            score.points,
            [(age, given, one.certain) for rule in score.rules for one, age, given in rule.activities],
        )
        for score in story.points
    }


def test_of_each_week_the_activity_that_counts_is_told() -> None:
    """The day is a Saturday: five days ago it was Monday, six days ago Sunday of the week before."""
    maybe = {"kind": "newsletter", "days_ago": 13, "outcome": "unknown"}
    ages = [{"kind": "newsletter", "days_ago": ago} for ago in (0, 0, 5, 6, 14)]
    points, told = counted_once(activities=[*ages, maybe])["weekly"]
    assert points == (30_000, 30_000)
    assert told == [
        (0, 10_000, True), (0, 0, True), (5, 0, True), (6, 10_000, True), (13, 10_000, False), (14, 10_000, True),
    ]  # fmt: skip
    points, told = counted_once(activities=[maybe])["weekly"]
    assert (points, told) == ((0, 10_000), [(13, 10_000, False)])


def test_the_deed_of_nobody_known_is_certain_where_it_gives_more_than_that_of_a_known_person() -> None:
    def visit(ago: int, by: str | None = None) -> dict[str, Any]:
        return {"kind": "visit", "days_ago": ago, "by": by}

    older = counted_once(activities=[visit(0, "ann"), visit(1, "bob"), visit(2)])["people"]
    assert older == ((12_000, 14_000), [(0, 8_000, True), (1, 4_000, True), (2, 2_000, False)])
    younger = counted_once(activities=[visit(0), visit(1, "ann"), visit(2, "bob")])["people"]
    assert younger == ((10_000, 14_000), [(0, 8_000, True), (1, 4_000, False), (2, 2_000, True)])
    alone = counted_once(activities=[visit(0), visit(1)])["people"]
    assert alone == ((8_000, 12_000), [(0, 8_000, True), (1, 4_000, False)])
