"""A run that is told to stop, as by Ctrl-C, ends with its plan and what became of it; the next one goes on."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import start
from rehearsal import Rehearsal, on_one, rehearsal, write_world
from small_world import USERS, activity, lead

from suite.breadth import broadly
from suite.waiting import wait_until
from suite.warm import WarmProcess

LEADS = 230
WRITES = {
    "salesforce": {"method": "PATCH", "path": "*composite/sobjects*"},
    "hubspot": {"method": "POST", "path": "*batch/update*"},
}
READS = {
    "salesforce": {"method": "GET", "path": "*/query*"},
    "hubspot": {"method": "POST", "path": "*contacts/search*"},
}
SIGNALS = [(signal.SIGTERM, "SIGTERM"), (signal.SIGINT, "Ctrl-C")]


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """More leads that move than go into one batch."""
    leads = [lead(f"l{number:03}") for number in range(LEADS)]
    world = write_world(tmp_path / "world", USERS, leads, [activity(each["id"], "demo_request") for each in leads])
    with rehearsal(tmp_path / "here", "--import", str(world), "--crm", crm) as made:
        yield made


def held_up(here: Rehearsal, crm: str, *arguments: str, **fault: Any) -> WarmProcess:
    """A run at work, in whose way the CRM is by now."""
    here.control(crm, "faults", "PUT", fault)
    command = start("run", "--format", "json", *arguments, cwd=here.directory)
    wait_until(lambda: here.control(crm, "faults")[0]["fired"] or command.poll() is not None)
    return command


def goes_on(here: Rehearsal, crm: str) -> None:
    here.control(crm, "faults", "DELETE")


def writes_of(here: Rehearsal, crm: str) -> int:
    return len(here.writes(crm))


def plan_of(command: WarmProcess) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plan and the error of the one connection."""
    answer = json.loads(command.stdout)
    [plan], [error] = answer["plans"], answer["errors"]
    return plan, error


@on_one("salesforce")
@pytest.mark.parametrize(("number", "said"), broadly(SIGNALS))
def test_what_was_written_is_told_and_the_rest_is_written_by_the_next_run(
    here: Rehearsal, crm: str, number: signal.Signals, said: str
) -> None:
    command = held_up(here, crm, "--out", "told.json", **WRITES[crm], delay_seconds=60)
    os.kill(command.pid, number)
    wait_until(lambda: "once more stops at once" in command.stderr)
    goes_on(here, crm)
    assert command.wait() == 1, command.stderr
    plan, error = plan_of(command)
    outcomes = [change["outcome"] for change in plan["changes"]]
    assert 0 < outcomes.count("written") < LEADS
    assert outcomes.count("written") + outcomes.count("not_reached") == LEADS
    assert outcomes.count("written") == writes_of(here, crm), "as the CRM has it"
    assert (error["exit_code"], error["message"]) == (1, f"stopped by {said}")
    assert json.loads(here.file("told.json").read_text(encoding="utf-8")) == json.loads(command.stdout)
    [then] = here.json("run")["plans"]
    assert {change["outcome"] for change in then["changes"]} == {"written"}
    assert writes_of(here, crm) == LEADS, "each lead once"
    last, first = here.json("runs")["runs"][:2]
    assert (first["exit_code"], last["exit_code"]) == (1, 0)
    assert first["ended_at"]


@pytest.mark.breadth
@on_one("hubspot")
def test_the_second_time_nothing_is_waited_for(here: Rehearsal, crm: str) -> None:
    command = held_up(here, crm, **WRITES[crm], delay_seconds=200, after=1)
    os.kill(command.pid, signal.SIGINT)
    wait_until(lambda: "once more stops at once" in command.stderr)
    os.kill(command.pid, signal.SIGINT)
    assert command.wait(60) == 1, command.stderr
    plan, error = plan_of(command)
    told = {change["outcome"] for change in plan["changes"]}
    assert told == {"written", "not_reached"}
    assert error["message"] == "stopped in the middle of a batch"
    goes_on(here, crm)
    here.json("run")
    assert here.json("run", "--full")["plans"][0]["changes"] == []


@on_one("hubspot")
def test_before_the_first_write_it_ends_at_once(here: Rehearsal, crm: str) -> None:
    command = held_up(here, crm, **READS[crm], delay_seconds=200)
    os.kill(command.pid, signal.SIGTERM)
    assert command.wait(60) == 1, command.stderr
    answer = json.loads(command.stdout)
    assert answer["plans"] == []
    assert answer["errors"][0]["message"] == "stopped by SIGTERM"
    assert writes_of(here, crm) == 0
    assert here.json("runs")["runs"][0]["exit_code"] == 1
