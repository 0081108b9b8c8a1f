"""What an org may have or lack: several currencies, duplicate rules, objects that the user may not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .conftest import start, stop, write_world

OFF = {"Sforce-Auto-Assign": "FALSE"}
INSIST = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
RATES = {"EUR": 1, "USD": 1.25, "JPY": 160}


def codes(answer: Any) -> str:
    return str(answer.json()[0]["errorCode"])


def query(org: Any, soql: str) -> Any:
    return org.request("GET", "query", params={"q": soql})


def fields_of(org: Any, name: str) -> dict[str, Any]:
    return {each["name"]: each for each in org.request("GET", f"sobjects/{name}/describe").json()["fields"]}


def test_an_org_with_one_currency_says_so_only_in_organization(fresh: Any) -> None:
    assert "CurrencyType" not in {each["name"] for each in fresh.request("GET", "sobjects").json()["sobjects"]}
    assert codes(query(fresh, "SELECT IsoCode FROM CurrencyType")) == "INVALID_TYPE"
    assert codes(query(fresh, "SELECT CurrencyIsoCode FROM Lead")) == "INVALID_FIELD"
    assert fresh.query("SELECT DefaultCurrencyIsoCode FROM Organization")[0]["DefaultCurrencyIsoCode"] == "EUR"


def test_a_switch_gives_the_org_several_currencies(fresh: Any) -> None:
    fresh.switch(currencies=RATES)
    rows = fresh.query("SELECT IsoCode, ConversionRate, IsCorporate, IsActive, DecimalPlaces FROM CurrencyType")
    assert {row["IsoCode"]: row["ConversionRate"] for row in rows} == RATES
    assert [row["IsoCode"] for row in rows if row["IsCorporate"]] == ["EUR"]
    assert all(row["IsActive"] for row in rows)
    for name in ("Lead", "Account", "Opportunity"):
        field = fields_of(fresh, name)["CurrencyIsoCode"]
        assert field["restrictedPicklist"] and [each["value"] for each in field["picklistValues"]] == list(RATES)
        assert {row["CurrencyIsoCode"] for row in fresh.query(f"SELECT CurrencyIsoCode FROM {name}")} <= {"EUR"}
    client = fresh.client()
    given = {"LastName": "Sato", "Company": "K", "AnnualRevenue": 8_000_000}
    made = client.Lead.create({**given, "CurrencyIsoCode": "JPY"}, headers=OFF)["id"]
    plain = client.Lead.create(given, headers=OFF)["id"]
    asked = f"SELECT Id, CurrencyIsoCode, AnnualRevenue FROM Lead WHERE Id IN ('{made}', '{plain}')"
    assert {row["Id"]: (row["CurrencyIsoCode"], row["AnnualRevenue"]) for row in fresh.query(asked)} == {
        made: ("JPY", 8_000_000),
        plain: ("EUR", 8_000_000),
    }
    (row,) = fresh.query(f"SELECT convertCurrency(AnnualRevenue) FROM Lead WHERE Id = '{made}'")
    assert row["AnnualRevenue"] == 50_000
    unknown = fresh.request("PATCH", f"sobjects/Lead/{made}", json={"CurrencyIsoCode": "XYZ"}, headers=OFF)
    assert codes(unknown) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    fresh.switch(currencies={})
    assert codes(query(fresh, "SELECT CurrencyIsoCode FROM Lead")) == "INVALID_FIELD"


def test_currencies_need_a_corporate_one(fresh: Any) -> None:
    for wrong in ({"EUR": 2}, {"euro": 1}, {"EUR": 1, "USD": 0}):
        answer = fresh.request("PUT", "/_practice/switches", json={"currencies": wrong})
        assert answer.status_code == 400, wrong


def test_an_import_that_names_currencies_makes_an_org_with_several(tmp_path: Path, start_org: Any) -> None:
    leads = [
        {"id": f"l{number}", "last_name": "L", "created_at": "2024-01-01T10:00:00Z", "attributes": attributes}
        for number, attributes in enumerate(
            ({"annual_revenue": 9_000_000, "currency_iso_code": "JPY"}, {"annual_revenue": 5.5}, {})
        )
    ]
    world = write_world(tmp_path / "world", [], leads, [])
    where = str(tmp_path / "org.db")
    process, org = start("--import", str(world), "--db", where)
    rows = org.query("SELECT CurrencyIsoCode, AnnualRevenue FROM Lead ORDER BY Id")
    assert [(row["CurrencyIsoCode"], row["AnnualRevenue"]) for row in rows] == [
        ("JPY", 9_000_000),
        ("EUR", 5.5),
        ("EUR", None),
    ]
    assert org.query("SELECT ConversionRate FROM CurrencyType WHERE IsoCode = 'JPY'")[0]["ConversionRate"] > 1
    assert org.control("GET", "state")["leads"][0]["attributes"] == leads[0]["attributes"]
    stop(process)
    again = start_org("--db", where)
    assert again.query("SELECT CurrencyIsoCode FROM Lead ORDER BY Id")[0]["CurrencyIsoCode"] == "JPY"

    odd = [{**leads[0], "attributes": {"currency": "shells"}}]
    plain = start_org("--import", str(write_world(tmp_path / "odd", [], odd, [])))
    assert plain.query("SELECT Currency__c FROM Lead")[0]["Currency__c"] == "shells"


def test_a_duplicate_rule_that_alerts_lets_pass_who_insists(fresh: Any) -> None:
    one, two = fresh.query("SELECT Id, Email FROM Lead WHERE Email != null AND IsConverted = false LIMIT 2")
    client = fresh.client()
    client.Lead.update(two["Id"], {"Email": one["Email"]}, headers=OFF)
    fresh.switch(duplicate_rules=[{"fields": ["Email"], "action": "alert"}])
    where = f"sobjects/Lead/{one['Id']}"
    refused = fresh.request("PATCH", where, json={"Status": "Working"}, headers=OFF)
    assert (refused.status_code, codes(refused)) == (400, "DUPLICATES_DETECTED")
    told = refused.json()[0]["duplicateResult"]
    assert told["allowSave"] is True
    assert told["matchResults"][0]["matchRecords"][0]["record"]["Id"] == two["Id"]
    rows = [{"attributes": {"type": "Lead"}, "id": one["Id"], "Status": "Working"}]
    many = fresh.request("PATCH", "composite/sobjects", json={"records": rows}, headers=OFF).json()
    assert [each["errors"][0]["statusCode"] for each in many] == ["DUPLICATES_DETECTED"]
    part = {"method": "PATCH", "url": f"/services/data/v59.0/{where}", "referenceId": "a", "body": {"Status": "W"}}
    for own, status in (({}, 400), (INSIST, 204)):
        call = {"compositeRequest": [{**part, "httpHeaders": {**OFF, **own}}]}
        answer = fresh.request("POST", "composite", json=call, headers=INSIST).json()
        assert answer["compositeResponse"][0]["httpStatusCode"] == status
    assert fresh.request("PATCH", where, json={"Status": "Working"}, headers={**OFF, **INSIST}).status_code == 204
    more = {**OFF, "Sforce-Duplicate-Rule-Header": "allowSave=true, includeRecordDetails=true"}
    again = fresh.request("PATCH", "composite/sobjects", json={"records": rows}, headers=more).json()
    assert [each["success"] for each in again] == [True]
    other = fresh.query(f"SELECT Id FROM Lead WHERE Email != '{one['Email']}' AND IsConverted = false LIMIT 1")[0]
    assert (
        fresh.request("PATCH", f"sobjects/Lead/{other['Id']}", json={"Status": "W"}, headers=OFF).status_code == 204
    )


def test_a_duplicate_rule_that_blocks_refuses_in_any_case(fresh: Any) -> None:
    fresh.switch(duplicate_rules=[{"fields": ["LastName", "Company"], "action": "block", "message": "There already"}])
    given = {"LastName": "Same", "Company": "Same"}
    fresh.client().Lead.create(given, headers=OFF)
    refused = fresh.request("POST", "sobjects/Lead", json=given, headers={**OFF, **INSIST})
    assert codes(refused) == "DUPLICATES_DETECTED"
    assert refused.json()[0]["message"] == "There already"
    assert refused.json()[0]["duplicateResult"]["allowSave"] is False
    for wrong in ([{"fields": ["Nope"]}], [{"object": "Nope"}], [{"action": "hope"}]):
        assert fresh.request("PUT", "/_practice/switches", json={"duplicate_rules": wrong}).status_code == 400


def test_objects_that_the_user_may_not_read_are_absent(fresh: Any) -> None:
    fresh.switch(hidden_objects=["UserRole", "Organization", "Group"])
    listed = {each["name"] for each in fresh.request("GET", "sobjects").json()["sobjects"]}
    assert not {"UserRole", "Organization", "Group"} & listed
    assert codes(query(fresh, "SELECT Name FROM UserRole")) == "INVALID_TYPE"
    assert codes(query(fresh, "SELECT TimeZoneSidKey FROM Organization")) == "INVALID_TYPE"
    assert codes(query(fresh, "SELECT UserRole.Name FROM User")) == "INVALID_FIELD"
    assert fresh.request("GET", "sobjects/UserRole/describe").status_code == 404
    assert len(fresh.query("SELECT UserRoleId FROM User")) > 3
    role = fields_of(fresh, "User")["UserRoleId"]
    assert (role["referenceTo"], role["relationshipName"]) == ([], None)
    assert fields_of(fresh, "Lead")["OwnerId"]["referenceTo"] == ["User"]
    assert fresh.query("SELECT Owner.Type FROM Lead WHERE Owner.Type = 'User' LIMIT 1")[0]["Owner"]["Type"] == "User"
    assert fresh.request("PUT", "/_practice/switches", json={"hidden_objects": ["Nope"]}).status_code == 400
    fresh.switch(hidden_objects=[])
    assert fresh.query("SELECT UserRole.Name FROM User WHERE UserRoleId != null LIMIT 1")[0]["UserRole"]["Name"]
