"""Mapping and policy changed in a real browser, by keyboard alone; the files then, and a run that goes by them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal
from tests.contract.clients.packages import browser, installed

LOOKS = ("390 dark", "1280 light", "1920 dark")
EXAMPLES = "format: 1\nexamples:\n  - {name: nobody, facts: {}, expect: {stage: lead}}\n"
REFUSED = "Failed to load resource: the server responded with a status of 409 (Conflict)"


def changed(here: Rehearsal, folder: Path) -> dict[str, Any]:
    """What the browser saw while it changed both files."""
    program, chromium = installed("browser"), browser()
    with here.start("console", "--as", "admin") as running:
        address = running.first_line().strip()
        call = [
            "node",
            "editing.mjs",
            chromium,
            address,
            str(folder),
            ",".join(LOOKS),
            str(here.directory / "policy.yaml"),
        ]
        done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=300, check=False)
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait() == 0
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.breadth
def test_a_mapping_and_a_policy_are_changed_by_the_keyboard_and_runs_go_by_them(tmp_path: Path) -> None:
    with rehearsal(tmp_path / "own", "--leads", "60", "--crm", "salesforce") as here:
        (here.directory / "tests").mkdir()
        (here.directory / "tests" / "ours.yaml").write_text(EXAMPLES)
        mapping, policy = here.directory / "mappings" / "salesforce.yaml", here.directory / "policy.yaml"
        files = {path: path.read_text() for path in (mapping, policy)}
        before = here.json("run", "--dry-run", code=(0, 3))
        told = changed(here, tmp_path)
        after = here.json("run", "--dry-run", code=(0, 3))
    assert [each for each in told["looks"] if each["findings"] or each["tooWide"]] == []
    assert len(told["looks"]) == 8 * len(LOOKS)
    assert told["said"] == [REFUSED]  # no other error, nothing refused by the policy, no other address, no dialog
    assert told["fields"] > 50
    assert told["diff"] == ["-  goals: {field: Goals__c, type: text}", "+  goals: unmapped"]
    assert (told["mapping"], told["policy"]) == ("Saved.", "Saved.")
    assert told["wrong"].startswith("line 7: nowhere is no stage of this policy")
    assert (told["marked"], told["at"]) == ("7", ["text", "hand_off: {stage: nowhere}"])
    assert told["moves"].startswith("No lead moves of ")
    assert told["examples"] == "1 of 1 as expected"
    assert told["refused"] == "policy.yaml has been changed meanwhile, so nothing was written"
    assert told["kept"]
    assert told["theirs"] == files[policy] + "# theirs\n"
    assert mapping.read_text() == files[mapping].replace("goals: {field: Goals__c, type: text}", "goals: unmapped")
    assert policy.read_text() == files[policy] + "# theirs\nhand_off: {stage: mql}\n"
    assert owners_changed(after) > owners_changed(before)


def owners_changed(told: dict[str, Any]) -> int:
    return sum(change["owner"] is not None for plan in told["plans"] for change in plan["changes"])
