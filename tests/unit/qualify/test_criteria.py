"""Every kind of criterion has its documentation and its cases, and the cases hold."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crmsync.configuration import Document, read_document
from crmsync.qualify import criteria
from crmsync.qualify.engine.compile import compile_policy
from crmsync.qualify.examples import Example, differences
from crmsync.qualify.language.reading import policy_from

AS_OF = date(2026, 11, 21)
CASES = Path(__file__).parents[2] / "cases" / "qualify"
KINDS = sorted(module.name for module in pkgutil.iter_modules(criteria.__path__) if module.name != "base")
PARTS = ("Asks:", "Parameters:", "efault", "Meets:", "Does not meet:")


def cases_of(kind: str) -> dict[str, Any]:
    path = CASES / f"{kind}.yaml"
    data: dict[str, Any] = read_document(path.read_text("utf-8"), path.name).data
    return data


@pytest.mark.parametrize("kind", KINDS)
def test_cases(kind: str) -> None:
    data = cases_of(kind)
    examples = [Example.model_validate(example) for example in data.pop("examples")]
    data.setdefault("ladder", [{"stage": "lead"}])
    policy = policy_from(Document(f"{kind}.yaml", data, {}, {}), {})
    compiled = compile_policy(policy, mapped_facts=frozenset(policy.facts))
    assert [str(one) for one in differences(compiled, examples, AS_OF)] == []


@pytest.mark.parametrize("kind", KINDS)
def test_cases_show_every_verdict(kind: str) -> None:
    told = {
        verdict
        for example in cases_of(kind)["examples"]
        for verdict in example["expect"].get("conditions", {}).values()
    }
    assert told == ({"met", "not_met"} if kind == "known" else {"met", "not_met", "unknown"})


@pytest.mark.parametrize("kind", KINDS)
def test_docstring_says_what_it_must(kind: str) -> None:
    text = importlib.import_module(f"crmsync.qualify.criteria.{kind}").__doc__ or ""
    assert [part for part in PARTS if part not in text] == []


def test_there_are_no_cases_without_a_criterion() -> None:
    assert {path.stem for path in CASES.glob("*.yaml")} == set(KINDS)
