"""Writes begin off: a connection without `writes: on` is read and planned, and nothing reaches its CRM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, on_one
from spoiling import CHANGES

both = pytest.mark.parametrize("crm", CRMS)


def switch(here: Rehearsal, crm: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what crmsync.yaml says of one connection."""
    here.change("crmsync.yaml", lambda data: change(data["connections"][crm]))


@on_one("hubspot")
def test_a_connection_writes_only_when_it_is_switched_on(own: Rehearsal, crm: str) -> None:
    switch(own, crm, lambda connection: connection.pop("writes"))
    before = own.state(crm)
    assert own.crmsync("run", crm, "--dry-run").returncode == 0
    done = own.crmsync("run", crm)
    assert done.returncode == 3
    words = " ".join(done.stdout.split())
    assert "stopped by a guard, nothing was written" in words
    assert "Guard writes_off: this connection is not switched on" in words
    assert f"`writes: on` under `connections: {crm}:` in crmsync.yaml" in words
    assert "lead → sqo" in words, "the plan is shown"
    [plan] = own.json("run", crm, code=3)["plans"]
    assert [guard["name"] for guard in plan["guards"] if guard["breached"]] == ["writes_off"]
    assert len(plan["changes"]) == CHANGES
    [plan] = own.json("redistribute", crm, "--from", "brigitta.qvist@seller.example", code=3)["plans"]
    assert plan["guards"][0]["name"] == "writes_off"
    assert (own.writes(crm), own.state(crm)) == ([], before)
    other = next(each for each in CRMS if each != crm)
    assert own.crmsync("run").returncode == 3
    assert (len(own.writes(crm)), len(own.writes(other)) >= CHANGES) == (0, True), "the others are written"
    switch(own, crm, lambda connection: connection.update(writes=True))
    [plan] = own.json("run", crm)["plans"]
    assert {change["outcome"] for change in plan["changes"]} == {"written"}


@both
def test_check_says_that_a_connection_does_not_write_yet(own: Rehearsal, crm: str) -> None:
    findings = own.json("check", crm)["findings"]
    switch(own, crm, lambda connection: connection.update(writes="off"))
    answer = own.json("check", crm)
    [point] = [point for point in answer["connections"][0]["points"] if point["what"] == "writes"]
    assert (point["right"], "`writes: on` in crmsync.yaml switches it on" in point["found"]) == (True, True)
    assert len(answer["findings"]) == len(findings), "that is no mistake"
