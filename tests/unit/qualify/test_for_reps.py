"""What a lead's own page says of it: how it stands, and the same words again once it has moved there."""

from __future__ import annotations

from datetime import date

import pytest

from crmsync.configuration import read_document
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.telling.for_reps import (
    LeadStanding,
    actions,
    bands,
    decided_by,
    grade_words,
    policies_of,
    reasons_named,
    standings,
)

DAY = date(2026, 11, 21)
POLICY = """
name: spoken
facts:
  budget: {type: choice, values: [available, none], question: Is there a budget?}
  need: {type: choice, values: [clear, none]}
  rival: {type: boolean}
scores:
  fit: {rules: [{when: {fact: budget, is: available}, points: 5}], bands: {A: 5, B: 0}}
  heat: {rules: [{when: {fact: need, is: clear}, points: 5}], bands: {1: 5, 2: 0}}
grades: {grade: [fit, heat]}
ladder:
  - {stage: lead, label: Lead}
  - {stage: mql, label: Marketing lead, when: {fact: need, is: clear}}
  - {stage: sql, label: Sales lead, when: {fact: budget, is: available}}
disqualified:
  reasons: [{name: rival, when: {fact: rival, is: true}, say: works for a rival}]
  recycle: {after_days: 0}
movement: MOVEMENT
next_action: {mql: Call, sql: Visit}
questions: [{fact: need, ask: What is it needed for?}]
"""
BUDGET = "not yet Sales lead: not known: budget"


def standing(stage: str | None, facts: dict[str, object], movement: str = "{}") -> tuple[str, LeadStanding]:
    """(the stage decided, how the lead stands there)."""
    policy = policy_from(read_document(POLICY.replace("MOVEMENT", movement), "policy.yaml"), {})
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    batch = batch_of(
        policy,
        [
            Example.model_validate(
                {"name": "x", "facts": facts, "stage": stage, "stage_since_days_ago": 1, "expect": {}}
            )
        ],
        DAY,
    )
    decisions = decide(compiled, batch, DAY)
    [decided] = decisions["stage"]
    [(_, told)] = standings(compiled, batch, decisions, {0: decided}, {})
    return decided, told


@pytest.mark.parametrize(
    ("stage", "facts", "movement", "decided", "reasons"),
    [
        (None, {}, "{}", "lead", "Lead; not yet Marketing lead: not known: need"),
        ("lead", {"need": "clear"}, "{}", "mql", f"Marketing lead (need is clear); {BUDGET}"),
        ("lead", {"need": "clear", "budget": "available"}, "{}", "sql", "Sales lead (budget is available)"),
        ("lead", {"need": "none"}, "{}", "lead", "Lead; not yet Marketing lead: not met: need is clear"),
        (
            "sql",
            {"need": "clear"},
            "{}",
            "sql",
            f"Sales lead, though the evidence gives no more than Marketing lead (need is clear); {BUDGET}",
        ),
        ("sql", {"need": "clear"}, "{backward: allowed}", "mql", f"Marketing lead (need is clear); {BUDGET}"),
        ("lead", {"rival": True}, "{}", "disqualified", "disqualified: works for a rival"),
        ("disqualified", {"need": "clear"}, "{}", "mql", f"Marketing lead (need is clear); {BUDGET}"),
        (
            "mql",
            {"rival": True},
            "{protected: [mql]}",
            "mql",
            "Marketing lead, and yet something speaks against it: works for a rival",
        ),
        (
            "mql",
            {"need": "clear", "budget": "available"},
            "{protected: [mql]}",
            "mql",
            "Marketing lead, and the evidence gives Sales lead (budget is available)",
        ),
    ],
)
def test_how_a_lead_stands(
    stage: str | None, facts: dict[str, object], movement: str, decided: str, reasons: str
) -> None:
    found, told = standing(stage, facts, movement)
    assert (found, told.reasons) == (decided, reasons)
    again, then = standing(decided, facts, movement)
    assert (again, then) == (decided, told), "the same facts give the same words"


def test_what_is_to_be_asked_and_why_a_lead_is_out() -> None:
    _, told = standing("lead", {})
    assert told.ask == "What is it needed for? Is there a budget? What is the rival?"
    assert told.reason is None
    _, told = standing("lead", {"rival": True, "need": "clear", "budget": "none"})
    assert told == LeadStanding("disqualified: works for a rival", None, ("rival", "works for a rival"))


def test_all_words_that_a_policy_may_give() -> None:
    policies = policies_of(policy_from(read_document(POLICY.replace("MOVEMENT", "{}"), "policy.yaml"), {}))
    assert bands(policies, "fit") == ["A", "B"]
    assert bands(policies, "nothing") == []
    assert grade_words(policies, "grade") == ["A1", "A2", "B1", "B2"]
    assert reasons_named(policies) == [("rival", "works for a rival")]
    assert actions(policies) == [("mql", "Call"), ("sql", "Visit")]
    assert decided_by("Small", DAY) == "decided by policy Small on 2026-11-21"
