"""The engine and the naive interpreter agree on everything, under random policies and on random leads.

What the naive interpreter says of a seed is asked once: planted bugs change the engine alone. The comparison at
full size is `python tests/bench/naive.py`; `QUALIFY_POLICIES` (environment) says how many policies there are here.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import polars as pl
import pytest
from generated_policies import AS_OF, FACTS, KINDS, ZONES, Maker, batch_from
from naive_policy import under_segments

from crmsync.configuration import Document
from crmsync.model import Batch
from crmsync.qualify.criteria import KINDS as KINDS_OF_CRITERIA
from crmsync.qualify.criteria import BaseCriterion
from crmsync.qualify.criteria.known import Known, NotKnown
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.language.ladder import Disqualified, Movement, Recycle, Rung, SalesConfirmation
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.language.reading import policy_from
from crmsync.qualify.language.scores import ActivityRule, FirstRule, Group, Score, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.language.walk import criteria_of
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.facts import DaysSince, DaysUntil, DomainOf, LengthOf, RangeOf
from crmsync.qualify.terms.since import Since
from suite.breadth import broadly

POLICIES = int(os.environ.get("QUALIFY_POLICIES", "40"))
LEADS = 40
FEW_LEADS = 15
"""For planted bugs."""


MAPPED = frozenset(FACTS) - {"ghost"}


def zone_of(seed: int) -> str:
    """Policies meet orgs in several zones."""
    return ZONES[seed % len(ZONES)]


def provided(seed: int) -> frozenset[str] | None:
    """Every third policy meets a mapping without some kinds."""
    return frozenset(KINDS[:3]) if seed % 3 == 0 else None


@dataclass(frozen=True)
class World:
    """A random policy, read, with leads; and what the naive interpreter tells of each."""

    policy: Policy
    people: list[dict[str, Any]]
    batch: Batch
    told: list[dict[str, Any]]


@lru_cache(maxsize=2 * POLICIES)
def world(seed: int, leads: int) -> World:
    """The same for the same seed."""
    maker = Maker(seed)
    data = maker.policy()
    policy = policy_from(Document("random.yaml", data, {}, {}), {})
    people, activities = maker.leads(leads)
    if seed % 5 == 4:  # nobody knows the past
        people = [{**lead, "stays": None} for lead in people]
    told = []
    for lead in people:
        own = [activity for activity in activities if activity["row"] == lead["row"]]
        present = {key: lead[key] for key in ("stage", "managed", "stage_edited_on", "stage_since")}
        settings = {"kinds": provided(seed), "mapped": MAPPED, "zone": zone_of(seed), "present": present}
        told.append(under_segments(data, lead, own, AS_OF, **settings))
    return World(policy, people, batch_from(people, activities), told)


def compared(seed: int, leads: int) -> Iterator[tuple[str, Any, Any, Any]]:
    """(column, lead, naive value, engine's value) for everything told of every lead."""
    here = world(seed, leads)
    compiled = compile_policy(
        here.policy, provided_kinds=provided(seed), mapped_facts=MAPPED, time_zone=zone_of(seed)
    )
    decisions = decide(compiled, here.batch, AS_OF).to_dicts()
    for lead, told, decision in zip(here.people, here.told, decisions, strict=True):
        for column, value in told.items():
            yield column, lead, value, decision[column]


@pytest.mark.parametrize("seed", broadly(range(POLICIES), core=5))
def test_engine_agrees(seed: int) -> None:
    for column, lead, naive, engine in compared(seed, LEADS):
        assert engine == naive, (column, lead)


@pytest.mark.breadth
def test_the_comparison_meets_every_outcome() -> None:
    """What is compared is not all one thing: every verdict, code and kind of change comes up."""
    seen: Counter[str] = Counter()
    for seed in range(POLICIES):
        for column, naive in (item for told in world(seed, LEADS).told for item in told.items()):
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


@cache
def most_often(kind: type[BaseCriterion]) -> list[int]:
    """Seeds of policies that ask it, those first that do most."""
    policies = {seed: world(seed, FEW_LEADS).policy for seed in range(POLICIES)}
    asked = {seed: sum(isinstance(one, kind) for _, one in criteria_of(policy)) for seed, policy in policies.items()}
    return sorted((seed for seed, times in asked.items() if times), key=lambda seed: -asked[seed])


@pytest.mark.breadth  # one for each kind of criterion; `tests/mutants` has some of them in the first part
@pytest.mark.parametrize(("kind", "bug"), PLANTED, ids=lambda one: getattr(one, "__name__", one))
def test_a_planted_bug_is_caught(monkeypatch: pytest.MonkeyPatch, kind: type[BaseCriterion], bug: str) -> None:
    monkeypatch.setattr(kind, "expression", planted(kind, bug))
    caught = any(naive != engine for seed in most_often(kind) for _, _, naive, engine in compared(seed, FEW_LEADS))
    assert caught, (
        f"no random policy shows it: the second opinion on {kind.__name__} and what draws it for policies are in "
        "naive_policy.py and generated_policies.py, whose leads need values on both sides and none"
    )


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
