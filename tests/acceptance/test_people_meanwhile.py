"""People who edit leads while a run goes on, in each of its windows: nobody is overwritten unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from forging import Passing, forged
from rehearsal import CRMS, READ_BY_ID, WRITE, Rehearsal, rehearsal
from small_world import small_world

from suite.breadth import broadly

COPIES = 3
PERSON = "bdr-2"
both = pytest.mark.parametrize("crm", CRMS)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Rehearsal]:
    """Both practice CRMs with the small world."""
    with rehearsal(tmp_path / "own", "--import", str(small_world(tmp_path / "world", COPIES))) as crms:
        yield crms


def plan_of(here: Rehearsal, crm: str, *options: str, code: int) -> Mapping[str, Any]:
    """A run's plan for one connection."""
    [plan] = here.json("run", crm, *options, code=code)["plans"]
    return dict(plan)


def owners(here: Rehearsal, crm: str) -> dict[str, str | None]:
    """Import id → owner."""
    return {lead["id"]: lead["owner"] for lead in here.state(crm)["leads"]}


def planned(here: Rehearsal, crm: str, what: str) -> dict[str, str]:
    """Import id → native id of the leads whose `stage` or `owner` a run would change."""
    changed = {change["lead"] for change in plan_of(here, crm, "--dry-run", code=0)["changes"] if change[what]}
    return {lead: native for lead, native in here.native(crm).items() if native in changed}


@pytest.mark.parametrize("window", broadly(["before the look", "between look and write"]))
@both
def test_a_person_who_takes_leads_keeps_them(own: Rehearsal, crm: str, window: str) -> None:
    leads = planned(own, crm, "owner")
    taken = sorted(leads)[::2]
    before = {lead["id"]: lead["stage"] for lead in own.state(crm)["leads"]}

    def takes(_: str) -> None:
        own.edit(crm, by=PERSON, leads=[{"id": lead, "owner": PERSON} for lead in taken])

    paths = {"before the look": READ_BY_ID, "between look and write": WRITE}[window]
    with own.meanwhile({crm: paths[crm]}, takes):
        plan = plan_of(own, crm, code=4)
    ends = {change["lead"]: change for change in plan["changes"]}
    held = owners(own, crm)
    assert len(taken) >= COPIES
    assert {held[lead] for lead in taken} == {PERSON}
    assert {ends[leads[lead]]["outcome"] for lead in taken} == {"conflict"}
    assert all("somebody else" in ends[leads[lead]]["message"] for lead in taken)
    stages = {lead["id"]: lead["stage"] for lead in own.state(crm)["leads"]}
    assert {lead: stages[lead] for lead in taken} == {lead: before[lead] for lead in taken}, "given back as a whole"
    assert {ends[native]["outcome"] for lead, native in leads.items() if lead not in taken} == {"written"}
    plan_of(own, crm, code=0)
    assert {owners(own, crm)[lead] for lead in taken} == {PERSON}, "and is not fought later"
    assert plan_of(own, crm, "--dry-run", code=0)["changes"] == []


@both
def test_a_person_who_moves_a_stage_between_look_and_write_is_not_overwritten(own: Rehearsal, crm: str) -> None:
    parked = {"salesforce": "Nurturing", "hubspot": "customer"}[crm]
    moved = "mql-1"
    leads = planned(own, crm, "stage")

    def moves(_: str) -> None:
        own.edit(crm, by=PERSON, leads=[{"id": moved, "stage": parked}])

    with own.meanwhile({crm: WRITE[crm]}, moves):
        plan = plan_of(own, crm, code=4)
    [end] = [change for change in plan["changes"] if change["lead"] == leads[moved]]
    assert end["outcome"] in {"conflict", "did_not_stick"}
    assert own.lead(crm, moved)["stage"] == parked
    assert parked in end["message"]


@pytest.mark.breadth
@both
def test_a_person_who_edits_after_the_write_is_seen_or_comes_with_the_next_pull(own: Rehearsal, crm: str) -> None:
    taken = min(planned(own, crm, "owner"))
    answered = own.crmsync("run", crm, "--format", "json")
    assert answered.returncode == 0, answered.stderr
    assert {change["outcome"] for change in json.loads(answered.stdout)["plans"][0]["changes"]} == {"written"}
    own.edit(crm, by=PERSON, leads=[{"id": taken, "owner": PERSON}])
    plan_of(own, crm, code=0)
    assert own.lead(crm, taken)["owner"] == PERSON


@pytest.mark.breadth
def test_a_person_who_edits_between_write_and_reading_back_is_no_rule_of_the_crm(own: Rehearsal) -> None:
    """HubSpot's history says who has replaced what was written."""
    leads = planned(own, "hubspot", "owner")
    taken = sorted(leads)[::2]
    edited = []

    def takes(passing: Passing) -> None:
        if "batch/update" in passing.path and not edited:
            edited.append(own.edit("hubspot", by=PERSON, leads=[{"id": lead, "owner": PERSON} for lead in taken]))

    with forged(own, "hubspot", takes):
        plan = plan_of(own, "hubspot", code=4)
    ends = {change["lead"]: change for change in plan["changes"]}
    assert {ends[leads[lead]]["outcome"] for lead in taken} == {"conflict"}
    words = "a person has set it after crmsync had written it: CRM_UI"
    assert all(words in ends[leads[lead]]["message"] for lead in taken)
    assert {ends[native]["outcome"] for lead, native in leads.items() if lead not in taken} == {"written"}
    plan_of(own, "hubspot", code=0)
    assert {owners(own, "hubspot")[lead] for lead in taken} == {PERSON}


@pytest.mark.breadth
@pytest.mark.parametrize(
    ("stage", "owner"),
    [("lead", None), ("opportunity", None), (None, PERSON)],
    ids=["an earlier stage", "a later stage", "an owner"],
)
def test_a_person_who_edits_between_clearing_and_setting_keeps_what_they_set(
    own: Rehearsal, stage: str | None, owner: str | None
) -> None:
    """A step back takes two writes in HubSpot: between them the lifecycle stage is empty, and anybody may fill it."""
    own.edit("hubspot", leads=[{"id": "sqo-1", "stage": "marketingqualifiedlead"}])
    [run] = own.json("run", "hubspot")["plans"]
    assert {change["outcome"] for change in run["changes"]} == {"written"}
    native = own.native("hubspot")["sqo-1"]
    edit = {"id": "sqo-1", **({"stage": stage} if stage else {"owner": owner})}
    edited = []

    def edits(passing: Passing) -> None:
        clears = b'"lifecyclestage": ""' in passing.asked or b'"lifecyclestage":""' in passing.asked
        if "batch/update" in passing.path and clears and not edited:
            edited.append(own.edit("hubspot", by=PERSON, leads=[edit]))

    with forged(own, "hubspot", edits):
        [undo] = own.json("undo", str(run["bound_to"]["run"]), code=4)["plans"]
    assert edited, "the stage is cleared first"
    [end] = [change for change in undo["changes"] if change["lead"] == native]
    # A later stage than ours does not let ours through: nothing is written over, and nothing is given back.
    assert end["outcome"] == "conflict", end
    assert (f"is {stage} (a person has set it" if stage == "opportunity" else "given it back") in end["message"]
    lead = own.lead("hubspot", "sqo-1")
    assert (lead["stage"] if stage else lead["owner"]) == (stage or owner)
    before = own.last_write("hubspot")
    own.json("run", "hubspot")
    kept = own.lead("hubspot", "sqo-1")
    assert (kept["stage"], kept["owner"]) == (lead["stage"], lead["owner"]), "and is not fought later"
    assert native not in {entry["id"] for entry in own.writes("hubspot", before)}
