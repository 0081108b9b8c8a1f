"""The import comes back as it was, and a person's edits look like a person's."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

GENERIC = {
    "lead": "lead", "mql": "marketingqualifiedlead", "sal": "94943285", "sql": "salesqualifiedlead",
    "sqo": "94943286", "disqualified": "UNQUALIFIED",
}  # fmt: skip


def _rows(world: Path, name: str) -> dict[str, dict[str, Any]]:
    lines = (world / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def _by_id(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def _same_instant(one: str, other: str) -> bool:
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def test_the_import_round_trips(practice: Any, world: Path) -> None:
    state = practice.control("GET", "state")
    users = _by_id(state["users"])
    assert {name: {**user, "native_id": None} for name, user in users.items()} == {
        name: {**user, "native_id": None} for name, user in _rows(world, "users").items()
    }
    leads = _by_id(state["leads"])
    for name, given in _rows(world, "leads").items():
        got = leads.pop(name)
        for key in ("email", "first_name", "last_name", "company", "owner"):
            assert got[key] == given[key], (name, key)
        assert got["stage"] == GENERIC.get(given["stage"], given["stage"])
        assert got["attributes"] == {key: value for key, value in given["attributes"].items() if value is not None}
        assert {type(value) for value in got["attributes"].values()} <= {str, int, float, bool}
        assert _same_instant(got["created_at"], given["created_at"])
        assert _same_instant(got["modified_at"], given["modified_at"])
    assert leads == {}
    activities = _by_id(state["activities"])
    for name, given in _rows(world, "activities").items():
        got = activities.pop(name)
        for key in ("lead", "kind", "direction", "outcome", "by", "subject"):
            assert got[key] == given[key], (given, got)
        assert _same_instant(got["at"], given["at"])
    assert activities == {}


def test_same_import_same_native_world(serve: Callable[..., Any], world: Path) -> None:
    options = ("--import", str(world), "--today", "2026-11-20")
    one, other = serve(*options), serve(*options)
    assert one.control("GET", "state") == other.control("GET", "state")
    path = "/crm/v3/objects/notes?limit=100&associations=contacts&properties=hs_timestamp,activity_kind"
    first, second = (each.request("GET", path).json()["results"] for each in (one, other))
    assert first == second


def test_what_is_stored_natively(practice: Any) -> None:
    native = practice.native()
    shown = practice.request(
        "POST",
        "/crm/v3/objects/contacts/batch/read",
        json={
            "inputs": [{"id": native["L5"]}, {"id": native["L2"]}],
            "properties": ["lifecyclestage", "hs_lead_status", "jobtitle", "newsletter", "discount", "industry"],
        },
    ).json()["results"]
    props = {each["id"]: each["properties"] for each in shown}
    assert props[native["L5"]]["hs_lead_status"] == "UNQUALIFIED"
    assert props[native["L5"]]["newsletter"] is None and props[native["L2"]]["newsletter"] is None
    assert props[native["L2"]]["jobtitle"] == "Head of Ops" and props[native["L2"]]["discount"] == "12.5"
    newsletter = practice.request("GET", "/crm/v3/properties/contacts/newsletter").json()
    assert [option["value"] for option in newsletter["options"]] == ["true", "false"]
    urgency = practice.request("GET", "/crm/v3/properties/contacts/deal_urgency").json()
    assert urgency["type"] == "enumeration" and "hubspotDefined" not in urgency
    assert practice.request("GET", "/crm/v3/properties/contacts/goals").json()["type"] == "string"


def test_submissions_name_their_contact(practice: Any, world: Path) -> None:
    native = practice.native()
    given = [row for row in _rows(world, "activities").values() if row["kind"] == "form_submission"]
    found = []
    for form in practice.request("GET", "/marketing/v3/forms").json()["results"]:
        page = practice.request("GET", f"/form-integrations/v1/submissions/forms/{form['id']}?limit=50").json()
        times = [each["submittedAt"] for each in page["results"]]
        assert times == sorted(times, reverse=True)
        found += [{value["name"]: value["value"] for value in each["values"]} for each in page["results"]]
    assert sorted(each["hs_object_id"] for each in found) == sorted(native[row["lead"]] for row in given)
    outcomes = sorted(each.get("activity_outcome", "") for each in found)
    assert outcomes == sorted(row["outcome"] or "" for row in given)
    counted = practice.request(
        "GET", f"/crm/v3/objects/contacts/{native['L0']}?properties=num_conversion_events"
    ).json()
    mine = sum(row["lead"] == "L0" for row in given)
    assert counted["properties"]["num_conversion_events"] == str(mine)


def test_a_persons_edit_shows_who_and_when(practice: Any) -> None:
    practice.control("PUT", "clock", json={"now": "2026-11-21T12:00:00Z"})
    answer = practice.edit(
        by="u-ada",
        users=[{"id": "u-bo", "active": False}],
        leads=[
            {"id": "L4", "stage": "mql", "owner": "u-ada", "attributes": {"deal_urgency": "extreme", "fresh": 1}},
            {"id": "L99", "email": "l99@x.example", "stage": "sql", "created_at": "2026-11-01T00:00:00Z"},
        ],
        activities=[
            {"id": "A900", "outcome": "completed"},
            {"id": "A9001", "lead": "L4", "kind": "call", "at": "2026-11-21T11:00:00Z", "outcome": "connected"},
            {"id": "A9002", "lead": "L99", "kind": "form_submission", "at": "2026-11-21T11:30:00Z"},
        ],
    )
    assert answer == {"users": 1, "leads": 2, "activities": 3}
    state = practice.control("GET", "state")
    leads, activities = _by_id(state["leads"]), _by_id(state["activities"])
    assert leads["L4"]["stage"] == "marketingqualifiedlead" and leads["L4"]["owner"] == "u-ada"
    assert leads["L4"]["attributes"]["deal_urgency"] == "extreme" and leads["L4"]["attributes"]["fresh"] == 1
    assert leads["L4"]["first_name"] == "First4"
    assert leads["L99"]["stage"] == "salesqualifiedlead" and _same_instant(
        leads["L99"]["created_at"], "2026-11-01T00:00:00Z"
    )
    assert activities["A900"]["outcome"] == "completed" and activities["A900"]["kind"] == "meeting"
    assert activities["A9001"]["outcome"] == "connected" and activities["A9002"]["lead"] == "L99"
    shown = practice.request(
        "GET",
        f"/crm/v3/objects/contacts/{leads['L4']['native_id']}",
        params={"properties": "notes_last_contacted,lastmodifieddate", "propertiesWithHistory": "lifecyclestage"},
    ).json()
    assert shown["properties"]["lastmodifieddate"] == "2026-11-21T12:00:00.000Z"
    assert shown["properties"]["notes_last_contacted"] == "2026-11-21T11:00:00.000Z"
    newest = shown["propertiesWithHistory"]["lifecyclestage"][0]
    assert newest["sourceType"] == "CRM_UI" and newest["sourceId"] == f"userId:{newest['updatedByUserId']}"
    archived = practice.request("GET", "/crm/v3/owners?archived=true").json()["results"]
    assert "bo@firm.example" in {owner["email"] for owner in archived}
    assert practice.control("GET", "log") == []


def test_every_contact_has_properties_for_its_hand_off_that_are_empty_at_first(practice: Any) -> None:
    given = {"bdr": "u-ada", "hand_off_response": "returned", "hand_off_return_reason": "no budget"}
    for name in given:
        definition = practice.request("GET", f"/crm/v3/properties/contacts/{name}").json()
        assert (definition["type"], definition.get("hubspotDefined")) == ("string", None)
    leads = practice.control("GET", "state")["leads"]
    assert not [name for lead in leads for name in lead["attributes"] if name in given]
    practice.edit(leads=[{"id": "L4", "attributes": given}])
    after = _by_id(practice.control("GET", "state")["leads"])["L4"]
    assert {name: after["attributes"][name] for name in given} == given
    path = f"/crm/v3/objects/contacts/{after['native_id']}?properties={','.join(given)}"
    properties = practice.request("GET", path).json()["properties"]
    assert {name: properties[name] for name in given} == given


def test_an_activity_can_change_its_kind_and_lead(practice: Any) -> None:
    practice.edit(activities=[{"id": "A1", "kind": "call", "outcome": "no_answer", "lead": "L3"}])
    practice.edit(activities=[{"id": "A2", "kind": "form_submission"}, {"id": "A100", "lead": "L7"}])
    activities = _by_id(practice.control("GET", "state")["activities"])
    assert (activities["A1"]["kind"], activities["A1"]["outcome"], activities["A1"]["lead"]) == (
        "call",
        "no_answer",
        "L3",
    )
    assert activities["A2"]["kind"] == "form_submission" and activities["A100"]["lead"] == "L7"
    assert len(activities) == len(practice.control("GET", "state")["activities"])


def test_disqualified_and_back_by_hand(practice: Any) -> None:
    practice.edit(leads=[{"id": "L3", "stage": "disqualified"}])
    lead = _by_id(practice.control("GET", "state")["leads"])["L3"]
    assert lead["stage"] == "UNQUALIFIED" and lead["native"]["lifecyclestage"] == "salesqualifiedlead"
    practice.edit(leads=[{"id": "L3", "stage": "mql"}])
    lead = _by_id(practice.control("GET", "state")["leads"])["L3"]
    assert lead["stage"] == "marketingqualifiedlead" and lead["native"]["hs_lead_status"] is None


@pytest.mark.parametrize(
    "payload",
    [
        {"leads": [{"id": "L1", "owner": "nobody"}]},
        {"activities": [{"id": "fresh", "kind": "call"}]},
        {"activities": [{"id": "A1", "lead": "nobody"}]},
        {"by": "nobody"},
        {"leads": [{"id": "L1", "email": "kept@x.example"}, {"id": "L2", "owner": "nobody"}]},
    ],
)
def test_an_edit_that_cannot_be_is_undone_whole(practice: Any, payload: dict[str, Any]) -> None:
    import requests

    before = practice.control("GET", "state")
    refused = requests.post(f"{practice.url}/_practice/edit", json=payload, timeout=300)
    assert refused.status_code == 400
    assert practice.control("GET", "state") == before


def test_a_database_file_is_reopened_as_it_stands(serve: Callable[..., Any], world: Path, tmp_path: Path) -> None:
    file = tmp_path / "practice.sqlite"
    first = serve("--import", str(world), "--today", "2026-11-20", "--db", str(file))
    contact = first.native()["L0"]
    first.request("PATCH", f"/crm/v3/objects/contacts/{contact}", json={"properties": {"firstname": "Kept"}})
    made = first.request("POST", "/crm/v3/objects/contacts", json={"properties": {"email": "k@x.example"}}).json()
    before = first.control("GET", "state")
    again = serve("--import", str(world), "--today", "2026-11-20", "--db", str(file))
    assert again.control("GET", "state") == before
    assert made["id"] in {lead["id"] for lead in before["leads"]}
    fresh = again.request("POST", "/crm/v3/objects/contacts", json={"properties": {"email": "k2@x.example"}}).json()
    assert int(fresh["id"]) == int(made["id"]) + 1


def test_contacts_of_both_zones_keep_their_local_day(serve: Callable[..., Any], world: Path) -> None:
    practice = serve("--import", str(world), "--today", "2026-11-20", "--timezone", "Pacific/Auckland")
    details = practice.request("GET", "/account-info/v3/details").json()
    assert details["timeZone"] == "Pacific/Auckland" and details["utcOffset"] in ("+13:00", "+12:00")
