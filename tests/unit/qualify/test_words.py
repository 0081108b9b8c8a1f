"""A policy's conditions in plain words, as they stand and denied; and what reasons make of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.operations.policy.named import preset
from crmsync.qualify.criteria import sentence_of
from crmsync.qualify.criteria.combination import denial_of
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.reasons import reasons
from crmsync.qualify.telling.words import vocabulary_of
from crmsync.settings import presets

AS_OF = date(2026, 11, 21)
SPOKEN = """
name: spoken
facts:
  budget: {type: choice, values: [available, none]}
  employees: {type: integer, label: company size, unit: people}
  title: {type: text}
  signed: {type: date}
lists: {big_ones: [a]}
scores: {fit: {label: Fit, rules: [{when: has_budget, points: 5}]}, heat: {rules: [{when: has_budget, points: 1}]}}
criteria:
  has_budget: {fact: budget, is: available}
  shout: {label: shouts, fact: title, is: LOUD}
  both: {all: [has_budget, shout]}
  asked: CRITERION
ladder: [{stage: lead}, {stage: sql, label: Qualified, when: asked}]
"""
TABLE = [
    ("{fact: budget, is: none}", "budget is none", "budget is not none"),
    ("{fact: budget, is_not: none}", "budget is not none", "budget is none"),
    ("{fact: title, in: [a_b, c]}", "title is a b or c", "title is not a b or c"),
    ("{fact: title, not_in: big_ones}", "title is not in the list big ones", "title is in the list big ones"),
    (
        "{fact: employees, at_least: 5000}",
        "company size is at least 5,000 people",
        "company size is below 5,000 people",
    ),
    ("{fact: employees, above: 5}", "company size is above 5 people", "company size is at most 5 people"),
    (
        "{fact: employees, at_least: 5, below: 9}",
        "company size is at least 5 and below 9 people",
        "not “company size is at least 5 and below 9 people”",
    ),
    ("{fact: title, contains_any: [x, y]}", "title contains “x” or “y”", "title does not contain “x” or “y”"),
    (
        "{fact: title, contains_words: [x, y z]}",
        "title contains the word “x” or “y z”",
        "title does not contain the word “x” or “y z”",
    ),
    ("{fact: title, matches: ^a}", "title matches the pattern ^a", "title does not match the pattern ^a"),
    ("{fact: signed, within_days: 9}", "signed is within the next 9 days", "signed is not within the next 9 days"),
    ("{fact: signed, before: as_of}", "signed is before today", "signed is not before today"),
    ("{known: budget}", "budget is known", "budget is not known"),
    ("{unknown: budget}", "budget is not known", "budget is known"),
    ("{activities: {kind: demo_request}}", "demo request", "no demo request"),
    ("{activities: {kind: call}, at_least: 2}", "at least 2 × call", "fewer than 2 × call"),
    ("{activities: {kind: call}, at_most: 2}", "at most 2 × call", "more than 2 × call"),
    (
        "{activities: {kind: call}, distinct: people, at_least: 2}",
        "at least 2 different people with call",
        "fewer than 2 different people with call",
    ),
    ("{no_activities: {kind: complaint}}", "no complaint", "complaint"),
    ("{score: fit, at_least: 5}", "Fit is at least 5 points", "Fit is below 5 points"),
    ("{score: heat, below: 5}", "heat is below 5 points", "heat is at least 5 points"),
    ("{meets: lead}", "meets lead", "does not meet lead"),
    ("{not: has_budget}", "budget is not available", "budget is available"),
    ("{not: shout}", "not “shouts”", "shouts"),
    ("{not: both}", "not “both”", "both"),
    ("{any: [shout, has_budget]}", "shouts or budget is available", "not “shouts or budget is available”"),
]


@pytest.mark.parametrize(("criterion", "said", "denied"), TABLE, ids=[row[0] for row in TABLE])
def test_conditions_and_their_opposites_in_words(criterion: str, said: str, denied: str) -> None:
    policy = policy_from(read_document(SPOKEN.replace("CRITERION", criterion), "policy"), {})
    words, asked = vocabulary_of(policy), policy.criteria["asked"]
    assert (sentence_of(asked, words), denial_of(asked, words)) == (said, denied)


@pytest.mark.parametrize("name", sorted(presets()))
def test_shipped_criteria_have_words_of_their_own(name: str) -> None:
    """None that is made of others is told by its name in the file, for want of a label."""
    policy = preset(name)
    made = {one: shape for one, shape in policy.criteria.items() if isinstance(shape, str) or any(shape.children())}
    assert len(made) > 5
    assert [one for one, shape in made.items() if isinstance(shape, str) or not shape.label] == []


def why(data: str, **lead: Any) -> tuple[str, ...]:
    policy = policy_from(read_document(data, "policy"), presets())
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    batch = batch_of(policy, [Example(name="x", expect={}, **lead)], AS_OF)  # type: ignore[arg-type]
    return reasons(compiled, batch, decide(compiled, batch, AS_OF), [0])[0]


def test_what_stands_against_a_stage_is_told_as_it_is() -> None:
    told = why("{name: x, extends: saas}", facts={"budget": "none"}, activities=[{"kind": "demo_request"}])
    assert told[0] == "Sales qualified lead: asked for a demo"
    assert told[1] == "not yet Sales qualified opportunity: against it: has no budget"
    assert not any("not:" in line or "budget is not known" in line for line in told)


def test_of_labelled_alternatives_the_one_that_is_met_is_told() -> None:
    told = why("{name: x, extends: saas}", activities=[{"kind": "webinar"}])
    assert told[0] == "Sales accepted lead: signed up for or attended something we offer"


def test_what_is_lacking_beside_what_stands_against() -> None:
    text = SPOKEN.replace("CRITERION", "{all: [has_budget, {not: shout}, {no_activities: {kind: complaint}}]}")
    told = why(text, facts={"budget": "none", "title": "loud"}, activities=[{"kind": "complaint"}])
    assert told == (
        "not yet Qualified: against it: shouts; complaint",
        "not yet Qualified: not met: budget is available",
    )
