"""Whatever is wrong in a file is told in words, with its place and the next step; the table is wrong_files.yaml."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, crmsync
from ruamel.yaml import YAML
from spoiling import CHANGES, check_words, check_works, replace

from suite.breadth import broadly

Case = Mapping[str, Any]
CASES: list[Case] = YAML(typ="safe").load(Path(__file__).with_name("wrong_files.yaml"))


def spoil(here: Rehearsal, case: Case) -> None:
    """Do what the case says to the files."""
    for step in case["spoil"]:
        match step:
            case {"remove": name}:
                here.file(name).unlink()
            case {"file": name, "write": text}:
                here.file(name).write_text(text, encoding=step.get("encoding", "utf-8"))
            case {"file": name, "replace": old, "by": new}:
                replace(here, name, old, new, times=step.get("times", 1))
            case _:
                raise AssertionError(f"no such step: {step}")


def place(here: Rehearsal, told: Mapping[str, Any]) -> str:
    """What the message begins with: `file`, or `file:line:column` of where `at` stands."""
    name = str(told["file"])
    if "at" not in told:
        return name
    before, found, _ = here.file(name).read_text(encoding="utf-8").partition(told["at"])
    assert found, f"{told['at']!r} is not in {name}"
    return f"{name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


def check_told(here: Rehearsal, case: Case, said: str) -> None:
    """For each of the case's mistakes some message has its place and all its words."""
    messages = re.split(r"(?m)^(?=\S+\.yaml|\.env|Error: |salesforce: |hubspot: )", said)
    for told in case["told"]:
        there = [" ".join(message.split()) + " " for message in messages if place(here, told) in message]
        fitting = [message for message in there if all(word in message for word in told["words"])]
        assert fitting, f"nothing at {place(here, told)} says {told['words']}:\n{said}"


def test_the_table_is_whole() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES) > 20
    known = {"name", "spoil", "told", "connections", "env", "runs"}
    assert [case["name"] for case in CASES if not case["told"] or case.keys() - known] == []


@pytest.mark.parametrize("case", broadly(CASES, core=15), ids=lambda case: str(case["name"]))
def test_mistakes_are_told_with_their_place_and_the_mend(here: Rehearsal, case: Case) -> None:
    """One go tells them all; connections that they do not concern run as if nothing were wrong."""
    spoil(here, case)
    connections = case.get("connections", ["salesforce"])
    done = here.crmsync("run", *connections, "--dry-run", "--format", "json", env=case.get("env"))
    assert done.returncode == 2, done.stderr
    check_told(here, case, done.stderr)
    check_words(done, here)
    answer = json.loads(done.stdout) if done.stdout else {"plans": [], "errors": []}
    runs = case.get("runs", [])
    assert {plan["connection"]: len(plan["changes"]) for plan in answer["plans"]} == dict.fromkeys(runs, CHANGES)
    if runs:
        stopped = [each for each in connections if each not in runs]
        assert [(error["connection"], error["exit_code"]) for error in answer["errors"]] == [(*stopped, 2)]
        check_told(here, case, "".join(f"{each['connection']}: {each['message']}\n" for each in answer["errors"]))


@pytest.mark.breadth
def test_a_real_run_writes_the_connections_that_are_right(own: Rehearsal) -> None:
    own.file("mappings/hubspot.yaml").write_text("format: 1\nlead: [\n", encoding="utf-8")
    done = own.crmsync("run")
    assert done.returncode == 2, done.stderr
    check_words(done, own, "hubspot: ", "mappings/hubspot.yaml:3:1: not valid YAML")
    assert [len(own.writes(crm)) for crm in CRMS] == [CHANGES, 0]
    assert own.crmsync("run", "salesforce").returncode == 0, "nobody asked for the broken one"


def test_commands_on_what_is_stored_need_only_the_connection_they_are_asked_for(here: Rehearsal) -> None:
    here.file("mappings/hubspot.yaml").unlink()
    assert here.crmsync("explain", "salesforce", "--all", "--format", "json").returncode == 0
    for arguments in (["report", "worklist"], ["explain", "hubspot", "--all"]):
        done = here.crmsync(*arguments)
        assert done.returncode == 2
        check_words(done, here, "crmsync.yaml:", "`hubspot.yaml` is not there")


def test_check_tells_every_connections_mistakes_and_writes_no_store(here: Rehearsal) -> None:
    replace(here, "mappings/salesforce.yaml", "field: Budget__c", "field: Budgt__c")
    replace(here, "mappings/hubspot.yaml", "subject: hs_call_title", "subject: hs_call_titel")
    answer = here.json("check", code=2)
    assert {each["connection"]: each["exit_code"] for each in answer["connections"]} == {
        "salesforce": 2,
        "hubspot": 2,
    }
    first, second = (each for each in answer["findings"] if each["severity"] == "error")
    assert (first["file"], second["line"], second["column"]) == ("mappings/hubspot.yaml", 43, 19)
    assert "calls has no field `hs_call_titel`" in first["message"]
    assert first["hint"] == "did you mean `hs_call_title`? Or check the user's permissions"
    assert "`unmapped`" in second["hint"]
    assert not here.file("crmsync.db").exists()


@pytest.mark.breadth
def test_check_tells_a_broken_mapping_and_a_wrong_secret_in_one_go(here: Rehearsal, shared: Rehearsal) -> None:
    here.file("mappings/hubspot.yaml").write_text("format: 1\nlead: [\n", encoding="utf-8")
    here.file(".env").write_text(
        here.file(".env").read_text(encoding="utf-8") + "CRMSYNC_HUBSPOT_ACCESS_TOKEN=pat-eu1-invalid-0815\n",
        encoding="utf-8",
    )
    answer = here.json("check", code=2)
    points = {each["connection"]: each for each in answer["connections"]}
    assert {name: each["exit_code"] for name, each in points.items()} == {"salesforce": 0, "hubspot": 2}
    assert [finding["file"] for finding in answer["findings"] if finding["severity"] == "error"] == [
        "mappings/hubspot.yaml"
    ]
    mistakes, refused = wrong(points["hubspot"])
    assert mistakes == "1 mistake, told below"
    assert "refused the credentials" in refused
    assert wrong(points["salesforce"]) == []
    check_works(here, right=shared)


def test_check_tells_a_broken_policy_as_findings(here: Rehearsal) -> None:
    here.file("policy.yaml").write_text("format: 1\nextends: sas\n", encoding="utf-8")
    done = here.crmsync("check", "--format", "json")
    assert done.returncode == 2
    [finding] = json.loads(done.stdout)["findings"]
    check_that_plans_tell_it(here, finding)
    assert finding == {
        "file": "policy.yaml",
        "line": 2,
        "column": 10,
        "severity": "error",
        "message": "there is no preset `sas`",
        "hint": "did you mean `saas`?",
    }


def check_that_plans_tell_it(here: Rehearsal, finding: Mapping[str, Any]) -> None:
    """What keeps a command from beginning stands in its JSON, too; a file that is to hold a plan stays as it was."""
    plan = here.file("plan.json")
    plan.write_text("an older plan", encoding="utf-8")
    person = ("--from", "somebody@ourfirm.example")
    for command in (("run",), ("apply", "plan.json"), ("undo", "1"), ("redistribute", "hubspot", *person)):
        more = () if command[0] == "apply" else ("--dry-run", "--out", "plan.json")
        done = here.crmsync(*command, "--format", "json", *more)
        answer = json.loads(done.stdout)
        [error] = answer["errors"]
        assert (done.returncode, answer["plans"], error["connection"]) == (2, [], None), command
        assert (error["error"], error["exit_code"]) == ("ConfigurationError", 2)
        assert error["findings"] == [finding]
        assert "there is no preset `sas`" in done.stderr
    assert plan.read_text(encoding="utf-8") == "an older plan"


def wrong(connection: Mapping[str, Any]) -> list[str]:
    """What `check` found to be wrong."""
    return [point["found"] for point in connection["points"] if not point["right"]]


@pytest.mark.breadth
def test_a_connection_that_is_not_configured(here: Rehearsal) -> None:
    done = here.crmsync("run", "salesforce", "hubspt")
    assert done.returncode == 2
    check_words(done, here, "no connection `hubspt`", "salesforce, hubspot")
    assert done.stdout == ""


@pytest.mark.breadth
def test_an_ill_variable_of_crmsync_itself(here: Rehearsal, tmp_path: Path) -> None:
    elsewhere = {"CRMSYNC_CONFIG": str(here.file("crmsync.yaml")), "CRMSYNC_LOG_FORMAT": "xml"}
    done = crmsync("serve", cwd=tmp_path, env=elsewhere)
    assert done.returncode == 2
    check_words(done, here, "CRMSYNC_LOG_FORMAT", "'text' or 'json'")
