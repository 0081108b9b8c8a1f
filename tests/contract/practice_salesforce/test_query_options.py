"""What a query may ask for besides its records, several records behind one key, and numbers with all their digits."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMoreThanOneRecord

OFF = {"Sforce-Auto-Assign": "FALSE"}


@pytest.mark.parametrize(
    ("options", "records"),
    [
        ("batchSize=200", 200),
        ("batchSize=201", 201),
        ("BATCHSIZE = 500", 500),
        ("batchSize=199", 200),
        ("batchSize=1", 200),
        ("batchSize=0", 200),
        ("batchSize=2000", 2000),
        ("batchSize=2001", 2000),
        ("batchSize=999999999999", 2000),
        ("batchSize=many", 2000),
        ("", 2000),
        ("somethingElse=3, batchSize=300", 300),
    ],
)
def test_a_batch_is_between_200_and_2000_records(org: Any, options: str, records: int) -> None:
    answer = org.request(
        "GET", "query", params={"q": "SELECT Id FROM Lead"}, headers={"Sforce-Query-Options": options}
    ).json()
    assert len(answer["records"]) == records
    assert (answer["totalSize"], answer["done"]) == (2500, False)
    assert answer["nextRecordsUrl"].endswith(f"-{records}")


def test_a_batch_keeps_its_size_to_the_last_page(org: Any) -> None:
    options = {"Sforce-Query-Options": "batchSize=1200"}
    sizes, url = [], "queryAll?q=SELECT+Id+FROM+Lead"
    while url:
        answer = org.request("GET", url, headers=options if not sizes else {}).json()
        sizes.append(len(answer["records"]))
        url = answer.get("nextRecordsUrl")
    assert sizes == [1200, 1200, 100]


def columns(org: Any, soql: str) -> dict[str, Any]:
    answer = org.request("GET", "query", params={"q": soql, "columns": "true"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_columns_tell_what_a_query_selects_in_place_of_records(org: Any) -> None:
    found = columns(org, "select id, annualrevenue, IsConverted, Owner.Name, Owner.Email, Budget__c from lead")
    assert (found["entityName"], found["keyPrefix"], found["idSelected"]) == ("Lead", "00Q", True)
    assert "records" not in found
    shown = {each["columnName"]: each for each in found["columnMetadata"]}
    assert list(shown) == ["Id", "AnnualRevenue", "IsConverted", "Owner", "Budget__c"]
    assert [each["columnName"] for each in shown["Owner"]["joinColumns"]] == ["Name", "Email"]
    deep = columns(org, "SELECT Owner.Profile.Name FROM Account")["columnMetadata"][0]["joinColumns"][0]
    assert (deep["columnName"], deep["joinColumns"][0]["columnName"]) == ("Profile", "Name")
    assert shown["Owner"]["foreignKeyName"] == "OwnerId" and not shown["Owner"]["aggregate"]
    assert shown["AnnualRevenue"]["numberType"] and shown["IsConverted"]["booleanType"] and shown["Id"]["textType"]
    assert shown["Budget__c"]["custom"] and not shown["Id"]["custom"]


def test_columns_of_sub_queries_and_aggregates(org: Any) -> None:
    tasks = columns(org, "SELECT Id, (SELECT Subject, Status FROM Tasks) FROM Lead")["columnMetadata"][1]
    assert (tasks["columnName"], tasks["aggregate"]) == ("Tasks", True)
    assert [each["columnName"] for each in tasks["joinColumns"]] == ["Subject", "Status"]
    grouped = columns(org, "SELECT Status, COUNT(Id) n, MAX(AnnualRevenue) FROM Lead GROUP BY Status")
    assert [(each["columnName"], each["displayName"], each["aggregate"]) for each in grouped["columnMetadata"]] == [
        ("Status", "Status", False),
        ("n", "n", True),
        ("expr0", "MAX(AnnualRevenue)", True),
    ]
    assert grouped["groupBy"]
    assert columns(org, "SELECT COUNT() FROM Lead")["columnMetadata"] == []
    refused = org.request("GET", "query", params={"q": "SELECT Nope FROM Lead", "columns": "true"})
    assert refused.status_code == 400


def test_an_external_id_of_several_records_is_a_300_with_their_urls(fresh: Any) -> None:
    leads = fresh.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 2")
    client = fresh.client()
    client.Lead.update(leads[0]["Id"], {"Ext_Id__c": "double"}, headers=OFF)
    taken = fresh.request("PATCH", f"sobjects/Lead/{leads[1]['Id']}", json={"Ext_Id__c": "double"}, headers=OFF)
    assert taken.json()[0]["errorCode"] == "DUPLICATE_VALUE"
    fresh.switch(unique_external_ids=False)
    client.Lead.update(leads[1]["Id"], {"Ext_Id__c": "double"}, headers=OFF)
    urls = [f"/services/data/v59.0/sobjects/Lead/{lead['Id']}" for lead in leads]
    before = fresh.control("GET", "log")
    for method, body in (("GET", None), ("PATCH", {"Status": "X"}), ("DELETE", None)):
        answer = fresh.request(method, "sobjects/Lead/Ext_Id__c/double", json=body, headers=OFF)
        assert (answer.status_code, sorted(answer.json())) == (300, sorted(urls)), method
    assert fresh.control("GET", "log") == before
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Lead.get_by_custom_id("Ext_Id__c", "double")
    rows = [{"attributes": {"type": "Lead"}, "Ext_Id__c": "double", "Status": "X"}]
    body = {"allOrNone": False, "records": rows}
    (row,) = fresh.request("PATCH", "composite/sobjects/Lead/Ext_Id__c", json=body, headers=OFF).json()
    assert not row["success"] and row["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


NUMBERS = [0.1 + 0.2, 1 / 3, 237.631, 1234567.123456789, 123456789012345.67, 5.6e9, 1e17, 1e-7, -2.5, 0.1]


def test_numbers_come_back_as_they_were_stored(fresh: Any) -> None:
    """Neither the field's scale nor the number of digits rounds a value that comes through the API (documented)."""
    client = fresh.client()
    lead = fresh.lead()["Id"]
    field = next(each for each in client.Lead.describe()["fields"] if each["name"] == "AnnualRevenue")
    assert (field["type"], field["precision"], field["scale"]) == ("currency", 18, 0)
    for number in NUMBERS:
        client.Lead.update(lead, {"AnnualRevenue": number}, headers=OFF)
        assert client.Lead.get(lead)["AnnualRevenue"] == number
        soql = f"SELECT AnnualRevenue FROM Lead WHERE Id = '{lead}'"
        assert fresh.query(soql)[0]["AnnualRevenue"] == number
        assert fresh.query(f"{soql} AND AnnualRevenue = {number!r}"), number
        highest = fresh.query(f"SELECT MAX(AnnualRevenue) FROM Lead WHERE Id = '{lead}'")
        assert highest[0]["expr0"] == number
        page = client.bulk2.Lead.query(soql, wait=0.05)
        assert float(list(csv.reader(io.StringIO("".join(page))))[1][0]) == number
    client.Lead.update(lead, {"AnnualRevenue": None}, headers=OFF)
    assert client.Lead.get(lead)["AnnualRevenue"] is None


def test_an_instance_url_that_ends_with_a_slash_works(fresh: Any) -> None:
    """The sf command line puts the path behind it as it is, so that two slashes come."""
    answer = fresh.request("GET", "//services/data/v59.0/query", params={"q": "SELECT COUNT() FROM Lead"})
    assert (answer.status_code, answer.json()["totalSize"]) == (200, 60)
    assert fresh.request("GET", "//services/data").status_code == 200
    assert "GET query" in fresh.control("GET", "calls")
