"""Salesforce contacts and HubSpot's Leads object carry stage and owner: read, decided, written, told, taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import crmsync
from rehearsal import CRMS, Rehearsal, rehearsal
from ruamel.yaml import YAML
from small_world import activity, lead, small_world
from test_hand_off import MAPPED
from test_init import CREDENTIALS, FAST

OBJECTS = {"salesforce": "Contact", "hubspot": "leads"}
STAGES = {
    "salesforce": {"mql": "Marketing Qualified", "sql": "Sales Qualified", "sqo": "Sales Qualified Opportunity"},
    "hubspot": {"mql": "1130041", "sql": "1130043", "sqo": "1130044"},
}
FIELDS = {"salesforce": ("Lead_Status__c", "OwnerId"), "hubspot": ("hs_pipeline_stage", "hubspot_owner_id")}
PAGES = {"salesforce": "/lightning/r/Contact/{}/view", "hubspot": "/contacts/24601377/record/0-136/{}"}
WRITTEN = {"salesforce": "Crmsync_Reasons__c", "hubspot": "crmsync_reasons"}
Moved = dict[str, tuple[str | None, str | None]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Rehearsal]]:
    """Both CRMs once; a configuration and a store for each test."""
    at = tmp_path_factory.mktemp("objects")
    options = (
        "--import",
        str(small_world(at / "world")),
        "--salesforce-leads",
        "Contact",
        "--hubspot-leads",
        "leads",
    )
    with rehearsal(at / "served", *options) as made:
        for crm in CRMS:
            made.change(f"mappings/{crm}.yaml", lambda mapping, crm=crm: widened(mapping, crm))
        made.change(
            "policy.yaml", lambda policy: policy.update(hand_off={"stage": "sql", "task": {"subject": "Call"}})
        )
        yield made


def widened(mapping: Any, crm: str) -> None:
    """With the hand-off as a process, tasks included, and the reasons in a field for people."""
    mapping["hand_off"] = MAPPED[crm]
    mapping["write"] = {"reasons": WRITTEN[crm]}


def plans(here: Rehearsal, *arguments: str, code: int = 0) -> dict[str, Any]:
    return {plan["connection"]: plan for plan in here.json(*arguments, code=code)["plans"]}


def standing(here: Rehearsal, crm: str) -> dict[str, tuple[str | None, str | None]]:
    return {each["id"]: (each["stage"], each["owner"]) for each in here.state(crm)["leads"]}


def test_the_mapping_that_is_written_fits(served: Rehearsal) -> None:
    told = served.json("check", "--data")
    assert [each for each in told["findings"] if each["severity"] == "error"] == []
    for connection in told["connections"]:
        crm = connection["connection"]
        leads = {each["native"]: each["leads"] for each in connection["stages"]}
        assert leads[STAGES[crm]["sqo"]] == 1
        assert [each["value"] for each in connection["unmanaged"]] == [
            {"salesforce": "Nurturing", "hubspot": "customer"}[crm]
        ]
        assert {each["count"] for each in connection["activities"]} == {1, 2}


def test_fields_are_those_of_the_object(served: Rehearsal) -> None:
    for crm in CRMS:
        told = served.json("fields", crm)
        stage = next(each for each in told["fields"] if each["name"] == FIELDS[crm][0])
        assert (stage["object"], stage["writable"], stage["mapped_to"]) == (OBJECTS[crm], True, "stage")
        assert {choice["value"] for choice in stage["choices"]} >= set(STAGES[crm].values())


@pytest.mark.breadth
def test_leads_move_once_and_are_taken_back(served: Rehearsal) -> None:
    before = {crm: standing(served, crm) for crm in CRMS}
    dry = plans(served, "run", "--dry-run")
    assert {crm: standing(served, crm) for crm in CRMS} == before
    done = plans(served, "run")
    for crm in CRMS:
        native = served.native(crm)
        changes = {change["lead"]: change for change in done[crm]["changes"]}
        assert [it["lead"] for it in dry[crm]["changes"]] == [it["lead"] for it in done[crm]["changes"]]
        assert {change["outcome"] for change in changes.values()} == {"written"}
        assert changes[native["sql-1"]]["writes"][FIELDS[crm][0]]["after"] == STAGES[crm]["sql"]
        assert changes[native["sql-1"]]["url"] == served.urls[crm] + PAGES[crm].format(native["sql-1"])
        after = standing(served, crm)
        assert after["mql-1"] == (STAGES[crm]["mql"], "bdr-1")
        assert after["sql-1"][0] == STAGES[crm]["sql"] and after["sql-1"][1] in {"ae-1", "ae-2"}
        assert after["new-1"][1] in {"bdr-1", "bdr-2"}
        assert (after["parked"], after["done-sqo"]) == (before[crm]["parked"], before[crm]["done-sqo"])
    # The two CRMs hold the same people, so the same of them have moved, to the same receivers.
    moved = {crm: {name: owner for name, (_, owner) in standing(served, crm).items()} for crm in CRMS}
    assert moved["salesforce"] == moved["hubspot"]
    assert {crm: plan["changes"] for crm, plan in plans(served, "run").items()} == {crm: [] for crm in CRMS}
    assert {crm: plan["changes"] for crm, plan in plans(served, "run", "--full").items()} == {crm: [] for crm in CRMS}
    told_by_explain(served)
    tasks_were_made(served)
    taken_back(served, before)


def told_by_explain(here: Rehearsal) -> None:
    """By id, by the address of the record's page, and by e-mail."""
    for crm in CRMS:
        native = here.native(crm)["sql-1"]
        page = here.urls[crm] + PAGES[crm].format(native)
        for name in (native, page, "person.sql-1@buyer-sql-1.example"):
            done = here.crmsync("explain", crm, name, "--format", "json")
            assert done.returncode == 0, done.stderr
            told = json.loads(done.stdout)
            assert (told["lead"], told["stage"], told["crm_stage"]) == (native, "sql", "sql")


def tasks_were_made(here: Rehearsal) -> None:
    """One for each lead that was handed off, and a reason on its page."""
    for crm in CRMS:
        made = {each["lead"] for each in here.state(crm)["activities"] if each["kind"] == "task"}
        assert made == {"sql-1", "sqo-1"}
        held = here.lead(crm, "sql-1")["attributes"]
        assert held["bdr"] == here.native(crm, "users")["bdr-1"], "who handed it off stands on the lead"
        [written] = [
            it
            for it in here.writes(crm)
            if WRITTEN[crm] in (it["after"] or {}) and it["id"] == here.native(crm)["mql-1"]
        ]
        assert written["after"][WRITTEN[crm]]


def taken_back(here: Rehearsal, before: dict[str, Moved]) -> None:
    """Stage and owner are as they were; the tasks are closed and stay."""
    runs = {
        run["connection"]: run["id"]
        for run in reversed(here.json("runs")["runs"])
        if run["kind"] == "run" and run["counts"].get("changes")
    }
    for crm in CRMS:
        nobodys = here.native(crm)["new-1"]
        plan = plans(here, "undo", str(runs[crm]), code=4 if crm == "salesforce" else 0)[crm]
        assert {change["outcome"] for change in plan["changes"]} == {"written"}
        # Salesforce takes no contact without an owner, however it came to be without one.
        kept = {nobodys: "OwnerId was empty, which the CRM does not take"} if crm == "salesforce" else {}
        assert {it["lead"]: it["reason"] for it in plan["set_aside"]} == kept
        after = standing(here, crm)
        differ = {name for name, held in after.items() if held != before[crm][name]}
        assert differ == ({"new-1"} if kept else set())
        assert {each["outcome"] for each in here.state(crm)["activities"] if each["kind"] == "task"} == {"completed"}


@pytest.mark.breadth
def test_what_happens_to_the_person_decides_again(served: Rehearsal) -> None:
    """An activity, an edit of who stands behind a lead, a new lead and what it did, and one that is deleted."""
    for crm in CRMS:
        served.edit(crm, leads=[lead("acts"), lead("declines"), lead("rests"), lead("leaves")])
        served.edit(crm, activities=[activity("declines", "form_submission", now(served, crm))])
    plans(served, "run", "--only", "stage")
    gone: dict[str, str] = {}
    for crm in CRMS:
        gone[crm] = served.native(crm)["leaves"]
        served.edit(crm, activities=[activity("acts", "form_submission", now(served, crm))])
        served.edit(crm, leads=[{"id": "declines", "attributes": {"need": "none", "budget": "none"}}, lead("late")])
        served.edit(crm, activities=[activity("late", "content_download", now(served, crm))])
        served.delete_lead(crm, "leaves", OBJECTS[crm])
    found = plans(served, "run", "--only", "stage")
    for crm in CRMS:
        names = {native: name for name, native in served.native(crm).items()}
        moved = {names[it["lead"]]: it["stage"]["after"] for it in found[crm]["changes"] if it["stage"]}
        assert moved == {"acts": "mql", "declines": "disqualified", "late": "sal"}
        assert served.crmsync("explain", crm, gone[crm]).returncode == 2, "what is deleted is forgotten"


def now(here: Rehearsal, crm: str) -> str:
    told: str = here.control(crm, "clock")["now"]
    return told


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_a_configuration_is_set_up_for_the_object(served: Rehearsal, tmp_path: Path, crm: str) -> None:
    """What stands behind the leads is suggested like their own fields; a second time changes nothing."""
    given = (
        "--connector",
        crm,
        "--lead-object",
        OBJECTS[crm],
        "--url",
        served.urls[crm],
        "--preset",
        "saas",
        "--yes",
    )
    done = crmsync("init", *given, *(FAST if crm == "hubspot" else ()), cwd=tmp_path, env=CREDENTIALS[crm])
    assert done.returncode in (0, 4), done.stderr + done.stdout
    mapping = YAML(typ="safe").load(tmp_path / f"mappings/{crm}.yaml")
    assert (mapping["lead"]["object"], mapping["stage"]["field"]) == (OBJECTS[crm], FIELDS[crm][0])
    assert (
        mapping["facts"]["industry"]["field"]
        == {"salesforce": "Account.Industry", "hubspot": "contact.industry"}[crm]
    )
    written = {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    again = crmsync("init", *given, *(FAST if crm == "hubspot" else ()), cwd=tmp_path, env=CREDENTIALS[crm])
    assert again.returncode == done.returncode
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.yaml")} == written
