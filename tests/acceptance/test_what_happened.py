"""What ran, what became of a lead, and how connections stand: told from the store, on both CRMs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, OWNER_FIELD, STAGE_FIELDS, Rehearsal, on_one, rehearsal
from small_world import small_world

from crmsync.clock import now

both = pytest.mark.parametrize("crm", CRMS)
TODAY = now().date()
CALLS_A_DAY = {"salesforce": 5_000_000, "hubspot": 650_000}


@pytest.fixture
def own(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """A practice CRM with the small world."""
    options = ("--crm", crm, "--import", str(small_world(tmp_path / "world")))
    with rehearsal(tmp_path / "own", *options) as made:
        yield made


def status_of(here: Rehearsal, crm: str, code: int) -> Mapping[str, Any]:
    """One connection's status."""
    [status] = here.json("status", crm, code=code)["connections"]
    return dict(status)


@both
def test_runs_history_and_status_tell_what_a_run_did(own: Rehearsal, crm: str) -> None:
    assert own.json("runs")["runs"] == []
    never = status_of(own, crm, 1)
    assert never["attention"] == [f"it was never read → crmsync run {crm} --dry-run"]
    own.json("run", crm, "--dry-run")
    calls = own.calls(crm)
    [plan] = own.json("run", crm)["plans"]
    between = own.calls(crm) - calls
    real, dry = own.json("runs", crm)["runs"]
    assert (real["kind"], real["dry_run"], dry["dry_run"], real["exit_code"]) == ("run", False, True, 0)
    assert (real["connection"], real["id"]) == (crm, dry["id"] + 1)
    assert real["counts"] == plan["counts"]
    assert real["counts"]["calls"] == between.total()
    assert real["outcomes"] == {"written": len(plan["changes"])}
    assert real["started_at"] <= real["ended_at"]
    told = own.json("history", "--run", str(real["id"]))["entries"]
    wanted = [
        (change["lead"], name, pair["before"], pair["after"], change["outcome"], change["reasons"])
        for change in plan["changes"]
        for name, pair in change["writes"].items()
    ]
    assert [
        (each["lead"], each["field"], each["before"], each["after"], each["outcome"], each["reasons"])
        for each in told
    ] == wanted
    assert {each["run"] for each in told} == {real["id"]}
    parts = {each["field"]: each["part"] for each in told}
    assert parts[OWNER_FIELD[crm]] == "owner"
    assert {parts[name] for name in STAGE_FIELDS[crm] if name in parts} == {"stage"}
    well = status_of(own, crm, 0)
    assert (well["attention"], well["writes"], well["lag_minutes"], well["set_aside"]) == ([], "on", 0, 0)
    assert well["last_run"]["id"] == real["id"]
    counted = [number for path, number in own.calls(crm).items() if "oauth2" not in path]
    assert well["quota_left"] == CALLS_A_DAY[crm] - sum(counted)
    assert well["next_run"] > real["started_at"]
    assert own.calls(crm) - calls == between, "none of these asks the CRM"
    table = own.crmsync("status", crm).stdout
    assert len(table.strip().splitlines()) == 11
    for command in (("status",), ("runs",), ("history", "--run", str(real["id"])), ("holds",)):
        narrow = own.crmsync(*command, env={"COLUMNS": "80"}).stdout
        assert max(map(len, narrow.splitlines())) <= 80, narrow


@both
def test_a_lead_is_found_by_what_people_call_it(own: Rehearsal, crm: str) -> None:
    own.json("run", crm)
    native = own.native(crm)["sqo-1"]
    email = own.lead(crm, "sqo-1")["email"]
    pages = {"salesforce": f"https://firm.lightning.force.com/lightning/r/Lead/{native}/view",
             "hubspot": f"https://app.hubspot.com/contacts/24601377/record/0-1/{native}"}  # fmt: skip
    by_id = own.json("history", native)
    assert {each["lead"] for each in by_id["entries"]} == {native}
    for name in (email.upper(), pages[crm], *([native[:15]] if crm == "salesforce" else [])):
        assert own.json("history", name) == by_id
    assert {move["after"] for move in by_id["moves"]} == {"sqo"}
    done = own.crmsync("history", "nobody@nowhere.example")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing is stored of a lead nobody@nowhere.example" in done.stderr
    assert own.crmsync("history", "--run", "999").returncode == 2
    assert own.crmsync("history").returncode == own.crmsync("history", native, "--run", "1").returncode == 2


@pytest.mark.breadth
@on_one("hubspot")
def test_a_held_lead_is_left_alone_and_told(own: Rehearsal, crm: str) -> None:
    until = (TODAY + timedelta(days=9)).isoformat()
    own.json("run", crm, "--dry-run")
    native = own.native(crm)["sqo-1"]
    before = own.lead(crm, "sqo-1")
    held = own.json("hold", native, "--until", until, "--why", "legal looks at it")["holds"]
    assert [(each["connection"], each["lead"], each["until"], each["cause"]) for each in held] == [
        (crm, native, until, "held")
    ]
    [plan] = own.json("run", crm)["plans"]
    assert native not in {change["lead"] for change in plan["changes"]}
    assert plan["counts"]["left_alone"] == 1
    assert any("1 lead is held and left alone" in note and "legal looks at it" not in note for note in plan["notes"])
    assert own.lead(crm, "sqo-1") == before
    explained = own.json("explain", crm, native)
    assert explained["left_alone"] == {"cause": "held", "until": until, "why": "legal looks at it"}
    assert explained["stage"] == "sqo", "it is decided"
    assert "legal looks at it" in own.crmsync("explain", crm, native).stdout
    assert status_of(own, crm, 0)["left_alone"] == {
        "held": 1,
        "pinned": 0,
        "stopped": 0,
        "undone": 0,
    }
    assert [each["lead"] for each in own.json("holds")["holds"]] == [native]
    for arguments in (("--until", "2020-01-01", "--why", "x"), ("--until", until), ("--release", "--why", "x")):
        assert own.crmsync("hold", native, *arguments).returncode == 2
    [let_go] = own.json("hold", before["email"], "--release")["released"]
    assert (let_go["lead"], let_go["holds"]) == (native, 1)
    assert own.crmsync("hold", native, "--release").returncode == 2
    [plan] = own.json("run", crm)["plans"]
    assert [(change["lead"], change["outcome"]) for change in plan["changes"]] == [(native, "written")]


@pytest.mark.breadth
@both
def test_a_pin_in_the_crm_leaves_a_lead_alone(own: Rehearsal, crm: str) -> None:
    field = {"salesforce": "Leave_Alone__c", "hubspot": "leave_alone"}[crm]
    own.edit(crm, by="bdr-2", leads=[{"id": "sqo-1", "attributes": {"leave_alone": True}}])
    own.change(
        f"mappings/{crm}.yaml",
        lambda mapping: mapping["lead"].update(leave_alone={"field": field, "values": [True]}),
    )
    native = own.native(crm)["sqo-1"]
    [plan] = own.json("run", crm)["plans"]
    assert native not in {change["lead"] for change in plan["changes"]}
    assert f"1 lead is pinned in the CRM by {field} and left alone ({native})" in plan["notes"]
    own.edit(crm, by="bdr-2", leads=[{"id": "sqo-1", "attributes": {"leave_alone": False}}])
    [plan] = own.json("run", crm)["plans"]
    assert [(change["lead"], change["outcome"]) for change in plan["changes"]] == [(native, "written")]
    own.change(f"mappings/{crm}.yaml", lambda mapping: mapping["lead"]["leave_alone"].update(values=["perhaps"]))
    checked = own.crmsync("check", crm)
    assert checked.returncode == 2
    assert f"{field} never holds `perhaps`" in checked.stdout + checked.stderr


@pytest.mark.breadth
@on_one("salesforce")
def test_what_needs_a_person_is_said(own: Rehearsal, crm: str) -> None:
    own.json("run", crm)
    own.change("crmsync.yaml", lambda data: data["connections"][crm].update(writes="off"))
    own.edit(crm, by="bdr-2", leads=[{"id": "done-sqo", "attributes": {"need": "none", "budget": "none"}}])
    own.json("run", crm, code=3)
    told = status_of(own, crm, 1)
    assert told["writes"] == "off"
    [guard] = told["open_guard"]
    assert guard["name"] == "writes_off"
    [words] = told["attention"]
    assert words.startswith("a guard stopped the last run (writes_off")
