"""Data that nobody here made up, through both CRMs and back: 60 of leadforge's leads (see tests/data/leadforge)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "leadforge"
SCRIPT = ROOT / "scripts" / "leadforge_report.py"
LEADS = 60


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What the script prints, and what it writes for programs."""
    file = tmp_path_factory.mktemp("leadforge") / "told.json"
    command = [sys.executable, str(SCRIPT), str(DATA), str(DATA / "outcomes.csv"), "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, json.loads(file.read_text())


@pytest.mark.breadth
def test_every_lead_goes_through_both_crms_and_back(told: tuple[str, dict[str, Any]]) -> None:
    page, results = told
    assert set(results) == {"salesforce", "hubspot"}
    for crm, result in results.items():
        assert len(result["stages"]) == LEADS, f"{crm}: stages {Counter(result['stages'].values())}"
        assert len(set(result["stages"].values())) >= 2
        assert result["writes_of_the_dry_run"] == 0
        assert result["written_as_planned"]
        assert result["outcomes"].keys() == {"written"}
        assert result["outcomes"]["written"] >= LEADS / 2
        assert result["set_aside"] == {}
        activities = len((DATA / "activities.jsonl").read_text().splitlines())
        assert result["full_run"] == {"read": LEADS, "activities_read": activities, "changes": 0}
        assert all(seconds > 0 for seconds in result["seconds"].values())
        assert f"| leads of rep_000006 (ae), {_owned_before('rep_000006')} before |" in page


@pytest.mark.breadth
def test_both_crms_give_the_same_stages_and_owners(told: tuple[str, dict[str, Any]]) -> None:
    page, results = told
    assert results["salesforce"]["stages"] == results["hubspot"]["stages"]
    assert results["salesforce"]["owners"] == results["hubspot"]["owners"]
    assert f"the stages of {LEADS} leads, the owners of {LEADS}." in page


@pytest.mark.breadth
def test_leads_at_the_hand_off_have_an_ae(told: tuple[str, dict[str, Any]]) -> None:
    _, results = told
    roles = {user["id"]: user["roles"] for user in map(json.loads, (DATA / "users.jsonl").read_text().splitlines())}
    for result in results.values():
        handed_over = [lead for lead, stage in result["stages"].items() if stage in {"sql", "sqo"}]
        assert handed_over
        assert all(roles[result["owners"][lead]] == ["ae"] for lead in handed_over)
        assert result["handed_over"] >= 1


def _owned_before(user: str) -> int:
    leads = map(json.loads, (DATA / "leads.jsonl").read_text().splitlines())
    return sum(lead.get("owner") == user for lead in leads)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("leadforge_report", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["leadforge_report"] = module
    spec.loader.exec_module(module)
    return module


def test_agreement_counts_pairs(script: ModuleType) -> None:
    """By hand: lost on rungs 1, 1, 2; won on rungs 1, 2, 3. Of 9 pairs 5 are higher, 3 tied, 1 lower."""
    table = [(0, 0), (2, 1), (1, 1), (0, 1), (0, 0), (0, 0)]
    assert script.auc_and_gamma(table) == (6.5 / 9, 4 / 6)
    assert script.auc_and_gamma([(5, 5)]) == (0.5, 0.0)
    assert script.auc_and_gamma([(5, 0), (0, 5)]) == (1.0, 1.0)


def test_intervals_hold_the_value_and_narrow_with_numbers(script: ModuleType) -> None:
    few = script.agreement([(20, 10), (10, 20)])
    many = script.agreement([(200, 100), (100, 200)])
    for said in (few, many):
        assert said.auc_interval[0] < said.auc < said.auc_interval[1]
        assert said.gamma_interval[0] < said.gamma < said.gamma_interval[1]
    assert many.auc_interval[1] - many.auc_interval[0] < few.auc_interval[1] - few.auc_interval[0]
    # Wilson, Journal of the American Statistical Association 22 (1927): 10 of 100 gives 5.5 % to 17.4 %.
    assert tuple(round(end, 3) for end in script.wilson(10, 100)) == (0.055, 0.174)
