"""A leaver's leads on both practice CRMs: seen in a dry run, given to others exactly so, and then nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, Rehearsal, on_one, rehearsal
from small_world import small_world
from test_hand_off import MAPPED, TASK, answer, attributes, owners, tasks

from crmsync.store import Store

AE = "aurelia.kvernberg@seller.example"
BDR = "brigitta.qvist@seller.example"


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def crms(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """One CRM with the small world after its first run, with the hand-off as a process."""
    world = small_world(tmp_path / "world", copies=2)
    with rehearsal(tmp_path / "here", "--crm", crm, "--import", str(world)) as here:
        here.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
        hand_off = {"stage": "sql", "task": TASK, "returned": {"to": "bdr"}}
        here.change("policy.yaml", lambda policy: policy.update(hand_off=hand_off, movement={"hands_off_days": 14}))
        here.json("run")
        yield here


def plan(here: Rehearsal, crm: str, *arguments: str, code: int = 0) -> dict[str, Any]:
    """The one plan that `redistribute` answers with; changes by the leads' import ids."""
    answered = here.json("redistribute", crm, *arguments, code=code)
    assert answered["errors"] == []
    [only] = answered["plans"]
    names = {native: lead for lead, native in here.native(crm).items()}
    only["changes"] = {names[change["lead"]]: change for change in only["changes"]}
    return dict(only)


def hand_offs(here: Rehearsal, crm: str, lead: str) -> list[tuple[int, str | None, str, str | None]]:
    """(attempt, who handed off, receiver, what ended it), by import ids."""
    users = {native: user for user, native in here.native(crm, "users").items()}
    with closing(Store(here.store)) as store:
        rows = store.hand_offs.read(crm, leads=[here.native(crm)[lead]])
    return [(row.attempt, users.get(row.bdr or ""), users[row.receiver], row.ended_by) for row in rows]


@pytest.mark.breadth
def test_a_receivers_leads_are_handed_to_others_as_the_dry_run_said(crms: Rehearsal, crm: str) -> None:
    before = owners(crms, crm)
    theirs = {lead for lead, owner in before.items() if owner == "ae-1"}
    assert {"done-sqo"} < theirs
    planned = plan(crms, crm, "--from", AE, "--dry-run")
    assert set(planned["changes"]) == theirs
    assert owners(crms, crm) == before, "a dry run writes nothing"
    assert any("goes on getting leads by the roster" in note for note in planned["notes"])
    done = plan(crms, crm, "--from", crms.native(crm, "users")["ae-1"])
    assert done["digest"] == planned["digest"]
    for lead, change in done["changes"].items():
        assert {**planned["changes"][lead], "outcome": "written", "may_be_written": False} == change
        assert (change["stage"], change["owner"]["after"]) == (None, crms.native(crm, "users")["ae-2"])
        assert {each["user"] for each in change["routing"]["passed_over"]} >= {change["owner"]["before"]}
    after = owners(crms, crm)
    assert after == {lead: "ae-2" if lead in theirs else owner for lead, owner in before.items()}
    again = plan(crms, crm, "--from", AE)
    assert again["changes"] == {}
    assert plan(crms, crm, "--from", AE, "--from", BDR, "--stage", "sqo", "--dry-run")["changes"] == {}
    for lead in sorted(theirs - {"done-sqo"}):
        assert hand_offs(crms, crm, lead) == [(1, "bdr-1", "ae-1", "reassigned"), (2, "bdr-1", "ae-2", None)]
        subjects = [task["subject"] for task in tasks(crms, crm, lead)]
        assert subjects == ["Call the buyer (hand-off 1)", "Call the buyer (hand-off 2)"]
        assert attributes(crms, crm, lead)["bdr"] == crms.native(crm, "users")["bdr-1"], "who handed off stays"
    assert hand_offs(crms, crm, "done-sqo") == [(1, None, "ae-2", None)]
    further = crms.json("run", crm)["plans"][0]
    assert further["changes"] == [], "an ordinary run has nothing to add"


@pytest.mark.breadth
@on_one("salesforce")
def test_a_bdrs_leads_go_by_the_rules_for_new_leads_within_the_guard_and_what_stays_is_told(
    crms: Rehearsal, crm: str
) -> None:
    before = owners(crms, crm)
    crms.edit(crm, by="ae-1", leads=[{"id": "mql-1", "owner": "ae-2"}])
    crms.edit(crm, by="ae-1", leads=[{"id": "mql-1", "owner": "bdr-1"}])  # as before: nobody's news
    crms.edit(crm, by="ae-1", leads=[{"id": "lead-1", "owner": "bdr-2"}])
    crms.json("run", crm)
    crms.edit(crm, by="bdr-2", leads=[{"id": "lead-1", "owner": "bdr-1"}])
    count = len(plan(crms, crm, "--from", BDR, "--dry-run")["changes"])
    at = crms.last_write(crm)
    breached = crms.crmsync("redistribute", crm, "--from", BDR, "--allow-changes", str(count - 1))
    assert (breached.returncode, crms.writes(crm, at)) == (3, [])
    assert f"crmsync redistribute {crm} --from … --allow-changes {count}" in breached.stdout
    done = plan(crms, crm, "--from", BDR, "--allow-changes", str(count))
    moved = {lead for lead, owner in before.items() if owner == "bdr-1"}
    moved -= {"parked", "disqualified-1", "disqualified-2", "lead-1"}
    assert set(done["changes"]) == moved
    assert len(moved) >= 5
    after = owners(crms, crm)
    assert {after[lead] for lead in moved} == {"bdr-2"}
    assert {after[lead] for lead in ("parked", "disqualified-1", "lead-1")} == {"bdr-1"}
    told = " ".join(done["notes"])
    native = crms.native(crm)
    assert "2 of their leads stay, off the ladder" in told
    assert "1 of their leads stays, with an owner whom a person or another program set within 14 days" in told
    assert f"({native['lead-1']})" in told
    assert "stage that the mapping does not name is left alone" in told
    assert plan(crms, crm, "--from", BDR)["changes"] == {}


@pytest.mark.breadth
@on_one("hubspot")
def test_what_a_receiver_gave_back_goes_on_when_the_bdr_leaves_too(crms: Rehearsal, crm: str) -> None:
    first = str(owners(crms, crm)["sql-1"])
    answer(crms, crm, "sql-1", "returned")
    crms.json("run", crm)
    assert owners(crms, crm)["sql-1"] == "bdr-1"
    done = plan(crms, crm, "--from", BDR, "--stage", "sql")
    assert set(done["changes"]) == {"sql-1"}
    assert done["changes"]["sql-1"]["hand_off"]["move"] == "handed"
    other = {"ae-1": "ae-2", "ae-2": "ae-1"}[first]
    assert owners(crms, crm)["sql-1"] == other, "not back to the one who gave it back"
    assert hand_offs(crms, crm, "sql-1") == [(1, "bdr-1", first, "again"), (2, "bdr-1", other, None)]


@pytest.mark.breadth
def test_somebody_inactive_can_leave_too(crms: Rehearsal, crm: str) -> None:
    for lead in ("mql-2", "done-lead"):
        crms.edit(crm, leads=[{"id": lead, "owner": "ae-gone"}])
    crms.change("policy.yaml", lambda policy: policy["movement"].update(hands_off_days=0))
    crms.json("run")
    told = f"crmsync redistribute {crm} --from {crms.native(crm, 'users')['ae-gone']} --dry-run"
    assert f"still owns 2 open leads: {told}" in crms.crmsync("report", "load").stdout
    done = plan(crms, crm, "--from", "ottokar.wyvernhall@seller.example")
    assert set(done["changes"]) == {"mql-2", "done-lead"}
    assert not any("goes on getting leads" in note for note in done["notes"])
    assert owners(crms, crm)["done-lead"] in {"bdr-1", "bdr-2"}
    assert "crmsync redistribute" not in crms.crmsync("report", "load").stdout
    who_is_meant_must_be_clear(crms, crm)


def who_is_meant_must_be_clear(crms: Rehearsal, crm: str) -> None:
    native = crms.native(crm, "users")
    for written, message, hint in (
        ("aurelia.kvernberg@seller.exmaple", "this e-mail address is no user", f"`--from {native['ae-1']}`?"),
        ("Brigitta Qvist", "`Brigitta Qvist` is no user", f"`--from {native['bdr-1']}`?"),
        ("somebody", "`somebody` is no user", "write the e-mail"),
    ):
        done = crms.crmsync("redistribute", crm, "--from", written)
        assert done.returncode == 2, done.stderr
        assert message in done.stderr
        assert hint in done.stderr
        assert "@" not in done.stderr
    if crm == "salesforce":
        queue = crms.crmsync("redistribute", crm, "--from", "Unassigned Queue")
        assert (queue.returncode, "is a queue of salesforce, not a person" in queue.stderr) == (2, True)
    wrong_stage = crms.crmsync("redistribute", crm, "--from", AE, "--stage", "sgl")
    assert (wrong_stage.returncode, "did you mean `sql`?" in wrong_stage.stderr) == (2, True)
    assert crms.crmsync("redistribute", crm).returncode == 2
    nowhere = crms.crmsync("redistribute", "salesfroce", "--from", AE)
    assert (nowhere.returncode, "no connection `salesfroce`" in nowhere.stderr) == (2, True)
