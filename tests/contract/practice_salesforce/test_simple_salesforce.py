"""simple-salesforce, unmodified: every call that it offers for what the practice org emulates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)


def test_every_way_to_sign_in(org: Any) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    ways: list[dict[str, Any]] = [
        {"username": "a@firm.example", "password": "p", "security_token": "t"},
        {"username": "a@firm.example", "password": "p", "organizationId": "00D000000000001"},
        {"username": "a@firm.example", "password": "p", "consumer_key": "k", "consumer_secret": "s"},
        {"username": "a@firm.example", "consumer_key": "k", "privatekey": key.decode()},
        {"consumer_key": "k", "consumer_secret": "s", "domain": "firm.my"},
    ]
    for way in ways:
        client = org.client(**way)
        assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 2500, way
        assert client.session_id.startswith("00D")


def test_a_refused_sign_in_is_an_authentication_failure(org: Any) -> None:
    for way in (
        {"username": "invalid@firm.example", "password": "p", "security_token": "t"},
        {"consumer_key": "k", "consumer_secret": "invalid", "domain": "firm.my"},
        {"username": "a@firm.example", "password": "invalid", "consumer_key": "k", "consumer_secret": "s"},
    ):
        with pytest.raises(SalesforceAuthenticationFailed):
            org.client(**way)


def test_an_expired_token_is_refreshed_once(org: Any) -> None:
    client = org.client(consumer_key="k", consumer_secret="expired-soon", domain="firm.my")
    first = client.session_id
    assert "expired" in first
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 2500
    assert client.session_id != first
    with pytest.raises(SalesforceExpiredSession):
        org.client(instance_url=f"https://127.0.0.1:{org.port}", session_id="expired").limits()


def test_the_user_who_signs_in_is_the_one_who_writes(org: Any) -> None:
    email = org.control("GET", "state")["users"][0]["email"]
    client = org.client(username=email, password="p", consumer_key="k", consumer_secret="s")
    made = client.Lead.create({"LastName": "Own", "Company": "C"}, headers={"Sforce-Auto-Assign": "FALSE"})
    (lead,) = client.query(f"SELECT CreatedBy.Email, OwnerId, CreatedById FROM Lead WHERE Id = '{made['id']}'")[
        "records"
    ]
    assert lead["CreatedBy"]["Email"] == email
    assert lead["OwnerId"] == lead["CreatedById"]
    client.Lead.delete(made["id"])


def test_pages_give_every_record_once(org: Any) -> None:
    client = org.client()
    whole = client.query_all("SELECT Id, Name FROM Lead ORDER BY Id")
    ids = [record["Id"] for record in whole["records"]]
    assert whole["totalSize"] == len(ids) == len(set(ids)) == 2500
    assert ids == sorted(ids)
    small = client.query("SELECT Id FROM Lead ORDER BY Id", headers={"Sforce-Query-Options": "batchSize=200"})
    assert len(small["records"]) == 200
    assert small["nextRecordsUrl"].endswith("-200")
    paged = [record["Id"] for record in small["records"]]
    while not small["done"]:
        small = client.query_more(small["nextRecordsUrl"], identifier_is_url=True)
        assert len(small["records"]) <= 200
        paged += [record["Id"] for record in small["records"]]
    assert paged == ids
    assert (
        sum(1 for _ in client.query_all_iter("SELECT Id FROM Task"))
        == client.query("SELECT COUNT() FROM Task")["totalSize"]
    )


def test_a_locator_ignores_a_repeated_query_and_dies_with_its_cursor(org: Any) -> None:
    first = org.request("GET", "query", params={"q": "SELECT Id FROM Lead"}).json()
    again = org.request("GET", first["nextRecordsUrl"], params={"q": "SELECT Id FROM Lead"}).json()
    assert len(again["records"]) == 500 and again["done"]
    for _ in range(10):
        org.request("GET", "query", params={"q": "SELECT Id FROM Lead"})
    gone = org.request("GET", first["nextRecordsUrl"])
    assert gone.status_code == 400
    assert gone.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_describe_names_types_picklists_and_references(org: Any) -> None:
    client = org.client()
    fields = {field["name"]: field for field in client.Lead.describe()["fields"]}
    assert fields["Status"]["type"] == "picklist" and not fields["Status"]["restrictedPicklist"]
    assert {"value": "Sales Qualified", "label": "Sales Qualified"}.items() <= fields["Status"]["picklistValues"][
        3
    ].items()
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"] and fields["OwnerId"]["relationshipName"] == "Owner"
    assert fields["Budget__c"]["custom"] and fields["Budget__c"]["type"] == "picklist"
    assert not fields["SystemModstamp"]["updateable"]
    names = {each["name"] for each in client.describe()["sobjects"]}
    assert {"Lead", "Task", "Event", "User", "Group", "Organization", "LeadStatus", "Account", "Contact"} <= names
    assert client.Lead.metadata()["objectDescribe"]["keyPrefix"] == "00Q"


def test_a_row_lives_and_dies(org: Any) -> None:
    client = org.client()
    off = {"Sforce-Auto-Assign": "FALSE"}
    made = client.Lead.create(
        {"LastName": "Łukasiewicz", "Company": "Świat", "Email": "l@swiat.example"}, headers=off
    )
    assert made["success"]
    lead = client.Lead.get(made["id"])
    assert (lead["Name"], lead["Status"], lead["IsConverted"]) == ("Łukasiewicz", "Open - Not Contacted", False)
    assert client.Lead.update(made["id"][:15], {"Status": "Anything at all", "Rating": None}, headers=off) == 204
    assert client.Lead.get(made["id"])["Status"] == "Anything at all"
    assert client.Lead.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get(made["id"])
    everything = client.query(f"SELECT Id, IsDeleted FROM Lead WHERE Id = '{made['id']}'", include_deleted=True)
    assert everything["records"][0]["IsDeleted"] is True
    assert client.query(f"SELECT Id FROM Lead WHERE Id = '{made['id']}'")["totalSize"] == 0


def test_upsert_by_external_id(org: Any) -> None:
    client = org.client()
    assert client.Lead.upsert("Ext_Id__c/a%2Fb", {"LastName": "Slash", "Company": "C"}) == 201
    assert client.Lead.upsert("Ext_Id__c/a%2Fb", {"Company": "D"}) == 200
    assert client.Lead.get_by_custom_id("Ext_Id__c", "a/b")["Company"] == "D"
    with pytest.raises(SalesforceMalformedRequest, match="DUPLICATE_VALUE"):
        client.Lead.create({"LastName": "X", "Company": "C", "Ext_Id__c": "a/b"})
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get_by_custom_id("Ext_Id__c", "none")
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.upsert("Company/x", {"LastName": "X"})


def test_collections_answer_row_by_row(org: Any) -> None:
    client = org.client()
    off = {"Sforce-Auto-Assign": "FALSE"}
    leads = [lead["Id"] for lead in client.query("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 3")["records"]]
    records = [
        {"attributes": {"type": "Lead"}, "id": leads[0], "Status": "Sales Accepted"},
        {"attributes": {"type": "Lead"}, "id": leads[1], "NoSuchField": 1},
        {"attributes": {"type": "Lead"}, "id": "00QKp0000000ZZZ"},
        {"attributes": {"type": "Lead"}, "id": leads[2], "Status": "Sales Accepted"},
    ]
    body = {"allOrNone": False, "records": records}
    results = client.restful("composite/sobjects", method="PATCH", json=body, headers=off)
    assert [result["success"] for result in results] == [True, False, False, True]
    assert results[1]["errors"][0]["statusCode"] == "INVALID_FIELD"
    assert "id" not in results[1]
    undone = client.restful("composite/sobjects", method="PATCH", json={**body, "allOrNone": True}, headers=off)
    assert not any(result["success"] for result in undone)
    assert undone[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    found = client.restful(
        "composite/sobjects/Lead",
        method="POST",
        json={"ids": [leads[2], "00QKp0000000ZZZ", leads[0]], "fields": ["Id"]},
    )
    assert [each and each["Id"] for each in found] == [leads[2], None, leads[0]]
    made = client.restful(
        "composite/sobjects",
        method="POST",
        json={"records": [{"attributes": {"type": "Lead"}, "LastName": f"N{n}", "Company": "C"} for n in range(200)]},
        headers=off,
    )
    assert all(each["success"] for each in made)
    gone = client.restful("composite/sobjects", {"ids": ",".join(each["id"] for each in made)}, method="DELETE")
    assert [each["id"] for each in gone] == [each["id"] for each in made]
    too_many = [{"attributes": {"type": "Lead"}, "id": leads[0]}] * 201
    with pytest.raises(SalesforceMalformedRequest):
        client.restful("composite/sobjects", method="PATCH", json={"records": too_many})


def test_composite_runs_subrequests_with_their_own_headers(org: Any) -> None:
    client = org.client()
    lead = org.lead()
    stamp = datetime.fromisoformat(lead["LastModifiedDate"][:19]).replace(tzinfo=UTC)
    old = (stamp - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    now = (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")  # noqa: TID251 - beside a real clock
    url = f"/services/data/v59.0/sobjects/Lead/{lead['Id']}"

    def part(reference: str, until: str) -> dict[str, Any]:
        return {
            "method": "PATCH",
            "url": url,
            "referenceId": reference,
            "body": {"Status": "Sales Accepted"},
            "httpHeaders": {"If-Unmodified-Since": until, "Sforce-Auto-Assign": "FALSE"},
        }

    answer = client.restful(
        "composite",
        method="POST",
        json={
            "collateSubrequests": False,
            "compositeRequest": [
                part("late", old),
                part("good", now),
                {"method": "GET", "url": f"{url}?fields=Id,OwnerId,Status", "referenceId": "seen"},
                {
                    "method": "GET",
                    "url": "/services/data/v59.0/sobjects/User/@{seen.OwnerId}",
                    "referenceId": "owner",
                },
            ],
        },
    )
    late, good, seen, owner = answer["compositeResponse"]
    assert (late["httpStatusCode"], good["httpStatusCode"], seen["httpStatusCode"]) == (412, 204, 200)
    assert seen["body"]["Status"] == "Sales Accepted"
    assert seen["body"]["OwnerId"] == lead["OwnerId"]
    assert owner["httpStatusCode"] in {200, 400, 404}
    undone = client.restful(
        "composite",
        method="POST",
        json={
            "allOrNone": True,
            "compositeRequest": [
                {"method": "PATCH", "url": url, "referenceId": "a", "body": {"Status": "Undone"}},
                {"method": "PATCH", "url": url, "referenceId": "b", "body": {"Nope": 1}},
            ],
        },
    )["compositeResponse"]
    assert [each["httpStatusCode"] for each in undone] == [400, 400]
    assert undone[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert client.Lead.get(lead["Id"])["Status"] == "Sales Accepted"


def test_composite_batch(org: Any) -> None:
    answer = org.client().restful(
        "composite/batch",
        method="POST",
        json={
            "batchRequests": [
                {"method": "GET", "url": "v59.0/sobjects/Lead/describe"},
                {"method": "GET", "url": "v59.0/sobjects/Nope/describe"},
                {"method": "GET", "url": "v59.0/limits"},
            ]
        },
    )
    assert answer["hasErrors"] is True
    assert [each["statusCode"] for each in answer["results"]] == [200, 404, 200]
    assert answer["results"][0]["result"]["name"] == "Lead"


def test_bulk_query_and_ingest(org: Any, tmp_path: Any) -> None:
    client = org.client()
    pages = list(
        client.bulk2.Lead.query("SELECT Id, Name, IsConverted, CreatedDate FROM Lead", max_records=1000, wait=0.05)
    )
    lines = [page.splitlines() for page in pages]
    total = client.query("SELECT COUNT() FROM Lead")["totalSize"]
    assert [len(each) - 1 for each in lines] == [1000, 1000, total - 2000]
    assert lines[0][0] == lines[2][0] == '"Id","Name","IsConverted","CreatedDate"'
    assert ".000Z" in lines[0][1]
    (made,) = client.bulk2.Lead.insert(records=[{"LastName": 'Zoë, "the"\nsecond', "Company": "B"}], wait=0.05)
    assert (made["numberRecordsProcessed"], made["numberRecordsFailed"]) == (1, 0)
    row = client.query("SELECT Id, LastName, Rating FROM Lead WHERE LastName LIKE 'Zo%second'")["records"][0]
    assert row["LastName"] == 'Zoë, "the"\nsecond'
    records = [
        {"Id": row["Id"], "Rating": "Hot", "Company": ""},
        {"Id": "00QKp0000000ZZZ", "Rating": "Hot", "Company": "x"},
    ]
    (changed,) = client.bulk2.Lead.update(records=records, wait=0.05)
    assert (changed["numberRecordsProcessed"], changed["numberRecordsFailed"]) == (2, 1)
    failed = client.bulk2.Lead.get_failed_records(changed["job_id"])
    assert "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --" in failed
    kept = client.Lead.get(row["Id"])
    assert (kept["Rating"], kept["Company"]) == ("Hot", "B")
    client.bulk2.Lead.update(records=[{"Id": row["Id"], "Rating": "#N/A"}], wait=0.05)
    assert client.Lead.get(row["Id"])["Rating"] is None
    upserted = [{"Ext_Id__c": "bulk-1", "LastName": "U", "Company": "V"}]
    assert (
        client.bulk2.Lead.upsert(records=upserted, external_id_field="Ext_Id__c", wait=0.05)[0]["numberRecordsFailed"]
        == 0
    )
    assert client.bulk2.Lead.delete(records=[{"Id": row["Id"]}], wait=0.05)[0]["numberRecordsFailed"] == 0
    with pytest.raises(SalesforceResourceNotFound):
        client.Lead.get(row["Id"])


def test_bulk_v1_is_refused(org: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="FeatureNotEnabled"):
        org.client().bulk.Lead.query("SELECT Id FROM Lead")


def test_changed_and_deleted_ids(org: Any) -> None:
    client = org.client()
    made = client.Lead.create({"LastName": "Changed", "Company": "C"})["id"]
    doomed = client.Lead.create({"LastName": "Doomed", "Company": "C"})["id"]
    client.Lead.delete(doomed)
    start = datetime.now(UTC) - timedelta(minutes=5)  # noqa: TID251 - beside a real clock
    end = datetime.now(UTC) + timedelta(minutes=2)  # noqa: TID251 - beside a real clock
    updated = client.Lead.updated(start, end)
    assert made in updated["ids"] and doomed not in updated["ids"]
    assert updated["latestDateCovered"].endswith(":00.000+0000")
    deleted = client.Lead.deleted(start, end)
    assert doomed in {each["id"] for each in deleted["deletedRecords"]}
    with pytest.raises(SalesforceMalformedRequest):
        client.Lead.updated(end, start)


def test_limits_and_usage_header(org: Any) -> None:
    client = org.client()
    before = client.limits()["DailyApiRequests"]["Remaining"]
    client.query("SELECT COUNT() FROM Lead")
    assert client.limits()["DailyApiRequests"]["Remaining"] == before - 1
    assert client.api_usage["api-usage"].total == 5_000_000


def test_refusals_carry_salesforces_codes(org: Any) -> None:
    client = org.client()
    cases = {
        "SELECT Id FROM Lead WHERE": "unexpected token: '<EOF>'",
        "SELECT Nope FROM Lead": "No such column 'Nope' on entity 'Lead'",
        "SELECT Id FROM Nope": "sObject type 'Nope' is not supported",
        "SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01'": "should not be enclosed in quotes",
        "SELECT Id FROM Lead WHERE Status = 3": "should be enclosed in quotes",
        "SELECT Id FROM Lead WHERE Description = 'x'": "can not be filtered in a query call",
        "SELECT Id FROM Lead WHERE OwnerId = 'x'": "invalid ID field",
        "SELECT Status, Id FROM Lead GROUP BY Status": "Field must be grouped or aggregated",
        "SELECT Id FROM Lead OFFSET 2001": "Maximum SOQL offset allowed is 2000",
        "SELECT Foo.Name FROM Lead": "Didn't understand relationship 'Foo' in field path",
        "SELECT Id, Id FROM Lead": "duplicate field selected",
    }
    for soql, text in cases.items():
        with pytest.raises(SalesforceMalformedRequest) as refused:
            client.query(soql)
        assert text in refused.value.content[0]["message"], soql
    assert client.query(format_soql("SELECT Id FROM Lead WHERE LastName = {}", 'O\'Neil \\ "x"'))["totalSize"] == 0
    with pytest.raises(SalesforceResourceNotFound):
        client.restful("nope")
    with pytest.raises(SalesforceGeneralError) as wrong:
        client.restful("limits", method="POST", json={})
    assert wrong.value.status == 405
