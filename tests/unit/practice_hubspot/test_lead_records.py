"""An import whose leads are records of the Leads object: each with its contact, owner and stage on the lead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crmsync_practice.reading import read_edit
from crmsync_practice.records import Activity, User

LEADS, CONTACTS = "/crm/v3/objects/leads", "/crm/v3/objects/contacts"
USERS = [User("ae-1", "person", "Ann", "ann@seller.example", ("ae",)), User("bdr-1", "person", "Ben", "b@s.example")]


@pytest.fixture
def portal(build, lead):
    held = {"industry": "Steel", "bdr": "ben"}
    leads = [
        lead(1, stage="mql", owner="ae-1", first_name="Ida", last_name="Lund", attributes=held),
        lead(2, stage={"hubspot": "UNQUALIFIED"}, owner="bdr-1"),
        lead(3, stage=None),
        lead(4, stage="94943286"),
        lead(5, stage="parked"),
    ]
    call = Activity(
        "a1", "L1", "call", leads[0].created_at + timedelta(days=1), "outbound", "connected", "bdr-1", "Hi"
    )
    form = Activity("a2", "L1", "form_submission", call.at, "inbound", None, None, "Contact us")
    return build(leads, [call, form], USERS, lead_object="leads")


def edit(portal: Any, **tables: list[dict[str, Any]]) -> None:
    """Somebody's edit in HubSpot's own screens."""
    portal.side.edit(read_edit(tables), None)


def by_name(portal: Any) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in portal.side.state()["leads"]}


def test_owner_and_stage_stand_on_the_lead_and_the_person_on_its_contact(portal) -> None:
    told = by_name(portal)
    assert {name: each["stage"] for name, each in told.items()} == {
        "L1": "1130041",
        "L2": "unqualified-stage-id",
        "L3": "new-stage-id",
        "L4": "1130044",
        "L5": "parked",
    }
    assert (told["L1"]["owner"], told["L1"]["attributes"]["industry"], told["L3"]["owner"]) == ("ae-1", "Steel", None)
    names = "hs_lead_name,hs_pipeline,hs_pipeline_stage,hubspot_owner_id"
    record = portal.ask(
        "GET", f"{LEADS}/{told['L1']['native_id']}", query=f"properties={names}&associations=contacts"
    )
    assert record["properties"]["hs_lead_name"] == "Ida Lund"
    assert record["properties"]["hs_pipeline"] == "lead-pipeline-id"
    [contact] = {each["id"] for each in record["associations"]["contacts"]["results"]}
    person = portal.ask(
        "GET", f"{CONTACTS}/{contact}", query="properties=firstname,industry,hubspot_owner_id,lifecyclestage"
    )
    held = person["properties"]
    assert (held["firstname"], held["industry"]) == ("Ida", "Steel")
    assert (held["hubspot_owner_id"], held["lifecyclestage"]) == (None, "lead")


def test_the_contact_of_a_lead_is_its_primary_one(portal) -> None:
    lead = by_name(portal)["L1"]["native_id"]
    told = portal.ask("POST", "/crm/v4/associations/leads/contacts/batch/read", {"inputs": [{"id": lead}]})
    [to] = told["results"][0]["to"]
    assert {(each["typeId"], each["label"]) for each in to["associationTypes"]} == {(578, "Primary"), (608, None)}


def test_the_stages_that_the_import_needs_are_in_the_pipeline(portal) -> None:
    [pipeline] = portal.ask("GET", "/crm/v3/pipelines/leads")["results"]
    labels = {stage["id"]: stage["label"] for stage in pipeline["stages"]}
    assert (labels["1130043"], labels["1130044"]) == ("Sales Qualified", "Sales Qualified Opportunity")
    assert labels["parked"] == "parked"
    assert labels["new-stage-id"] == "New"


def test_activities_belong_to_the_contact_and_are_told_of_the_lead(portal) -> None:
    told = {each["id"]: each["lead"] for each in portal.side.state()["activities"]}
    assert told == {"a1": "L1", "a2": "L1"}


def test_a_task_of_the_lead_alone_is_told_too(portal) -> None:
    lead = by_name(portal)["L2"]["native_id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 647}]
    body = {
        "properties": {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_task_subject": "Look"},
        "associations": [{"to": {"id": lead}, "types": types}],
    }
    portal.ask("POST", "/crm/v3/objects/tasks", body)
    told = {each["subject"]: each["lead"] for each in portal.side.state()["activities"]}
    assert told["Look"] == "L2"


def test_somebodys_edit_changes_the_lead_or_its_contact(portal) -> None:
    before = by_name(portal)
    edit(portal, leads=[{"id": "L1", "stage": "sql", "owner": "bdr-1", "last_name": "Berg"}])
    edit(portal, leads=[{"id": before["L3"]["native_id"], "attributes": {"industry": "Coal"}}])
    after = by_name(portal)
    assert (after["L1"]["stage"], after["L1"]["owner"], after["L1"]["last_name"]) == ("1130043", "bdr-1", "Berg")
    assert after["L3"]["attributes"]["industry"] == "Coal"
    assert after["L3"]["native_id"] == before["L3"]["native_id"]


def test_what_a_hand_off_is_kept_in_stands_on_the_lead(portal) -> None:
    before = by_name(portal)
    assert before["L1"]["attributes"] == {"industry": "Steel", "bdr": "ben"}
    edit(portal, leads=[{"id": "L1", "attributes": {"bdr": None}}, {"id": "L2", "attributes": {"bdr": "ann"}}])
    after = by_name(portal)
    assert (after["L1"]["attributes"], after["L2"]["attributes"]) == ({"industry": "Steel"}, {"bdr": "ann"})
    told = portal.ask("GET", f"{LEADS}/{after['L2']['native_id']}", query="properties=bdr")
    assert told["properties"]["bdr"] == "ann"
    assert "bdr" not in portal.side.portal.properties.live(portal.side.portal.types.named("contacts"))


def test_somebody_adds_a_lead_and_what_it_did(portal) -> None:
    edit(portal, leads=[{"id": "new", "email": "n@x.example", "last_name": "N", "stage": "sal", "owner": "ae-1"}])
    edit(portal, activities=[{"id": "n1", "lead": "new", "kind": "meeting", "at": "2026-11-20T10:00:00Z"}])
    assert by_name(portal)["new"]["stage"] == "1130042"
    told = {each["id"]: each["lead"] for each in portal.side.state()["activities"]}
    assert told["n1"] == "new"


def test_a_stage_that_the_pipeline_does_not_have_is_refused(portal) -> None:
    lead = by_name(portal)["L1"]["native_id"]
    status, text = portal.raw("PATCH", f"{LEADS}/{lead}", body=b'{"properties": {"hs_pipeline_stage": "no-such"}}')
    assert (status, b"INVALID_OPTION" in text) == (400, True)


def test_where_the_leads_live_is_told_to_whoever_writes_a_configuration(portal) -> None:
    assert portal.side.lead_object == "leads"
    assert portal.side.attribute_fields()["industry"] == ("contact.industry", "text")
    assert {"hs_pipeline_stage", "contact.jobtitle", "crmsync_fit"} <= portal.side.lead_fields()
