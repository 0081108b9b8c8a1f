"""Somebody who always replaces what crmsync writes: overruled three times at most, then left alone, on both CRMs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal
from small_world import NATIVE, small_world

both = pytest.mark.parametrize("crm", CRMS)
LEAD = "sqo-1"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world"))) as crms:
        yield crms


def outcome(here: Rehearsal, crm: str) -> str | None:
    """What a run makes of the lead; null = it plans nothing for it."""
    [plan] = here.json("run", crm, code=(0, 4))["plans"]
    native = here.native(crm)[LEAD]
    return next((change["outcome"] for change in plan["changes"] if change["lead"] == native), None)


def rewriting(here: Rehearsal, crm: str, *, on: bool) -> None:
    """A workflow of the CRM that puts the lowest stage in the place of the highest."""
    ours, theirs = NATIVE[crm]["sqo"], NATIVE[crm]["lead"]
    switch: dict[str, Any] = {
        "salesforce": {"flow_rewrites": {ours: theirs} if on else {}},
        "hubspot": {"workflow_rewrites": {"lifecyclestage": {ours: theirs}} if on else {}},
    }[crm]
    here.control(crm, "switches", "PUT", switch)


def conflict(here: Rehearsal, crm: str, *options: str) -> dict[str, Any]:
    """The only conflict that is reported."""
    [report] = here.json("report", "conflicts", crm, *options)["connections"]
    [found] = report["conflicts"]
    return dict(found)


@pytest.mark.breadth
@both
def test_a_workflow_that_always_rewrites_is_left_alone_and_named(own: Rehearsal, crm: str) -> None:
    rewriting(own, crm, on=True)
    ends = [outcome(own, crm) for _ in range(5)]
    assert ends == ["did_not_stick"] * 3 + [None] * 2
    native = own.native(crm)[LEAD]
    assert own.json("run", crm, "--full", "--dry-run")["plans"][0]["changes"] == []
    [status] = own.json("status", crm, code=1)["connections"]
    assert status["left_alone"]["stopped"] == 1
    assert any("stopped" in words and native in words for words in status["attention"])
    explained = own.json("explain", crm, native)
    assert explained["left_alone"]["cause"] == "stopped"
    before = own.calls(crm)
    unasked = conflict(own, crm, "--no-ask")
    assert own.calls(crm) == before
    assert (unasked["lead"], unasked["part"], unasked["stopped"], len(unasked["times"])) == (native, "stage", True, 3)
    assert {each["actor"] for each in unasked["times"]} == {None}
    found = conflict(own, crm)
    assert {(each["ours"], each["theirs"]) for each in found["times"]} == {("sqo", "lead")}
    assert {each["actor"]["kind"] for each in found["times"]} == {"automation"}
    asked = own.calls(crm)
    assert conflict(own, crm) == found
    assert own.calls(crm) == asked, "what was told is remembered"
    shown = own.crmsync("report", "conflicts", crm, env={"COLUMNS": "80"}).stdout
    assert "stage 3 times" in shown
    assert "by an automation of the CRM" in shown
    rewriting(own, crm, on=False)
    assert own.json("hold", native, "--release")["released"][0]["overruled"] == 3
    assert outcome(own, crm) == "written"
    own.json("status", crm)


@pytest.mark.breadth
@both
def test_a_person_who_takes_the_lead_back_each_time_is_named(own: Rehearsal, crm: str) -> None:
    own.change("policy.yaml", lambda policy: policy.setdefault("movement", {}).update(hands_off_days=0))
    ends = []
    for _ in range(5):
        ends.append(outcome(own, crm))
        own.edit(crm, by="bdr-2", leads=[{"id": LEAD, "owner": "bdr-2"}])
    assert ends == ["written"] * 3 + [None] * 2
    found = conflict(own, crm)
    people = own.native(crm, "users")
    assert (found["part"], found["stopped"], len(found["times"])) == ("owner", True, 3)
    assert {(each["theirs"], each["actor"]["kind"], each["actor"]["user"]) for each in found["times"]} == {
        (people["bdr-2"], "person", people["bdr-2"])
    }
    assert "by Balthazar Yewtree" in own.crmsync("report", "conflicts", crm).stdout
    assert own.lead(crm, LEAD)["owner"] == "bdr-2"
