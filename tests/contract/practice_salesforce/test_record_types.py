"""Record types of leads: rows, parents in SOQL, describe, layouts, picklists, and what a save makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import SalesforceMalformedRequest

from .conftest import start, stop

OFF = {"Sforce-Auto-Assign": "FALSE"}
MASTER = "012000000000000AAA"
TYPES = [
    {
        "developer_name": "Partner",
        "name": "Partner lead",
        "picklists": {"Status": ["Sales Accepted", "Sales Qualified"], "Rating": ["Hot"]},
    },
    {"developer_name": "Old_Type", "active": False},
    {"developer_name": "Other_Team", "available": False},
]


@pytest.fixture
def typed(fresh: Any) -> Any:
    """A small org with three record types of leads."""
    fresh.switch(record_types=TYPES)
    return fresh


def type_ids(org: Any) -> dict[str, str]:
    rows = org.query("SELECT Id, DeveloperName FROM RecordType WHERE SobjectType = 'Lead'")
    return {row["DeveloperName"]: row["Id"] for row in rows}


def made(org: Any, **fields: Any) -> dict[str, Any]:
    client = org.client()
    record_id = client.Lead.create({"LastName": "New", "Company": "C", **fields}, headers=OFF)["id"]
    return dict(client.Lead.get(record_id))


def test_an_org_without_record_types_has_only_the_master_type(fresh: Any) -> None:
    client = fresh.client()
    assert fresh.query("SELECT Id FROM RecordType") == []
    described = client.Lead.describe()
    assert "RecordTypeId" not in {field["name"] for field in described["fields"]}
    (master,) = described["recordTypeInfos"]
    assert (master["recordTypeId"], master["master"], master["defaultRecordTypeMapping"]) == (MASTER, True, True)
    with pytest.raises(SalesforceMalformedRequest, match="No such column 'RecordTypeId'"):
        client.query("SELECT RecordTypeId FROM Lead")


def test_record_types_are_rows_and_parents(typed: Any) -> None:
    rows = typed.query("SELECT Name, DeveloperName, SobjectType, IsActive FROM RecordType ORDER BY DeveloperName")
    assert [(row["DeveloperName"], row["Name"], row["SobjectType"], row["IsActive"]) for row in rows] == [
        ("Old_Type", "Old_Type", "Lead", False),
        ("Other_Team", "Other_Team", "Lead", True),
        ("Partner", "Partner lead", "Lead", True),
    ]
    partner = type_ids(typed)["Partner"]
    assert partner.startswith("012") and len(partner) == 18
    lead = made(typed, RecordTypeId=partner)
    assert lead["RecordTypeId"] == partner
    found = typed.query(
        "SELECT Id, RecordTypeId, RecordType.DeveloperName, RecordType.Name FROM Lead "
        "WHERE RecordType.DeveloperName = 'Partner'"
    )
    assert [(row["Id"], row["RecordTypeId"]) for row in found] == [(lead["Id"], partner)]
    assert found[0]["RecordType"]["attributes"]["type"] == "RecordType"
    assert (found[0]["RecordType"]["DeveloperName"], found[0]["RecordType"]["Name"]) == ("Partner", "Partner lead")
    (other,) = typed.query("SELECT RecordTypeId, RecordType.Name FROM Lead WHERE RecordTypeId = null LIMIT 1")
    assert other["RecordTypeId"] is None and other["RecordType"] is None


def test_describe_names_them_with_the_user_s_rights(typed: Any) -> None:
    described = typed.client().Lead.describe()
    field = next(field for field in described["fields"] if field["name"] == "RecordTypeId")
    assert (field["type"], field["referenceTo"], field["relationshipName"]) == (
        "reference",
        ["RecordType"],
        "RecordType",
    )
    ids = type_ids(typed)
    infos = {each["developerName"]: each for each in described["recordTypeInfos"]}
    assert list(infos) == ["Partner", "Old_Type", "Other_Team", "Master"]
    assert {name: each["recordTypeId"] for name, each in infos.items()} == {**ids, "Master": MASTER}
    assert [each["available"] for each in infos.values()] == [True, False, False, True]
    assert [each["active"] for each in infos.values()] == [True, False, True, True]
    assert [each["defaultRecordTypeMapping"] for each in infos.values()] == [False, False, False, True]
    assert infos["Partner"]["urls"]["layout"].endswith(f"/sobjects/Lead/describe/layouts/{ids['Partner']}")
    layout = typed.request("GET", infos["Partner"]["urls"]["layout"])
    assert layout.status_code == 200
    assert layout.json()["detailLayoutSections"][0]["layoutRows"]


def test_a_cached_describe_is_renewed_when_the_schema_changes(fresh: Any) -> None:
    path = "sobjects/Lead/describe"
    known = fresh.request("GET", path).headers["Last-Modified"]
    assert fresh.request("GET", path, headers={"If-Modified-Since": known}).status_code == 304
    fresh.switch(record_types=TYPES)
    changed = fresh.request("GET", path, headers={"If-Modified-Since": known})
    assert changed.status_code == 200 and len(changed.json()["recordTypeInfos"]) == 4
    again = fresh.request("GET", path, headers={"If-Modified-Since": changed.headers["Last-Modified"]})
    assert again.status_code == 304


def test_layouts_and_the_ui_api_tell_each_types_picklists(typed: Any) -> None:
    ids = type_ids(typed)
    layouts = typed.request("GET", "sobjects/Lead/describe/layouts").json()
    assert layouts["layouts"] is None and layouts["recordTypeSelectorRequired"] == [True]
    mappings = {each["developerName"]: each for each in layouts["recordTypeMappings"]}
    ratings = {
        name: [
            value["value"]
            for picklist in each["picklistsForRecordType"]
            if picklist["picklistName"] == "Rating"
            for value in picklist["picklistValues"]
        ]
        for name, each in mappings.items()
    }
    assert ratings["Partner"] == ["Hot"] and ratings["Master"] == ["Hot", "Warm", "Cold"]
    path = f"ui-api/object-info/Lead/picklist-values/{ids['Partner']}"
    fields = typed.request("GET", path).json()["picklistFieldValues"]
    status = fields["Status"]
    assert [each["value"] for each in status["values"]] == ["Sales Accepted", "Sales Qualified"]
    assert status["defaultValue"]["value"] == "Sales Accepted" and status["controllerValues"] == {}
    assert typed.request("GET", f"{path}/Status").json() == status
    assert typed.request("GET", f"{path}/LastName").status_code == 404
    assert typed.request("GET", "ui-api/object-info/Lead/picklist-values/012Kp0000000ZZZ").status_code == 404
    master = typed.request("GET", f"ui-api/object-info/Lead/picklist-values/{MASTER}/Status").json()
    assert master["defaultValue"]["value"] == "Open - Not Contacted" and len(master["values"]) == 8
    account = typed.request("GET", "sobjects/Account/describe/layouts").json()
    assert len(account["layouts"]) == 1 and account["recordTypeSelectorRequired"] == [False]


def test_a_new_lead_gets_the_default_type_and_its_first_status(typed: Any) -> None:
    plain = made(typed)
    assert plain["RecordTypeId"] is None and plain["Status"] == "Open - Not Contacted"
    typed.switch(record_types=[{**TYPES[0], "default": True}])
    partner = type_ids(typed)["Partner"]
    fallen = made(typed)
    assert fallen["RecordTypeId"] == partner and fallen["Status"] == "Sales Accepted"
    master = made(typed, RecordTypeId=MASTER)
    assert master["RecordTypeId"] is None and master["Status"] == "Open - Not Contacted"


def test_a_type_that_the_user_may_not_choose_is_refused(typed: Any) -> None:
    ids = type_ids(typed)
    lead = typed.lead()
    for wrong in (ids["Old_Type"], ids["Other_Team"], "012Kp0000000ZZZAA0"[:15]):
        answer = typed.request("PATCH", f"sobjects/Lead/{lead['Id']}", json={"RecordTypeId": wrong}, headers=OFF)
        assert answer.status_code == 400
        assert answer.json()[0]["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
        assert "this ID value isn't valid for the user" in answer.json()[0]["message"]
    wrong_object = typed.request("PATCH", f"sobjects/Lead/{lead['Id']}", json={"RecordTypeId": lead["Id"]})
    assert wrong_object.status_code == 400
    assert typed.control("GET", "log") == []


def test_a_type_narrows_restricted_picklists_only(typed: Any) -> None:
    partner = type_ids(typed)["Partner"]
    lead = made(typed, RecordTypeId=partner, Rating="Cold")
    typed.switch(restricted_picklists=["Lead.Rating"])
    path = f"sobjects/Lead/{lead['Id']}"
    refused = typed.request("PATCH", path, json={"Rating": "Warm"}, headers=OFF)
    assert refused.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert typed.request("PATCH", path, json={"Rating": "Hot", "Status": "Any"}, headers=OFF).status_code == 204
    free = typed.request("PATCH", path, json={"Rating": "Warm", "RecordTypeId": MASTER}, headers=OFF)
    assert free.status_code == 204


def test_types_can_be_withdrawn(typed: Any) -> None:
    lead = made(typed, RecordTypeId=type_ids(typed)["Partner"])
    typed.switch(record_types=[])
    assert typed.query("SELECT Id FROM RecordType") == []
    assert "RecordTypeId" not in typed.client().Lead.get(lead["Id"])
    typed.switch(record_types=TYPES)
    assert typed.client().Lead.get(lead["Id"])["RecordTypeId"] is None


def test_declarations_that_make_no_sense_are_refused(typed: Any) -> None:
    before = typed.control("GET", "switches")["record_types"]
    for wrong in (
        [{"developer_name": "A"}, {"developer_name": "A"}],
        [{"developer_name": "Master"}],
        [{"developer_name": "has space"}],
        [{"developer_name": "A", "default": True}, {"developer_name": "B", "default": True}],
        [{"developer_name": "A", "default": True, "active": False}],
        [{"developer_name": "A", "picklists": {"LastName": ["x"]}}],
        [{"name": "no developer name"}],
    ):
        answer = requests.put(f"{typed.url}/_practice/switches", json={"record_types": wrong}, timeout=300)
        assert answer.status_code == 400 and answer.json()["error"], wrong
    assert typed.control("GET", "switches")["record_types"] == before


def test_a_database_keeps_them(tmp_path: Path) -> None:
    options = ("--leads", "5", "--seed", "1", "--db", str(tmp_path / "org.db"))
    server, org = start(*options)
    org.switch(record_types=TYPES)
    lead = made(org, RecordTypeId=type_ids(org)["Partner"])
    ids = type_ids(org)
    stop(server)
    server, org = start(*options)
    assert type_ids(org) == ids
    assert org.query(f"SELECT RecordType.Name FROM Lead WHERE Id = '{lead['Id']}'")[0]["RecordType"]["Name"] == (
        "Partner lead"
    )
    stop(server)
