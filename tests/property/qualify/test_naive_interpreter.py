"""The engine and the naive interpreter agree on everything, under random policies and on random leads.

`QUALIFY_POLICIES` and `QUALIFY_LEADS` (environment) make the comparison larger than the default.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from generated_policies import AS_OF, FACTS, KINDS, ZONES, Maker, batch_from
from naive_policy import under_segments

from crmsync.configuration import Document
from crmsync.qualify.criteria import KINDS as KINDS_OF_CRITERIA
from crmsync.qualify.criteria import BaseCriterion
from crmsync.qualify.criteria.known import Known, NotKnown
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.language.ladder import Disqualified, Movement, Recycle, Rung, SalesConfirmation
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Group, Score, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.facts import DaysSince, DaysUntil, DomainOf, LengthOf, RangeOf
from crmsync.qualify.terms.since import Since

POLICIES = int(os.environ.get("QUALIFY_POLICIES", "40"))
LEADS = int(os.environ.get("QUALIFY_LEADS", "60"))


def provided(seed: int) -> frozenset[str] | None:
    """Every third policy meets a mapping without some kinds."""
    return frozenset(KINDS[:3]) if seed % 3 == 0 else None


def compared(seed: int, leads: int) -> Iterator[tuple[str, Any, Any, Any]]:
    """(column, lead, naive value, engine's value) for everything told of every lead."""
    maker = Maker(seed)
    data = maker.policy()
    policy = policy_from(Document("random.yaml", data, {}, {}), {})
    mapped = frozenset(FACTS) - {"ghost"}
    zone = ZONES[seed % len(ZONES)]
    compiled = compile_policy(policy, provided_kinds=provided(seed), mapped_facts=mapped, time_zone=zone)
    people, activities = maker.leads(leads)
    if seed % 5 == 4:  # nobody knows the past
        people = [{**lead, "stays": None} for lead in people]
    decisions = decide(compiled, batch_from(people, activities), AS_OF).to_dicts()
    for lead, decision in zip(people, decisions, strict=True):
        own = [activity for activity in activities if activity["row"] == lead["row"]]
        present = {key: lead[key] for key in ("stage", "managed", "stage_edited_on", "stage_since")}
        settings = {"kinds": provided(seed), "mapped": mapped, "zone": zone, "present": present}
        told = under_segments(data, lead, own, AS_OF, **settings)
        for column, value in told.items():
            yield column, lead, value, decision[column]


@pytest.mark.parametrize("seed", range(POLICIES))
def test_engine_agrees(seed: int) -> None:
    for column, lead, naive, engine in compared(seed, LEADS):
        assert engine == naive, (column, lead)


def test_the_comparison_meets_every_outcome() -> None:
    """What is compared is not all one thing: every verdict, code and kind of change comes up."""
    seen: Counter[str] = Counter()
    for seed in range(45):
        for column, _, naive, _ in compared(seed, 20):
            if column.startswith("verdict."):
                seen[f"verdict {naive}"] += 1
            elif column == "stage_why":
                seen[naive] += 1
    codes = ("unmanaged", "hands_off", "protected", "disqualified", "recycled", "stays_disqualified", "earned")
    codes += ("left_to_people", "moved_back", "cooling_down", "kept")
    assert {"verdict True", "verdict False", "verdict None", *codes} <= set(seen), seen


def planted(kind: type[BaseCriterion], bug: str) -> Any:
    original = kind.expression

    def expression(self: Any, builder: Any) -> pl.Expr:
        verdict = original(self, builder)
        if bug == "unknown counts as not met":
            return verdict.fill_null(False)
        return verdict.fill_null(True) if bug == "unknown counts as met" else ~verdict

    return expression


BUGS = ("turned round", "unknown counts as not met", "unknown counts as met")
NEVER_UNKNOWN = (Known, NotKnown)
PLANTED = [(kind, bug) for kind in KINDS_OF_CRITERIA for bug in (BUGS[:1] if kind in NEVER_UNKNOWN else BUGS)]


@pytest.mark.parametrize(("kind", "bug"), PLANTED, ids=lambda one: getattr(one, "__name__", one))
def test_a_planted_bug_is_caught(monkeypatch: pytest.MonkeyPatch, kind: type[BaseCriterion], bug: str) -> None:
    monkeypatch.setattr(kind, "expression", planted(kind, bug))
    caught = any(naive != engine for seed in range(40) for _, _, naive, engine in compared(seed, 15))
    assert caught


def keys_in(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from keys_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from keys_in(value)


def test_random_policies_use_every_construct() -> None:
    """Every key of every kind of criterion and rule, and of the ladder's parts, comes up in what is compared."""
    used = {key for seed in range(POLICIES) for key in keys_in(Maker(seed).policy())}
    parts = [
        *KINDS_OF_CRITERIA,
        Selector,
        Since,
        WhenRule,
        ActivityRule,
        SilenceRule,
        ValuesRule,
        FirstRule,
        Group,
        Score,
    ]
    parts += [
        Rung,
        Disqualified,
        Recycle,
        Movement,
        SalesConfirmation,
        DomainOf,
        DaysSince,
        DaysUntil,
        LengthOf,
        RangeOf,
    ]
    language = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    no_decision = {"tug_of_war", "tug_of_war_days"}
    assert language - used <= {"label", "name", *no_decision}  # words for people
