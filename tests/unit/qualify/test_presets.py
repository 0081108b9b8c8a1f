"""Every preset compiles, and does with the articles' cases what the articles say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from crmsync.configuration import Document, read_document
from crmsync.qualify.engine.compile import CompiledPolicy, compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
CASES = Path(__file__).parents[2] / "cases" / "presets"
NAMES = {
    "general",
    "saas",
    "saas-sal-sqo",
    "saas-sql-sqo",
    "consulting",
    "consulting-sal-sqo",
    "consulting-sql-sqo",
    "agency",
    "agency-sal-sqo",
    "agency-sql-sqo",
    "mql-sql",
}


def shipped() -> dict[str, Document]:
    folder = files("crmsync.qualify") / "presets"
    texts = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".yaml")}
    return {name.removesuffix(".yaml"): read_document(text, name) for name, text in texts.items()}


PRESETS = shipped()


@cache
def compiled(name: str) -> CompiledPolicy:
    policy = policy_from(PRESETS[name], PRESETS)
    return compile_policy(policy, mapped_facts=frozenset(policy.facts))


def cases() -> Iterator[Any]:
    """Those of each file under each policy: together, as leads of a run are decided together."""
    for path in sorted(CASES.glob("*.yaml")):
        by_policy: defaultdict[str, list[Any]] = defaultdict(list)
        for group in read_document(path.read_text("utf-8"), path.name).data["groups"]:
            for policy in group["policies"]:
                by_policy[policy] += group["examples"]
        yield from (pytest.param(policy, them, id=f"{policy}: {path.stem}") for policy, them in by_policy.items())


@pytest.mark.parametrize(("name", "data"), list(cases()))
def test_cases(name: str, data: list[dict[str, Any]]) -> None:
    examples = [Example.model_validate(one) for one in data]
    assert [str(one) for one in differences(compiled(name), examples, AS_OF)] == []


def test_the_shipped_presets_are_those_documented() -> None:
    assert set(PRESETS) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_preset_is_called_by_its_file(name: str) -> None:
    policy = policy_from(PRESETS[name], PRESETS)
    assert policy.name == name
    assert set(policy.next_action) == {rung.stage for rung in policy.ladder}
    assert policy.ladder[0].stage == "lead"
