"""Files of example leads: what they may say, and where they are found.

```yaml
format: 1
as_of: 2026-11-21          # the day of the test; left out = today
examples:
  - name: a bank that asks for a demo
    facts: {industry: Banking, employees: 400}
    activities: [{kind: demo_request, days_ago: 3}, {kind: call, day: 2026-11-20, outcome: connected, by_role: bdr}]
    owner: bdr.one@acme.example
    expect: {stage: sqo, conditions: {fits_target_market: met}, scores: {fit: 30}, owner: ae.one@acme.example}
groups:
  - policies: [saas]       # these examples are for policies of these names only
    examples: [...]
```

An example is `crmsync.qualify.examples.Example` with an owner beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

import crmsync
from crmsync.clock import near
from crmsync.configuration import Document, did_you_mean, read_document, validated
from crmsync.errors import ConfigurationError, Finding, UsageError
from crmsync.model import FactType
from crmsync.qualify.examples import Example, ExampleActivity, Expectation
from crmsync.qualify.language.policy import Policy
from crmsync.qualify.terms.facts import BUILT_IN_FACTS
from crmsync.qualify.terms.shape import Name, OneOrMore, PolicyPart, Words
from crmsync.settings import document_at

FOLDERS = ("tests", "policy-tests")
"""Folders beside crmsync.yaml in which examples are looked for."""

_VALUES: dict[FactType, tuple[type, ...]] = {
    "text": (str,),
    "choice": (str,),
    "integer": (int,),
    "number": (int, float),
    "money": (int, float),
    "boolean": (bool,),
    "date": (date,),
    "datetime": (date,),
}


class CaseActivity(ExampleActivity):
    """An activity that may also name its `day`; the file then names its `as_of`."""

    day: date | None = None

    @model_validator(mode="after")
    def _one_day(self) -> CaseActivity:
        if self.day is not None and "days_ago" in self.model_fields_set:
            raise ValueError("give `day` or `days_ago`, not both")
        return self


class CaseExpectation(Expectation):
    """What must come out. `owner`: a roster key, several of which any will do, or `nobody`."""

    owner: OneOrMore | None = None


class Case(Example):
    """One lead and what is expected. `owner`: who has it before, by roster key."""

    owner: Words | None = None
    activities: tuple[CaseActivity, ...] = ()
    expect: CaseExpectation

    def on(self, as_of: date) -> Case:
        """The case with its days counted back from a day."""
        dated = tuple(
            one if one.day is None else one.model_copy(update={"days_ago": (as_of - one.day).days, "day": None})
            for one in self.activities
        )
        return self.model_copy(update={"activities": dated})


Cases = Annotated[tuple[Case, ...], Field(max_length=10_000)]


class CaseGroup(PolicyPart):
    """Examples for policies of these names only."""

    policies: Annotated[tuple[Name, ...], Field(min_length=1)]
    examples: Cases


class CaseFile(PolicyPart):
    """The whole file."""

    format: Literal[1] = 1
    as_of: Annotated[date, AfterValidator(near)] | None = None
    examples: Cases = ()
    groups: Annotated[tuple[CaseGroup, ...], Field(max_length=1_000)] = ()


@dataclass(frozen=True, slots=True)
class LocatedCase:
    """A case, its place, and the day its file names (null = today)."""

    case: Case
    file: str
    line: int
    column: int
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Selected:
    """The cases of some files that are for one policy; `skipped`: how many are for others."""

    cases: tuple[LocatedCase, ...]
    skipped: int


def default_files(directory: Path) -> list[Path]:
    """The example files beside a configuration. Raises `UsageError` when there are none."""
    found = sorted(path for folder in FOLDERS for path in (directory / folder).glob("*.y*ml"))
    if not found:
        raise UsageError(
            f"there are no examples in {' or '.join(f'{folder}/' for folder in FOLDERS)} beside the configuration",
            hint="write some, name files, or run the shipped ones with --preset saas",
        )
    return found


def shipped_cases() -> list[Document]:
    """The examples that crmsync brings for its own presets; a checkout has them among its tests.

    Raises `UsageError` when this installation was made without them.
    """
    packaged = files(crmsync) / "preset_cases"
    folder = packaged if packaged.is_dir() else Path(crmsync.__file__).parents[2] / "tests" / "cases" / "presets"
    if not folder.is_dir():
        raise UsageError(
            "this installation holds no shipped examples", hint="install crmsync from its wheel, or name files"
        )
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return [read_document(one.read_text(encoding="utf-8"), f"shipped {one.name}") for one in entries]


def case_documents(paths: list[Path]) -> list[Document]:
    """The files as documents. Raises `ConfigurationError`."""
    return [document_at(path) for path in paths]


def select(documents: list[Document], policy: Policy, name: str) -> Selected:
    """The cases for a policy that goes by `name`, held against what it declares.

    Raises `ConfigurationError` with every mistake of all files.
    """
    findings: list[Finding] = []
    cases: list[LocatedCase] = []
    skipped = 0
    for document in documents:
        try:
            file = validated(CaseFile, document)
        except ConfigurationError as error:
            findings += error.findings
            continue
        for path, case, policies in _cases_of(file):
            if policies and name not in policies:
                skipped += 1
                continue
            findings += _findings(document, path, case, file, policy)
            place = document.finding(path, "")
            cases.append(LocatedCase(case, document.file, place.line, place.column, file.as_of))
    if findings:
        raise ConfigurationError(findings)
    return Selected(tuple(cases), skipped)


def _cases_of(file: CaseFile) -> Iterator[tuple[tuple[str | int, ...], Case, tuple[str, ...]]]:
    for index, case in enumerate(file.examples):
        yield ("examples", index), case, ()
    for number, group in enumerate(file.groups):
        for index, case in enumerate(group.examples):
            yield ("groups", number, "examples", index), case, group.policies


def _findings(
    document: Document, path: tuple[str | int, ...], case: Case, file: CaseFile, policy: Policy
) -> Iterator[Finding]:
    """Facts the policy does not have or that cannot have such a value, and days without a day to count from."""
    types = {**BUILT_IN_FACTS, **{name: fact.type for name, fact in policy.all_facts.items()}}
    for name, value in case.facts.items():
        place = (*path, "facts", name)
        if name not in types:
            hint = did_you_mean(name, types)
            yield document.finding(place, f"`{name}` is no fact of the policy {policy.name}", hint, at_key=True)
        elif not _suits(value, types[name]):
            yield document.finding(place, f"`{value}` cannot be a value of `{name}`, whose type is {types[name]}")
        elif name in policy.all_facts and types[name] == "choice":
            choices = policy.all_facts[name].values or ()
            if value not in choices:
                yield document.finding(place, f"`{value}` is not a choice of `{name}`", did_you_mean(value, choices))
    for index, activity in enumerate(case.activities):
        if activity.day is not None and file.as_of is None:
            place = (*path, "activities", index, "day")
            hint = "add `as_of: …` at the top of the file"
            yield document.finding(place, "a `day` needs the day of the test", hint)


def _suits(value: Any, kind: FactType) -> bool:
    """Whether a fact of this type can have the value; truth is no number, an instant no day."""
    if isinstance(value, (bool, datetime)) and kind not in ("boolean", "datetime"):
        return False
    return isinstance(value, _VALUES[kind])
