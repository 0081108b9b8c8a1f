"""Clocks that are wrong: this machine's against the CRMs', and what one that ran ahead has left in the store."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import small_world

from crmsync import clock
from suite.breadth import broadly

REAL = clock.now
READING = (
    ("run",),
    ("run", "--dry-run"),
    ("run", "--dry-run", "--as-of", "2026-01-01"),
    ("check",),
    ("explain", "salesforce", "--all"),
)
"""Commands that read the CRM, of a store that holds nothing yet."""


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path / "here", "--import", str(small_world(tmp_path / "world"))) as here:
        yield here


@contextlib.contextmanager
def machine_ahead(**by: float) -> Iterator[None]:
    """This process's clock runs so far ahead of the CRMs'."""
    with mock.patch("crmsync.clock.now", lambda: REAL() + timedelta(**by)):
        yield


@pytest.mark.breadth
@pytest.mark.parametrize("by", broadly([{"days": -365}, {"days": 365}, {"hours": 3}]))
def test_hours_stop_every_command_that_reads(crms: Rehearsal, by: dict[str, float]) -> None:
    with machine_ahead(**by):
        for command in READING:
            done = crms.crmsync(*command)
            assert done.returncode == 1, command
            assert "this machine's clock is" in done.stdout + done.stderr, command
            assert "Traceback" not in done.stderr
    for crm in CRMS:
        assert crms.writes(crm) == []
    assert crms.crmsync("run").returncode == 0, "and once it is right, all goes on"


@pytest.mark.breadth
def test_minutes_are_told_and_the_run_goes_on(crms: Rehearsal) -> None:
    with machine_ahead(minutes=20):
        for plan in crms.json("run", "--dry-run")["plans"]:
            assert plan["notes"][0].startswith("this machine's clock is 20 minutes ahead of the CRM's")
        done = crms.crmsync("check")
        assert done.returncode == 0
        assert "20 minutes ahead" in done.stdout
    told = "times of the future in the store count as now; a clock must have run ahead (runs: 1"
    for once in (1, 0):
        for plan in crms.json("run", "--dry-run")["plans"]:
            noted = [note for note in plan["notes"] if "clock" in note]
            assert len(noted) == once
            assert all(note.startswith(told) for note in noted), "leads, too, when midnight was near"


@pytest.mark.breadth
def test_after_a_year_ahead_hand_offs_have_their_deadlines_and_leads_their_reviews(crms: Rehearsal) -> None:
    """Everybody's clock was wrong, so nothing contradicted it. Then all were put right."""
    first_touch = {"within_hours": 4}
    crms.change("policy.yaml", lambda it: it.update(hand_off={"stage": "sql", "first_touch": first_touch}))
    ahead = {crm: (REAL() + timedelta(days=365)).isoformat() for crm in CRMS}
    for crm in CRMS:
        crms.control(crm, "clock", "PUT", {"now": ahead[crm]})
    with machine_ahead(days=365):
        assert crms.crmsync("run").returncode == 0
    for crm in CRMS:
        crms.control(crm, "clock", "PUT", {"now": None})
    before = REAL()
    plans = crms.json("run", code=(0, 4))["plans"]
    for plan in plans:
        told = [note for note in plan["notes"] if "times of the future" in note]
        assert len(told) == 1, plan["notes"]
        assert any("lies in the future by" in note for note in plan["notes"]), "its cursors, too"
    for report in crms.json("report", "hand-offs")["connections"]:
        assert {each["state"] for each in report["hand_offs"]} == {"waiting"}
        for each in report["hand_offs"]:
            assert before.isoformat(timespec="seconds") <= each["handed_at"] <= REAL().isoformat()
            assert each["due_at"] <= (REAL() + timedelta(hours=5)).isoformat()
    for plan in crms.json("run", code=(0, 4))["plans"]:
        assert plan["notes"] == [], "told once"
        assert plan["changes"] == []
    told_runs = crms.crmsync("explain", "salesforce", "--all", "--format", "json").stdout.splitlines()
    today = REAL().date().isoformat()
    for story in map(json.loads, told_runs):
        assert all(move["day"] <= today for move in story["history"])
