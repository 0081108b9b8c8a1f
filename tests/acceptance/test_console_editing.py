"""Mapping, policy and absences changed in a real browser by the keyboard; the files then, and a run by them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import Rehearsal, rehearsal
from tests.contract.clients.packages import browser, installed

from crmsync.clock import now

LOOKS = ("390 dark", "1280 light", "1920 dark")
CRM = "salesforce"
EXAMPLES = "format: 1\nexamples:\n  - {name: nobody, facts: {}, expect: {stage: lead}}\n"
REFUSED = "Failed to load resource: the server responded with a status of "


def changed(here: Rehearsal, folder: Path, *person: str) -> dict[str, Any]:
    """What the browser saw while it changed the files. `person`: who, and from when until when they are away."""
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
            *person,
        ]
        done = subprocess.run(call, cwd=program, capture_output=True, text=True, timeout=300, check=False)
        os.kill(running.pid, signal.SIGTERM)
        assert running.wait() == 0
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.breadth
def test_files_are_changed_by_the_keyboard_and_runs_go_by_them(tmp_path: Path) -> None:
    with rehearsal(tmp_path / "own", "--leads", "60", "--crm", CRM) as here:
        (here.directory / "tests").mkdir()
        (here.directory / "tests" / "ours.yaml").write_text(EXAMPLES)
        mapping, policy = here.directory / "mappings" / "salesforce.yaml", here.directory / "policy.yaml"
        roster = here.directory / "roster.yaml"
        files = {path: path.read_text() for path in (mapping, policy, roster)}
        before = here.json("run", "--dry-run", code=(0, 3))
        busiest = max(load(here), key=lambda each: owners_of(before).count(each["user"]))
        days = [(now() + timedelta(days=some)).date().isoformat() for some in (-2, 30)]
        told = changed(here, tmp_path, busiest["person"], *days)
        after = here.json("run", "--dry-run", code=(0, 3))
    assert [each for each in told["looks"] if each["findings"] or each["tooWide"]] == []
    assert len(told["looks"]) == 12 * len(LOOKS)
    assert [each[: len(REFUSED) + 3] for each in told["said"]] == [f"{REFUSED}409", f"{REFUSED}422"]
    # no other error, nothing refused by the policy, no other address, no dialog
    assert (told["asked"], told["half"]) == (["/mapping/salesforce"], "Half_A_Name__c")
    assert told["fields"] > 50
    assert told["diff"] == ["-  goals: {field: Goals__c, type: text}", "+  goals: unmapped"]
    assert (told["mapping"], told["policy"]) == ("Saved.", "Saved.")
    assert not told.get("held"), "a form on the browser's way back can be sent"
    assert told["again"] == "The file says this already, so nothing was written."
    assert told["wrong"].startswith("line 7: nowhere is no stage of this policy")
    assert (told["marked"], told["at"]) == ("7", ["text", "hand_off: {stage: nowhere}"])
    assert told["moves"].startswith("No lead moves of ")
    assert told["examples"] == "1 of 1 as expected"
    assert told["refused"] == "policy.yaml has been changed meanwhile, so nothing was written"
    assert told["kept"]
    assert told["theirs"] == files[policy] + "# theirs\n"
    assert mapping.read_text() == files[mapping].replace("goals: {field: Goals__c, type: text}", "goals: unmapped")
    assert policy.read_text() == files[policy] + "# theirs\nhand_off: {stage: mql}\n"
    assert len(owners_of(after)) > len(owners_of(before))
    away = f"absences: [{{from: {days[0]}, to: {days[1]}}}]"
    assert told["why"] == "The absence would end before it begins."
    assert [line for line in told["absence"] if line.startswith("+")] == [
        line for line in told["absence"] if away in line
    ]
    assert told["roster"] == "Saved."
    assert told["log"]
    assert "–" in told["away"]
    assert roster.read_text() != files[roster]
    assert roster.read_text().count("absences") == files[roster].count("absences") + 1
    assert busiest["user"] in owners_of(before)
    assert busiest["user"] not in owners_of(after), "who is away gets nothing in the next plan"


def owners_of(told: dict[str, Any]) -> list[str]:
    """Who would get a lead, once for each."""
    changes = (change for plan in told["plans"] for change in plan["changes"])
    return [change["owner"]["after"] for change in changes if change["owner"] is not None]


def load(here: Rehearsal) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = here.json("report", "load", CRM)["connections"][0]["people"]
    return people
