"""Every kind of criterion has its documentation and its cases, and the cases hold."""

from __future__ import annotations

import importlib
import pkgutil
import re
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
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "policy.md"
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


@pytest.mark.parametrize("kind", criteria.KINDS, ids=lambda kind: kind.__name__)
def test_every_key_is_told_in_the_reference(kind: type[criteria.BaseCriterion]) -> None:
    chapter = REFERENCE.read_text("utf-8").partition("## 4. Criteria")[2].partition("## 5.")[0]
    told = {word for span in re.findall(r"`([^`]+)`", chapter) for word in re.findall(r"\w+", span)}
    keys = {field.alias or name for name, field in kind.model_fields.items()} | set(kind.begins) | set(kind.beside)
    assert keys - told == set(), "each key stands in a table of chapter 4 of docs/reference/policy.md"


def test_every_kind_is_known() -> None:
    """A file whose kind is not in KINDS could not be written in a policy."""
    for module in KINDS:
        importlib.import_module(f"crmsync.qualify.criteria.{module}")
    made = {kind for kind in descendants(criteria.BaseCriterion) if kind.__module__.startswith(criteria.__name__)}
    assert {kind for kind in made if not any(made & set(kind.__subclasses__()))} == set(criteria.KINDS)


def descendants(kind: type) -> set[type]:
    return {kind}.union(*(descendants(child) for child in kind.__subclasses__())) - {criteria.BaseCriterion}
