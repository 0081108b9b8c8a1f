"""`crmsync undo` on both practice CRMs: what a run wrote is given back, as a whole, in part, twice and undone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rehearsal import CRMS, LEAD_OBJECT, Rehearsal, on_one, personal_data, rehearsal, told_in, write_world
from small_world import NATIVE, USERS, lead, leads_and_activities
from test_hand_off import MAPPED, TASK
from written_fields import held, switched_on

from crmsync.clock import now
from crmsync.store import Store

CLOSED = {"salesforce": ("Not Started", "Completed"), "hubspot": ("NOT_STARTED", "COMPLETED")}
HANDED = {f"{stage}-{number}" for stage in ("sql", "sqo") for number in (1, 2, 3)}


@pytest.fixture(params=CRMS)
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def here(tmp_path: Path, crm: str) -> Iterator[Rehearsal]:
    """Stages, owners, hand-offs with tasks and fields for people: all that a run can write."""
    pairs = [(each, did) for each, did in leads_and_activities(3) if each["owner"]]
    people = [each for each, _ in pairs]
    imported = write_world(tmp_path / "world", USERS, people, [it for _, did in pairs for it in did])
    with rehearsal(tmp_path / "here", "--import", str(imported), "--crm", crm) as made:
        switched_on(made, crm)
        made.change(f"mappings/{crm}.yaml", lambda mapping: mapping.update(hand_off=MAPPED[crm]))
        made.change(
            "policy.yaml",
            lambda policy: policy.update(
                hand_off={
                    "stage": "sql",
                    "task": TASK,
                    "first_touch": {"within_hours": 4},
                    "returned": {"to": "bdr"},
                },
                movement={**policy.get("movement", {}), "hands_off_days": 14},
            ),
        )
        yield made


def leads(here: Rehearsal, crm: str) -> dict[str, Any]:
    """Import id → stage, owner, all attributes, and what stands in the fields for people."""
    return {
        lead["id"]: (lead["stage"], lead["owner"], lead["attributes"], held(here, crm, lead["native_id"]))
        for lead in here.state(crm)["leads"]
    }


def tasks(here: Rehearsal, crm: str) -> list[str]:
    """Outcomes of the tasks that stand on leads."""
    return sorted(each["outcome"] for each in here.state(crm)["activities"] if each["kind"] == "task")


def turns(here: Rehearsal, crm: str) -> dict[Any, Any]:
    with closing(Store(here.store)) as store:
        return {key: (it.count, it.state.get("lag")) for key, it in store.journal.turns(crm).items() if it.count}


def states(here: Rehearsal, crm: str) -> list[str]:
    """How the hand-offs stand."""
    [report] = here.json("report", "hand-offs", crm)["connections"]
    return [each["state"] for each in report["hand_offs"]]


def ran(here: Rehearsal, crm: str) -> int:
    """A run that writes; its number."""
    [plan] = here.json("run", crm)["plans"]
    assert {change["outcome"] for change in plan["changes"]} == {"written"}
    return int(plan["bound_to"]["run"])


def undone(here: Rehearsal, run: int, *options: str, code: int | Sequence[int] = 0) -> dict[str, Any]:
    [plan] = here.json("undo", str(run), *options, code=code)["plans"]
    return dict(plan)


def test_all_of_a_run_is_given_back_left_alone_and_put_back(here: Rehearsal, crm: str) -> None:
    before = leads(here, crm)
    run = ran(here, crm)
    wrote, counted = leads(here, crm), turns(here, crm)
    assert tasks(here, crm) == ["open"] * len(HANDED)
    assert counted

    at = here.last_write(crm)
    shown = undone(here, run, "--dry-run")
    assert here.writes(crm, at) == []
    assert shown["undo_of"] == run
    first = undone(here, run)
    assert first["undo_of"] == run
    assert {change["outcome"] for change in first["changes"]} == {"written"}
    assert [change["lead"] for change in first["changes"]] == [change["lead"] for change in shown["changes"]]
    assert leads(here, crm) == before
    assert turns(here, crm) == {}
    assert tasks(here, crm) == ["completed"] * len(HANDED), "closed, not deleted"
    assert set(states(here, crm)) == {"undone"}
    closed = {
        (each["object"], each["record"]): (each["before"], each["after"], each["outcome"])
        for each in here.json("history", "--run", str(first["bound_to"]["run"]))["entries"]
        if each["part"] == "record"
    }
    assert len(closed) == len(HANDED)
    assert {name for name, _ in closed} == {MAPPED[crm]["task"]["object"]}
    assert set(closed.values()) == {(*CLOSED[crm], "written")}
    name, number = next(iter(closed))
    assert f"{name} {number}, " in here.crmsync("history", "--run", str(first["bound_to"]["run"])).stdout

    at = here.last_write(crm)
    again = undone(here, run)
    assert (again["changes"], again["set_aside"], here.writes(crm, at)) == ([], [], [])
    for options in ((), ("--full",), ()):
        [next_run] = here.json("run", crm, *options)["plans"]
        assert next_run["changes"] == []
    assert any("taken back" in note for note in here.json("run", crm, "--full")["plans"][0]["notes"])
    assert here.writes(crm, at) == []
    kept = here.json("holds", crm)["holds"]
    assert {each["cause"] for each in kept} == {"undone"}

    put = undone(here, first["bound_to"]["run"])
    assert {change["outcome"] for change in put["changes"]} == {"written"}
    assert leads(here, crm) == wrote
    assert turns(here, crm) == counted
    assert tasks(here, crm) == ["open"] * len(HANDED)
    for options in ((), ("--full",)):
        [next_run] = here.json("run", crm, *options)["plans"]
        assert next_run["changes"] == []
    kinds = [(line["kind"], line["undo_of"]) for line in here.json("runs", crm)["runs"] if not line["dry_run"]]
    assert ("undo", run) in kinds
    assert ("undo", first["bound_to"]["run"]) in kinds


@pytest.mark.breadth
def test_what_people_changed_since_stays_untouched(here: Rehearsal, crm: str) -> None:
    before = leads(here, crm)
    run = ran(here, crm)
    here.edit(
        crm,
        by="bdr-2",
        leads=[{"id": "sql-1", "owner": "bdr-2"}, {"id": "mql-1", "stage": {crm: NATIVE[crm]["sqo"]}}],
    )
    edited = leads(here, crm)
    at = here.last_write(crm)
    plan = undone(here, run, code=4)
    after = leads(here, crm)
    assert {name for name in before if after[name] != before[name]} == {"sql-1", "mql-1"}
    assert after["sql-1"][1] == "bdr-2"
    assert after["mql-1"][0] == edited["mql-1"][0]
    native = here.native(crm)
    told = {item["lead"]: item["reason"] for item in plan["set_aside"]}
    assert set(told) == {native["sql-1"], native["mql-1"]}
    assert "by now, not" in told[native["sql-1"]]
    assert {change["outcome"] for change in plan["changes"]} == {"written"}
    persons = personal_data(here.state(crm))
    said = here.crmsync("undo", str(run), "--dry-run", "--format", "csv")
    assert told_in(str((plan["set_aside"], plan["notes"])) + said.stderr, persons) == []
    owner_writes = [each for each in here.writes(crm, at) if each["id"] == native["sql-1"]]
    assert all(each["after"] is None or "bdr-1" not in str(each["after"]) for each in owner_writes)


@pytest.mark.breadth
@on_one("hubspot")
def test_parts_and_leads_of_a_run(here: Rehearsal, crm: str) -> None:
    before = leads(here, crm)
    run = ran(here, crm)
    wrote, native = leads(here, crm), here.native(crm)
    undone(here, run, "--lead", native["sqo-1"], "--lead", "person.mql-1@buyer-mql-1.example")
    part = leads(here, crm)
    assert {name for name in part if part[name] == before[name] != wrote[name]} == {"sqo-1", "mql-1"}
    assert {name for name in part if part[name] != wrote[name]} == {"sqo-1", "mql-1"}
    undone(here, run, "--only", "owner")
    owners = leads(here, crm)
    assert {name: each[1] for name, each in owners.items()} == {name: each[1] for name, each in before.items()}
    assert {name: each[0] for name, each in owners.items()} == {name: each[0] for name, each in part.items()}
    undone(here, run, "--only", "stage")
    undone(here, run, "--only", "fields")
    assert leads(here, crm) == before
    assert turns(here, crm) == {}
    assert tasks(here, crm) == ["completed"] * len(HANDED)


@pytest.mark.breadth
@on_one("salesforce")
def test_what_cannot_be_undone_is_said(here: Rehearsal, crm: str) -> None:
    [dry] = here.json("run", crm, "--dry-run")["plans"]
    here.json("run", crm)
    for arguments, words in (
        (("12345",), "knows of no run 12345"),
        ((str(dry["bound_to"]["run"]),), "was a dry run"),
        ((str(dry["bound_to"]["run"] + 1), "--lead", "nobody@nowhere.example"), "has written nothing to"),
    ):
        done = here.crmsync("undo", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
    run = dry["bound_to"]["run"] + 1
    guarded = here.crmsync("undo", str(run), "--allow-changes", "2")
    assert guarded.returncode == 3
    assert f"crmsync undo {run} --allow-changes" in guarded.stdout.replace("\n    ", " ")
    here.change("crmsync.yaml", lambda data: data["connections"][crm].update(writes="off"))
    assert here.crmsync("undo", str(run)).returncode == 3
    here.change("crmsync.yaml", lambda data: data["connections"][crm].update(writes="on"))
    with closing(Store(here.store)) as store, store.hold(crm, now=now()):
        busy = here.crmsync("undo", str(run))
    assert busy.returncode == 1
    assert "since" in busy.stderr
    at = here.last_write(crm)
    here.json("undo", str(run), "--dry-run", "--out", "undo.json")
    refused = here.crmsync("apply", "undo.json")
    assert (refused.returncode, here.writes(crm, at)) == (2, [])
    assert "was made by `crmsync undo`" in refused.stderr
    for form in ("html", "markdown", "csv", "table"):
        assert here.crmsync("undo", str(run), "--dry-run", "--format", form).returncode == 0
    assert {each["object"] for each in here.writes(crm, at)} <= {LEAD_OBJECT[crm]}


@pytest.mark.breadth
@on_one("salesforce")
def test_an_apply_and_a_redistribution_are_undone_like_a_run(here: Rehearsal, crm: str) -> None:
    before = leads(here, crm)
    here.json("run", crm, "--dry-run", "--out", "plan.json")
    [applied] = here.json("apply", "plan.json")["plans"]
    wrote = leads(here, crm)
    [moved] = here.json("redistribute", crm, "--from", "aurelia.kvernberg@seller.example", code=(0, 4))["plans"]
    assert moved["changes"]
    taken = undone(here, moved["bound_to"]["run"])
    assert {change["outcome"] for change in taken["changes"]} == {"written"}
    assert leads(here, crm) == wrote
    stand = states(here, crm)
    assert stand.count("undone") == len(taken["changes"])
    assert stand.count("waiting") == len(HANDED), "the hand-offs that it had ended go on"
    undone(here, applied["bound_to"]["run"])
    assert leads(here, crm) == before
    assert turns(here, crm) == {}


@pytest.mark.breadth
@on_one("hubspot")
def test_turns_of_a_saved_plan_go_back_to_those_who_shared_them(here: Rehearsal, crm: str) -> None:
    """Somebody was away when the plan was made and is back when it is undone: nobody owes a turn to anybody."""
    away = {"absences": [{"from": "2020-01-01", "to": "2099-12-31"}]}

    def everybody() -> dict[Any, Any]:
        with closing(Store(here.store)) as store:
            return {key: it.state.get("lag") for key, it in store.journal.turns(crm).items() if it.state.get("lag")}

    def ae_2(roster: Any) -> Any:
        return next(each for each in roster["people"] if "ae" in each["roles"] and "anselm" in str(each["user"]))

    here.change("roster.yaml", lambda roster: ae_2(roster).update(away))
    here.json("run", crm, "--dry-run", "--out", "plan.json")
    written = json.loads(here.file("plan.json").read_text(encoding="utf-8"))["plans"][0]["changes"]
    ae_1 = here.native(crm, "users")["ae-1"]
    shared = [change["routing"]["shared"] for change in written if change["turn"]]
    assert shared == [[{"user": ae_1, "weight": 1}]] * len(HANDED)
    [applied] = here.json("apply", "plan.json")["plans"]
    here.change("roster.yaml", lambda roster: ae_2(roster).pop("absences"))
    undone(here, applied["bound_to"]["run"])
    assert turns(here, crm) == {}
    assert everybody() == {}


@pytest.mark.breadth
def test_a_lead_that_was_nobodys_is_so_again_where_the_crm_takes_that(tmp_path: Path, crm: str) -> None:
    imported = write_world(tmp_path / "world", USERS, [lead("new-1", owner=None), lead("old-1")], [])
    with rehearsal(tmp_path / "here", "--import", str(imported), "--crm", crm) as here:
        run = ran(here, crm)
        given = here.lead(crm, "new-1")["owner"]
        assert given is not None
        plan = undone(here, run, code=4 if crm == "salesforce" else 0)
        told = [item["reason"] for item in plan["set_aside"]]
        assert told == (["OwnerId was empty, which the CRM does not take"] if crm == "salesforce" else [])
        assert here.lead(crm, "new-1")["owner"] == (given if crm == "salesforce" else None)
