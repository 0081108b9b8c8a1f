"""Edits by the control API: partial, attributed, stamped, all or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crmsync_practice.generate import generate_world

from .conftest import TODAY, InProcess


@pytest.fixture
def own() -> InProcess:
    """An org of the test's own, on the day on which its world was made: after a year tasks are put away."""
    made = InProcess(generate_world(30, 2, TODAY, "UTC"))
    assert made.call("PUT", "/_practice/clock", json.dumps({"now": f"{TODAY}T12:00:00Z"}).encode()).status == 200
    return made


def edit(org: InProcess, **payload: Any) -> Any:
    answer = org.call("POST", "/_practice/edit", json.dumps(payload).encode())
    return answer.status, answer.json()


def state(org: InProcess, table: str, record_id: str) -> Any:
    everything = org.call("GET", "/_practice/state").json()
    return next(each for each in everything[table] if each["id"] == record_id)


def test_only_what_is_named_changes_and_the_editor_is_known(own: InProcess) -> None:
    before = state(own, "leads", "lead-000003")
    own.context.clock.set(own.context.clock.now().replace(year=2031))
    assert (
        edit(
            own, by="user-greta-fischer", leads=[{"id": "lead-000003", "stage": "New", "attributes": {"need": None}}]
        )[0]
        == 200
    )
    after = state(own, "leads", "lead-000003")
    assert after.pop("modified_at").startswith("2031") and before.pop("modified_at")
    before["attributes"].pop("need", None)
    assert after == {**before, "stage": "New"}
    (row,) = own.query(
        f"SELECT LastModifiedBy.Name, SystemModstamp, LastModifiedDate FROM Lead WHERE Id = '{after['native_id']}'"
    )
    assert row["LastModifiedBy"]["Name"] == "Greta Fischer"
    assert row["SystemModstamp"] == row["LastModifiedDate"]
    assert own.call("GET", "/_practice/log").json() == []


def test_new_records_of_every_table(own: InProcess) -> None:
    status, counts = edit(
        own,
        users=[
            {"id": "new-user", "type": "person", "name": "New Person", "roles": ["ae"], "email": "n@firm.example"}
        ],
        leads=[{"id": "new-lead", "last_name": "L", "owner": "new-user", "attributes": {"brand_new": 4.5}}],
        activities=[
            {"id": "new-act", "lead": "new-lead", "kind": "demo", "at": "2026-11-20T09:00:00Z", "by": "new-user"}
        ],
    )
    assert (status, counts) == (200, {"users": 1, "leads": 1, "activities": 1})
    assert state(own, "users", "new-user")["active"] is True
    assert state(own, "leads", "new-lead")["attributes"] == {"brand_new": 4.5}
    assert state(own, "activities", "new-act")["kind"] == "demo"
    assert own.query("SELECT Id FROM Lead WHERE Brand_New__c > 4")
    assert edit(own, users=[{"id": "new-user", "active": False}])[0] == 200
    changed = state(own, "users", "new-user")
    assert (changed["active"], changed["name"]) == (False, "New Person")
    assert edit(own, activities=[{"id": "new-act", "outcome": "completed"}])[0] == 200
    assert state(own, "activities", "new-act")["outcome"] == "completed"


def test_a_lead_can_be_named_by_its_native_id_and_end_in_three_ways(own: InProcess) -> None:
    first, second, third = (state(own, "leads", f"lead-00000{n}") for n in (1, 2, 3))
    assert edit(own, leads=[{"id": first["native_id"], "deleted": True}])[0] == 200
    assert edit(own, leads=[{"id": second["id"], "merged_into": third["id"]}])[0] == 200
    assert edit(own, leads=[{"id": third["id"], "converted": True}])[0] == 200
    left = {each["id"] for each in own.call("GET", "/_practice/state").json()["leads"]}
    assert not {first["id"], second["id"]} & left and third["id"] in left
    rows = own.query(
        "SELECT Id, IsDeleted, IsConverted, MasterRecordId FROM Lead ORDER BY Id LIMIT 3", everything=True
    )
    assert [row["IsDeleted"] for row in rows] == [True, True, False]
    assert rows[2]["IsConverted"] and rows[0]["MasterRecordId"] is None
    assert rows[1]["MasterRecordId"] == third["native_id"]


@pytest.mark.parametrize(
    "payload",
    [
        {"leads": [{"stage": "no id"}]},
        {"leads": [{"id": "lead-000001", "owner": "nobody"}]},
        {"leads": [{"id": "lead-000001", "stage": 3}]},
        {"leads": [{"id": "lead-000001", "attributes": {"employees": "many"}}]},
        {"activities": [{"id": "x", "lead": "lead-000001", "kind": "call"}]},
        {"activities": [{"id": "x", "lead": "nobody", "kind": "call", "at": "2026-01-01T00:00:00Z"}]},
        {"activities": [{"id": "x", "lead": "lead-000001", "kind": "call", "at": "2026-01-01T00:00:00"}]},
        {"users": [{"id": "x", "type": "robot"}]},
        {"by": "nobody", "leads": []},
        [],
    ],
)
def test_a_bad_edit_is_refused_whole(own: InProcess, payload: Any) -> None:
    before = own.call("GET", "/_practice/state").body
    if isinstance(payload, dict) and payload.get("leads"):
        payload["leads"].insert(0, {"id": "lead-000002", "stage": "Half done"})
    answer = own.call("POST", "/_practice/edit", json.dumps(payload).encode())
    assert answer.status == 400 and answer.json()["error"]
    assert own.call("GET", "/_practice/state").body == before


HAND_OFF = {
    "bdr": "Bdr__c",
    "hand_off_response": "Hand_Off_Response__c",
    "hand_off_return_reason": "Hand_Off_Return_Reason__c",
}


def test_every_lead_has_fields_for_its_hand_off_that_are_empty_at_first(own: InProcess) -> None:
    names = ", ".join(HAND_OFF.values())
    rows = own.query(f"SELECT Id, {names} FROM Lead")
    assert {row[name] for row in rows for name in HAND_OFF.values()} == {None}
    described = own.call("GET", "/services/data/v62.0/sobjects/Lead/describe").json()["fields"]
    assert {each["type"] for each in described if each["name"] in HAND_OFF.values()} == {"string"}
    leads = own.call("GET", "/_practice/state").json()["leads"]
    assert not [name for each in leads for name in each["attributes"] if name in HAND_OFF]
    given = {"bdr": "user-greta-fischer", "hand_off_response": "returned", "hand_off_return_reason": "no budget"}
    assert edit(own, leads=[{"id": "lead-000003", "attributes": given}])[0] == 200
    after = state(own, "leads", "lead-000003")
    assert {name: after["attributes"][name] for name in HAND_OFF} == given
    (row,) = own.query(f"SELECT {names} FROM Lead WHERE Id = '{after['native_id']}'")
    assert {attribute: row[name] for attribute, name in HAND_OFF.items()} == given


def test_a_task_that_a_client_made_is_completed_when_it_is_closed(own: InProcess) -> None:
    lead = state(own, "leads", "lead-000003")["native_id"]
    body = {"Subject": "Call the lead", "WhoId": lead, "ActivityDate": "2098-12-24", "Priority": "High"}
    path = "/services/data/v62.0/sobjects/Task"
    task = own.call("POST", path, json.dumps(body).encode()).json()["id"]
    made = state(own, "activities", task)
    assert (made["kind"], made["lead"], made["outcome"]) == ("task", "lead-000003", "open")
    own.call("PATCH", f"{path}/{task}", json.dumps({"Status": "Completed"}).encode())
    assert state(own, "activities", task)["outcome"] == "completed"
    own.call("PATCH", f"{path}/{task}", json.dumps({"Status": "In Progress"}).encode())
    assert state(own, "activities", task)["outcome"] == "open"


def test_a_person_completes_a_task_before_it_is_due(own: InProcess) -> None:
    lead = state(own, "leads", "lead-000003")["native_id"]
    body = {"Subject": "Call the lead", "WhoId": lead, "ActivityDate": "2098-12-24", "Priority": "High"}
    task = own.call("POST", "/services/data/v62.0/sobjects/Task", json.dumps(body).encode()).json()["id"]
    assert edit(own, activities=[{"id": task, "outcome": "completed"}])[0] == 200
    (row,) = own.query(f"SELECT Status, IsClosed, Priority, ActivityDate FROM Task WHERE Id = '{task}'")
    row.pop("attributes")
    assert row == {"Status": "Completed", "IsClosed": True, "Priority": "High", "ActivityDate": "2098-12-24"}
    assert state(own, "activities", task)["outcome"] == "completed"


def test_an_imported_task_that_is_closed_without_an_outcome_stays_without(own: InProcess) -> None:
    (closed,) = own.query(
        "SELECT Id FROM Task WHERE IsClosed = true AND TaskSubtype = 'Task' AND Type = null LIMIT 1"
    )
    shown = own.call("GET", "/_practice/state").json()["activities"]
    assert [each["outcome"] for each in shown if each["native_id"] == closed["Id"]] == [None]
