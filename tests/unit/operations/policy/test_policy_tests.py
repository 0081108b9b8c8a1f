"""Example leads as tests of a policy: which are run, what is said of those that fail, and what a broken file gets."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crmsync.errors import ConfigurationError, UsageError
from crmsync.operations.policy.policy_tests import run_files, run_presets
from crmsync.operations.policy.test_cases import CaseReport
from crmsync.settings import presets

TODAY = date(2026, 11, 21)
ROSTER = """
people:
  - {user: bdr@firm.example, role: bdr}
  - {user: {salesforce: ann@firm.example}, role: ae}
  - {user: Ben@firm.example, role: ae}
  - {user: off@firm.example, role: ae, absences: [{from: 2026-11-01, to: 2026-12-01}]}
"""


def run(directory: Path, text: str, roster: str | None = None, policy: str = "saas", **more: Any) -> CaseReport:
    file = directory / "cases.yaml"
    file.write_text(text, encoding="utf-8")
    people = directory / "roster.yaml" if roster else None
    if people and roster:
        people.write_text(roster, encoding="utf-8")
    nowhere = directory / "crmsync.yaml"
    return run_files([file], nowhere, policy, people, **{"as_of": None, "today": TODAY, **more})


@pytest.mark.parametrize("name", sorted(set(presets()) - {"general"}))
def test_every_preset_passes_its_shipped_examples(name: str) -> None:
    report = run_presets([name], Path("nowhere"), None, as_of=None, today=TODAY)
    assert len(report.results) >= 4
    assert [result.located.case.name for result in report.failed] == []


def test_the_examples_of_a_preset_can_be_held_against_another_policy() -> None:
    report = run_presets(["saas"], Path("nowhere"), "consulting", as_of=None, today=TODAY)
    assert {result.policy for result in report.results} == {"consulting"}
    assert report.exit_code == 4
    assert "asked for a demo" in {result.located.case.name for result in report.failed}


def test_what_came_out_and_why(tmp_path: Path) -> None:
    report = run(
        tmp_path,
        "examples:\n"
        "  - name: a small firm\n"
        "    facts: {employees: 5, budget: none}\n"
        "    activities: [{kind: demo_request, days_ago: 3}]\n"
        "    expect: {stage: sqo, conditions: {size_fits: met, no_such: met}, scores: {fit: 15}}\n",
    )
    (result,) = report.results
    told = {failure.what: failure for failure in result.failures}
    assert set(told) == {"stage", "size_fits", "no_such", "score fit"}
    assert (told["stage"].expected, told["stage"].actual) == ("sqo", "sql")
    assert "asked for a demo" in told["stage"].why
    assert "not yet Sales qualified opportunity" in told["stage"].why
    assert told["size_fits"].actual == "not met"
    assert "employees is 5" in told["size_fits"].why
    assert told["no_such"].actual == "no condition of the policy"
    assert (told["score fit"].expected, told["score fit"].actual) == ("15", "0 to 35")
    assert (result.located.line, result.located.column) == (2, 5)


def test_examples_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    report = run(
        tmp_path, "examples: [{name: x, expect: {stage: lead}}, {name: x, expect: {stage: sqo}}]", policy="saas"
    )
    assert [result.passed for result in report.results] == [True, False]


def test_groups_are_for_the_policies_they_name(tmp_path: Path) -> None:
    text = (
        "groups:\n"
        "  - {policies: [saas], examples: [{name: x, expect: {stage: lead}}]}\n"
        "  - {policies: [agency, consulting], examples: [{name: y, expect: {stage: sqo}}]}\n"
    )
    report = run(tmp_path, text)
    assert (len(report.results), report.skipped, report.exit_code) == (1, 1, 0)


def test_days_count_back_from_the_day_of_the_file(tmp_path: Path) -> None:
    text = (
        "as_of: 2026-05-31\n"
        "examples:\n"
        "  - name: x\n"
        "    activities: [{kind: demo_request, day: 2025-12-02}]\n"
        "    expect: {stage: STAGE}\n"
    )
    assert run(tmp_path, text.replace("STAGE", "sqo")).exit_code == 0
    assert run(tmp_path, text.replace("STAGE", "lead"), as_of=date(2026, 6, 1)).exit_code == 0


def test_the_day_of_a_file_is_one_to_count_from(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="`0001-01-01` is not between 1970-01-01 and 2999-12-31"):
        run(tmp_path, "as_of: 0001-01-01\nexamples: [{name: x, expect: {stage: lead}}]\n")


@pytest.mark.parametrize(
    ("lead", "owner"),
    [
        ("{activities: [{kind: demo_request}], owner: bdr@firm.example, expect: {owner: [ANN, BEN]}}", True),
        ("{activities: [{kind: demo_request}], owner: bdr@firm.example, expect: {owner: off@firm.example}}", False),
        ("{activities: [{kind: demo_request}], owner: BEN@firm.example, expect: {owner: ben@firm.example}}", True),
        ("{owner: bdr@firm.example, expect: {owner: bdr@firm.example}}", True),
        ("{expect: {owner: bdr@firm.example}}", True),
        ("{managed: false, expect: {owner: nobody}}", True),
    ],
)
def test_the_owner_by_the_roster(tmp_path: Path, lead: str, owner: bool) -> None:
    people = lead.replace("ANN", "ann@firm.example").replace("BEN]", "ben@firm.example]")
    report = run(tmp_path, f"examples: [{{name: x, {people[1:-1]}}}]", ROSTER)
    assert (report.exit_code == 0) is owner, report.to_json()


def test_an_owner_needs_a_roster(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no roster"):
        run(tmp_path, "examples: [{name: x, expect: {owner: a}}]")


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        ("facts: {employes: 3}", "did you mean `employees`"),
        ("facts: {employees: many}", "cannot be a value"),
        ("facts: {employees: true}", "cannot be a value"),
        ("facts: {budget: avilable}", "did you mean `available`"),
        ("facts: {email: 3}", "cannot be a value"),
        ("activities: [{kind: call, day: 2026-01-01}]", "needs the day of the test"),
        ("activities: [{kind: call, day: 2026-01-01, days_ago: 3}]", "not both"),
        ("activities: [{knid: call}]", "did you mean `kind`"),
        ("as_of: 2026-01-01", "`as_of` is not known here"),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, lead: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as told:
        run(tmp_path, f"examples:\n  - name: x\n    {lead}\n    expect: {{stage: lead}}\n")
    assert words in str(told.value)
    assert "cases.yaml:3:" in str(told.value)


def test_no_examples_are_no_success(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no examples"):
        run_files([], tmp_path / "crmsync.yaml", "saas", None, as_of=None, today=TODAY)
