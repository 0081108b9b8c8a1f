"""Faults in the middle of writing, once or for good: what was not written is not told as written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, READ_BY_ID, WRITE, Rehearsal, rehearsal
from small_world import small_world
from spoiling import CHANGES, set_options

COPIES = 3
both = pytest.mark.parametrize("crm", CRMS)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world; calls are given up quickly."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world", COPIES))) as crms:
        set_options(crms, attempts=2, longest_wait_seconds=0.1)
        yield crms


def values(here: Rehearsal, crm: str) -> dict[str, tuple[Any, Any]]:
    """Native id → stage and owner, as the CRM holds them."""
    return {lead["native_id"]: (lead["stage"], lead["owner"]) for lead in here.state(crm)["leads"]}


def run(here: Rehearsal, crm: str, code: int) -> Mapping[str, Any]:
    """A run on one connection; its whole answer."""
    done = here.crmsync("run", crm, "--format", "json")
    assert done.returncode == code, done.stderr
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer


def outcomes(answer: Mapping[str, Any]) -> Counter[str]:
    """How often each outcome; every change has one."""
    [plan] = answer["plans"]
    return Counter(change["outcome"] for change in plan["changes"])


def reads_by_id(here: Rehearsal, crm: str) -> int:
    """How often a run reads leads by their ids when it writes nothing."""
    here.crmsync("run", crm, "--dry-run")
    here.control(crm, "faults", "PUT", [{"path": READ_BY_ID[crm], "probability": 0}])
    here.crmsync("run", crm, "--dry-run")
    matched: int = here.control(crm, "faults")[0]["matches"]
    return matched


def check_completes(here: Rehearsal, crm: str) -> None:
    """The next run writes what is missing, and the one after it nothing."""
    assert set(outcomes(run(here, crm, 0))) <= {"written"}
    assert run(here, crm, 0)["plans"][0]["changes"] == []


@both
def test_writes_that_are_answered_502_for_good_are_not_told_as_done(own: Rehearsal, crm: str) -> None:
    before = values(own, crm)
    own.control(crm, "faults", "PUT", [{"path": WRITE[crm], "status": 502}])
    answer = run(own, crm, 4)
    assert outcomes(answer).keys() == {"not_reached"}
    assert all("next run" in change["message"] for change in answer["plans"][0]["changes"])
    assert values(own, crm) == before
    table = own.crmsync("run", crm)
    assert table.returncode == 4
    assert "carried out in part" in table.stdout
    status = own.crmsync("status", crm)
    assert status.returncode == 1, "somebody should know"
    assert "records were set aside or not written" in " ".join(status.stdout.split())
    own.control(crm, "faults", "DELETE")
    check_completes(own, crm)


@both
def test_a_write_whose_request_is_lost_is_told(own: Rehearsal, crm: str) -> None:
    before = values(own, crm)
    own.control(crm, "faults", "PUT", [{"path": WRITE[crm], "drop": "before"}])
    told = outcomes(run(own, crm, 4))
    assert told == {"not_reached": sum(told.values())}
    assert sum(told.values()) >= CHANGES
    assert values(own, crm) == before
    own.control(crm, "faults", "DELETE")
    check_completes(own, crm)


@pytest.mark.breadth
@both
def test_a_run_that_stops_midway_still_prints_its_plan(own: Rehearsal, crm: str) -> None:
    """Read, write, and no answer to the reading back: the plan stands beside the error."""
    read_for_other_ends = reads_by_id(own, crm)
    unread = {"path": READ_BY_ID[crm], "status": 503, "after": read_for_other_ends + 1}
    # Salesforce reads back within the call that writes: its answer is lost first.
    own.control(crm, "faults", "PUT", [{"path": WRITE[crm], "drop": "after"}, unread])
    answer = run(own, crm, 1)
    assert outcomes(answer).keys() == {"not_reached"}
    assert [error["connection"] for error in answer["errors"]] == [crm]
    [plan] = answer["plans"]
    assert all("could not be read back" in change["message"] for change in plan["changes"])
    assert all(change["may_be_written"] for change in plan["changes"])
    count = len(plan["changes"])
    assert any(f"{count} changes may have been written" in note for note in plan["notes"])
    own.control(crm, "faults", "DELETE")
    written = own.last_write(crm)
    assert written, "all had arrived"
    [settling] = run(own, crm, 0)["plans"]
    assert settling["changes"] == []
    assert any(f"{count} had arrived in the CRM" in note for note in settling["notes"])
    assert own.writes(crm, after=written) == [], "nothing twice"


@pytest.mark.breadth
def test_what_hubspot_confirmed_and_nobody_could_read_is_not_told_as_not_written(own: Rehearsal) -> None:
    """Both reading with histories and reading by itself fail for good after a 200."""
    read_for_other_ends = reads_by_id(own, "hubspot")
    own.control(
        "hubspot",
        "faults",
        "PUT",
        [{"path": READ_BY_ID["hubspot"], "status": 503, "after": read_for_other_ends + 1}],
    )
    table = own.crmsync("run", "hubspot")
    assert table.returncode == 1
    assert "may have been written and could not be read back" in table.stdout
    assert "were not reached" not in table.stdout
    assert "may be written" in table.stdout
    own.control("hubspot", "faults", "DELETE")
    assert run(own, "hubspot", 0)["plans"][0]["changes"] == []
