"""Who is near is found by trial, too: each condition that is not met is met for once, and the line is asked again."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from crmsync.configuration import read_document
from crmsync.qualify.advice.near_miss import near_rows
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.engine.decide import decide
from crmsync.qualify.examples import Example, batch_of
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
FACTS = [f"f{number}" for number in range(9)]
LEADS = 40


def tree(rng: random.Random, free: list[str], depth: int) -> Any:
    """A condition; each fact stands in it once."""
    if depth == 0 or len(free) < 2 or rng.random() < 0.2:
        return {"fact": free.pop(), "is": "yes"}
    parts = [tree(rng, free, depth - 1) for _ in range(rng.randint(2, 3)) if free]
    kind = rng.choice(["all", "any", "at_least"])
    return {"at_least": min(2, len(parts)), "of": parts} if kind == "at_least" else {kind: parts}


def parts_of(it: Any) -> tuple[list[Any], int]:
    if "fact" in it:
        return [], 0
    parts = it.get("all") or it.get("any") or it["of"]
    return parts, it.get("at_least", len(parts) if "all" in it else 1)


def met(it: Any, yes: set[str]) -> bool:
    parts, needed = parts_of(it)
    return sum(met(part, yes) for part in parts) >= needed if parts else it["fact"] in yes


def facts_in(it: Any) -> set[str]:
    parts, _ = parts_of(it)
    return set().union(*map(facts_in, parts)) if parts else {it["fact"]}


def together(it: Any) -> Iterator[set[str]]:
    """The facts of each combination of which more than one part must hold."""
    parts, needed = parts_of(it)
    if needed > 1:
        yield facts_in(it)
    for part in parts:
        yield from together(part)


def near_by_trial(it: Any, yes: set[str]) -> bool:
    """One more would do, and stands together with something that is there."""
    turning = [fact for fact in facts_in(it) - yes if met(it, yes | {fact})]
    return not met(it, yes) and any(fact in some and some & yes for fact in turning for some in together(it))


@pytest.mark.parametrize("seed", range(12))
def test_who_is_near_is_who_one_more_condition_would_bring_over_the_line(seed: int) -> None:
    rng = random.Random(seed)
    line = tree(rng, rng.sample(FACTS, len(FACTS)), 3)
    while "fact" in line:
        line = tree(rng, rng.sample(FACTS, len(FACTS)), 3)
    facts = {name: {"type": "choice", "values": ["yes", "no"]} for name in FACTS}
    text = json.dumps({"facts": facts, "ladder": [{"stage": "lead"}, {"stage": "top", "when": line}]})
    policy = policy_from(read_document(text, "policy"), {})
    held = [{name: rng.choice(["yes", "yes", "no", None]) for name in FACTS} for _ in range(LEADS)]
    examples = [
        Example.model_validate({"name": str(row), "facts": {k: v for k, v in one.items() if v}, "expect": {}})
        for row, one in enumerate(held)
    ]
    compiled = compile_policy(policy, mapped_facts=frozenset(FACTS))
    batch = batch_of(policy, examples, AS_OF)
    found = near_rows(compiled, batch, decide(compiled, batch, AS_OF), points_milli=10_000)
    yes = [{name for name, value in one.items() if value == "yes"} for one in held]
    assert found["row"].to_list() == [row for row in range(LEADS) if near_by_trial(line, yes[row])]
