"""What a changed file sets going, and what becomes of leads that people changed, deleted or moved on meanwhile."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from rehearsal import (
    CRMS,
    READ_BY_ID,
    WRITE,
    Rehearsal,
    crmsync,
    personal_data,
    rehearsal,
    told_in,
)
from small_world import NATIVE, small_world

COPIES = 2
LEADS = 7 * COPIES + 3
ACTIVITIES = 4 * COPIES + 1

Plans = dict[str, dict[str, Any]]


@pytest.fixture
def crms(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world."""
    world = small_world(tmp_path / "world", COPIES)
    with rehearsal(tmp_path / "here", "--import", str(world)) as here:
        yield here


def run(here: Rehearsal, *arguments: str, code: int = 0) -> Plans:
    """Run; plans by connection, leads by import id in changes and set-aside."""
    return by_connection(here, here.json("run", *arguments, code=code))


def by_connection(here: Rehearsal, answer: Mapping[str, Any]) -> Plans:
    """The answer's plans, with import ids instead of native ones."""
    plans = {plan["connection"]: plan for plan in answer["plans"]}
    for crm, plan in plans.items():
        names = {native: lead for lead, native in NATIVE_IDS[here.urls[crm]].items()}
        plan["changes"] = {names[change["lead"]]: change for change in plan["changes"]}
        plan["set_aside"] = {names[item["lead"]]: item["reason"] for item in plan["set_aside"]}
    return plans


NATIVE_IDS: dict[str, dict[str, str]] = {}
"""Base URL → import id → native id, noted while all leads are still there."""


@pytest.fixture(autouse=True)
def _native_ids(crms: Rehearsal) -> Iterator[None]:
    NATIVE_IDS.update({crms.urls[crm]: crms.native(crm) for crm in CRMS})
    yield
    NATIVE_IDS.clear()


# Files


def asked(here: Rehearsal, *arguments: str) -> tuple[Plans, dict[str, Counter[str]]]:
    """A dry run, and which calls it made."""
    before = {crm: here.calls(crm) for crm in CRMS}
    plans = run(here, "--dry-run", *arguments)
    return plans, {crm: here.calls(crm) - before[crm] for crm in CRMS}


@pytest.mark.breadth
def test_a_changed_policy_or_roster_decides_all_leads_from_what_is_stored(crms: Rehearsal) -> None:
    run(crms)
    quiet, ordinary_calls = asked(crms)
    for crm in CRMS:
        assert quiet[crm]["changes"] == {}
        assert not told_of_changes(quiet[crm])
        assert quiet[crm]["counts"]["decided"] < LEADS, "not every lead is due"

    with crms.file("policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write("# a remark changes nothing\n")
    remark, _ = asked(crms)
    assert not any(told_of_changes(plan) for plan in remark.values())

    with crms.file("policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write(
            "criteria:\n"
            "  engaged_with_content:\n"
            "    activities: {kind: [content_download, form_submission], within_days: 365}\n"
        )
    plans, calls = asked(crms)
    for crm, plan in plans.items():
        assert plan["counts"]["decided"] == LEADS
        assert calls[crm] == ordinary_calls[crm], "nothing is read for the policy's sake"
        assert any("policy has changed" in note and "from what is stored" in note for note in plan["notes"])
        moves = {
            lead: (change["stage"]["before"], change["stage"]["after"]) for lead, change in plan["changes"].items()
        }
        assert moves == {f"mql-{number}": ("mql", "sal") for number in (1, 2)}

    for plan in run(crms).values():
        assert set(plan["changes"]) == {"mql-1", "mql-2"}
    again, _ = asked(crms)
    for plan in again.values():
        assert plan["changes"] == {}
        assert not told_of_changes(plan), "once is enough"
        assert plan["counts"]["decided"] < LEADS

    def without_ae_2(roster: Any) -> None:
        roster["people"] = [person for person in roster["people"] if not person["user"].startswith("anselm")]

    handed = {crm: {each["id"] for each in crms.state(crm)["leads"] if each["owner"] == "ae-2"} for crm in CRMS}
    _, ordinary_calls = asked(crms)
    crms.change("roster.yaml", without_ae_2)
    plans, calls = asked(crms)
    for crm, plan in plans.items():
        assert plan["counts"]["decided"] == LEADS
        assert calls[crm] == ordinary_calls[crm]
        assert any("roster has changed" in note and "from what is stored" in note for note in plan["notes"])
        assert len(handed[crm]) == COPIES
        assert set(plan["changes"]) == handed[crm], "only the leads of the person who is gone get a new owner"


@pytest.mark.breadth
def test_a_changed_mapping_reads_everything_again(crms: Rehearsal) -> None:
    for crm in CRMS:
        crms.edit(crm, leads=[{"id": "lead-1", "attributes": {"goals": "strong"}}])
    run(crms)
    _, ordinary_calls = asked(crms)
    for crm in CRMS:

        def take_goals_for_interest(mapping: Any) -> None:
            mapping["facts"]["interest"]["field"] = mapping["facts"]["goals"]["field"]

        crms.change(f"mappings/{crm}.yaml", take_goals_for_interest)
    plans, calls = asked(crms)
    for crm, plan in plans.items():
        assert plan["counts"]["read"] == plan["counts"]["decided"] == LEADS
        assert plan["counts"]["activities_read"] == ACTIVITIES
        assert calls[crm] != ordinary_calls[crm]
        assert any("mapping has changed: all records are read again" in note for note in plan["notes"])
        assert not any("policy has changed" in note or "roster has changed" in note for note in plan["notes"])
        (lead, change), *others = plan["changes"].items()
        assert (lead, change["stage"]["after"], others) == ("lead-1", "sql", [])
    run(crms)
    again, calls = asked(crms)
    for crm, plan in again.items():
        assert plan["changes"] == {}
        assert not told_of_changes(plan)
        assert calls[crm].total() <= ordinary_calls[crm].total()


def told_of_changes(plan: Mapping[str, Any]) -> list[str]:
    """Notes on changed files."""
    return [note for note in plan["notes"] if "has changed" in note]


# People


@pytest.mark.breadth
def test_what_people_changed_is_left_alone_for_the_policys_days(crms: Rehearsal) -> None:
    run(crms)
    for crm in CRMS:
        assert crms.lead(crm, "sqo-1")["stage"] == NATIVE[crm]["sqo"]
        crms.edit(
            crm,
            by="ae-1",
            leads=[
                {"id": "sqo-1", "stage": NATIVE[crm]["mql"]},  # back to where it came from
                {"id": "sql-1", "owner": "bdr-2"},  # to somebody who receives no hand-offs
                {"id": "mql-1", "stage": NATIVE[crm]["sal"]},  # on, without evidence
            ],
        )
    last = {crm: crms.last_write(crm) for crm in CRMS}
    seen = run(crms)
    for crm, plan in seen.items():
        assert plan["changes"] == {}
        assert crms.writes(crm, last[crm]) == []
    day = date.fromisoformat(seen["salesforce"]["as_of"])
    for days in (1, 14):
        for plan in run(crms, "--dry-run", "--as-of", str(day + timedelta(days=days))).values():
            assert plan["changes"] == {}, f"after {days} days"
    for crm, plan in run(crms, "--dry-run", "--as-of", str(day + timedelta(days=15))).items():
        assert set(plan["changes"]) == {"sqo-1", "sql-1"}
        assert plan["changes"]["sqo-1"]["stage"] == {"before": "mql", "after": "sqo"}
        assert plan["changes"]["sqo-1"]["owner"] is None, "an AE has it already"
        aes = {crms.native(crm, "users")[user] for user in ("ae-1", "ae-2")}
        assert plan["changes"]["sql-1"]["owner"]["after"] in aes
        assert plan["changes"]["sql-1"]["stage"] is None


def meanwhile(here: Rehearsal, paths: Mapping[str, str], happens: Callable[[str], None], *, code: int) -> Plans:
    """Run both connections; what happens to each CRM happens when the run is about to send a call to its `path`."""
    run(here, "--dry-run")
    with here.meanwhile(paths, happens):
        done = here.crmsync("run", "--format", "json")
    assert done.returncode == code, done.stderr
    for crm in CRMS:
        assert told_in(done.stderr, personal_data(here.state(crm))) == []
    assert "Traceback" not in done.stderr
    return by_connection(here, json.loads(done.stdout))


@pytest.mark.breadth
def test_leads_that_people_touch_between_plan_and_write(crms: Rehearsal) -> None:
    """Changed: a conflict. Moved just there by a person: unchanged. Deleted: set aside. The others are written."""

    def people_are_faster(crm: str) -> None:
        crms.edit(
            crm,
            by="bdr-2",
            leads=[
                {"id": "sqo-1", "stage": NATIVE[crm]["sal"]},
                {"id": "sql-2", "owner": "bdr-2"},
                {"id": "mql-1", "stage": NATIVE[crm]["mql"]},
                {"id": "lead-1", "stage": NATIVE[crm]["mql"]},  # crmsync does not want to change this one
            ],
        )
        crms.delete_lead(crm, "sal-1")

    plans = meanwhile(crms, READ_BY_ID, people_are_faster, code=4)
    for crm, plan in plans.items():
        outcomes = {lead: change.get("outcome") for lead, change in plan["changes"].items()}
        special = {"sqo-1": "conflict", "sql-2": "conflict", "mql-1": "unchanged", "sal-1": "refused"}
        assert {lead: outcomes[lead] for lead in special} == special
        others = [outcome for lead, outcome in outcomes.items() if lead not in special]
        assert set(others) == {"written"}
        assert len(others) == 6 * COPIES - len(special)
        assert set(plan["set_aside"]) == {"sqo-1", "sql-2", "sal-1"}
        assert plan["counts"]["set_aside"] == 3
        assert NATIVE[crm]["sal"] in plan["set_aside"]["sqo-1"], "it is told what is there now"
        assert "no longer in the CRM" in plan["set_aside"]["sal-1"]
        touched = {entry["id"] for entry in crms.writes(crm)}
        assert touched & {NATIVE_IDS[crms.urls[crm]][lead] for lead in special} == deleted_by_us(crms, crm)
        state = {lead["id"]: lead for lead in crms.state(crm)["leads"]}
        assert (state["sqo-1"]["stage"], state["sqo-1"]["owner"]) == (NATIVE[crm]["sal"], "bdr-1")
        assert (state["sql-2"]["stage"], state["sql-2"]["owner"]) == (NATIVE[crm]["lead"], "bdr-2")

    last = {crm: crms.last_write(crm) for crm in CRMS}
    for crm, plan in run(crms).items():
        assert plan["set_aside"] == {}
        assert plan["counts"]["leads"] == LEADS - 1
        # sql-2 is given its stage, and stays with the person it was given to; sqo-1 stays where it was put.
        assert {lead: (bool(c["stage"]), bool(c["owner"])) for lead, c in plan["changes"].items()} == {
            "sql-2": (True, False)
        }
        assert len(crms.writes(crm, last[crm])) == 1
    assert {plan["counts"]["changes"] for plan in run(crms).values()} == {0}


def deleted_by_us(here: Rehearsal, crm: str) -> set[str]:
    """The lead that the test deleted through the CRM's API, if the log tells deletions."""
    return {entry["id"] for entry in here.writes(crm) if entry["method"] == "DELETE"}


@pytest.mark.breadth
def test_a_write_that_the_crm_takes_back_is_told(crms: Rehearsal) -> None:
    """Salesforce: a trigger rewrites the status. HubSpot: a person has moved on, and stages do not go back."""
    crms.control("salesforce", "switches", "PUT", {"status_rewrites": {"Sales Accepted": "Nurturing"}})
    lead = {"salesforce": "sal-1", "hubspot": "sal-1"}

    def moves_on(crm: str) -> None:
        if crm == "hubspot":
            crms.edit(crm, by="ae-1", leads=[{"id": "sal-1", "stage": NATIVE[crm]["sqo"]}])

    plans = meanwhile(crms, WRITE, moves_on, code=4)
    unstuck = {"salesforce": {"sal-1", "sal-2"}, "hubspot": {"sal-1"}}
    for crm, plan in plans.items():
        outcomes = {lead: change["outcome"] for lead, change in plan["changes"].items()}
        assert {lead for lead, outcome in outcomes.items() if outcome == "did_not_stick"} == unstuck[crm]
        assert set(outcomes.values()) == {"written", "did_not_stick"}
        message = plan["changes"][lead[crm]]["message"]
        assert NATIVE[crm]["sal"] in message
        assert {"salesforce": "Nurturing", "hubspot": NATIVE[crm]["sqo"]}[crm] in message
    assert crms.lead("hubspot", "sal-1")["stage"] == NATIVE["hubspot"]["sqo"]
    plans = run(crms)
    assert plans["salesforce"]["changes"] == {}
    assert any("Status = Nurturing" in note for note in plans["salesforce"]["notes"])
    # What a person put at a hand-off stage is handed off; its stage stays.
    assert {lead: (c["stage"], bool(c["owner"])) for lead, c in plans["hubspot"]["changes"].items()} == {
        "sal-1": (None, True)
    }


def test_a_table_names_conflicts(crms: Rehearsal) -> None:
    """People read the table: outcome, reason and next step stand in it, too."""
    crms.control("salesforce", "switches", "PUT", {"status_rewrites": {"Sales Accepted": "Nurturing"}})
    done = crmsync("run", "salesforce", "--show", "0", cwd=crms.directory, env={"COLUMNS": "1000"})
    assert done.returncode == 4
    words = " ".join(done.stdout.split())
    assert "did not stick: Status should be Sales Accepted and is Nurturing" in words
    assert words.count("written") >= 6 * COPIES - 2


@pytest.mark.breadth
def test_a_run_does_what_the_dry_run_showed_for_a_changed_mapping(crms: Rehearsal) -> None:
    """What a mapping does not provide is unknown; once it is provided, having none of it is known, without news."""
    with crms.file("policy.yaml").open("a", encoding="utf-8") as policy:
        policy.write("criteria:\n  mql_evidence: {not: {activities: {kind: webinar, within_days: 30}}}\n")

    def provide(*kinds: str) -> Callable[[Any], None]:
        def change(mapping: Any) -> None:
            for activity in mapping["activities"]:
                activity["kind"][0]["values"] = {kind: kind for kind in kinds}

        return change

    crms.change("mappings/salesforce.yaml", provide("form_submission"))
    assert {lead for lead in run(crms, "salesforce")["salesforce"]["changes"] if lead.startswith("lead-")} == set()
    crms.change("mappings/salesforce.yaml", provide("form_submission", "webinar"))
    dry = run(crms, "salesforce", "--dry-run")["salesforce"]
    assert {"lead-1", "lead-2"} <= set(dry["changes"])
    real = run(crms, "salesforce")["salesforce"]
    assert real["digest"] == dry["digest"]
    assert set(real["changes"]) == set(dry["changes"])
    assert real["counts"]["decided"] == LEADS
    assert any("mapping has changed: every lead is decided anew" in note for note in real["notes"])
    assert not told_of_changes(run(crms, "salesforce", "--dry-run")["salesforce"])
