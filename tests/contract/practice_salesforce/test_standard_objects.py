"""The standard objects of any org: described, queryable with all their fields, empty where nothing filled them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from .conftest import start, stop

FILLED = {
    "AccountHistory": False,
    "Campaign": True,
    "CampaignMember": True,
    "Case": False,
    "CaseStatus": True,
    "Contract": False,
    "ContractStatus": True,
    "EmailMessage": False,
    "Group": True,
    "GroupMember": True,
    "LeadHistory": True,
    "LeadShare": False,
    "LeadStatus": True,
    "OpportunityFieldHistory": False,
    "OpportunityStage": True,
    "Order": False,
    "Organization": True,
    "Pricebook2": False,
    "PricebookEntry": False,
    "Product2": False,
    "Profile": True,
    "RecordType": False,
    "TaskPriority": True,
    "TaskStatus": True,
    "User": True,
    "UserRole": True,
}
FIELDS = {
    "Account": {"ParentId", "ShippingCity", "AccountSource", "Rating"},
    "Campaign": {"ActualCost", "NumberOfLeads", "ParentId"},
    "CampaignMember": {"LeadOrContactId", "Type", "Email", "FirstRespondedDate"},
    "Contact": {"MailingCity", "HasOptedOutOfEmail", "MobilePhone"},
    "Event": {"IsRecurrence", "RecurrenceActivityId", "WhoCount", "AccountId"},
    "Lead": {"Latitude", "EmailBouncedReason", "LastViewedDate", "Jigsaw", "CleanStatus"},
    "Opportunity": {"Probability", "ForecastCategory", "FiscalYear", "ExpectedRevenue"},
    "Organization": {"DefaultLeadAccess", "City", "InstanceName"},
    "Task": {"IsRecurrence", "RecurrenceActivityId", "WhoCount", "CallObject"},
    "User": {"LastLoginDate", "FederationIdentifier", "Phone", "CommunityNickname"},
}


def test_what_clients_ask_for_first_is_there(org: Any) -> None:
    listed = {each["name"]: each for each in org.request("GET", "sobjects").json()["sobjects"]}
    assert set(FILLED) <= set(listed)
    for name, rows in FILLED.items():
        total = org.request("GET", "query", params={"q": f"SELECT COUNT() FROM {name}"}).json()["totalSize"]
        assert (total > 0) is rows, name
    for name, fields in FIELDS.items():
        described = {each["name"] for each in org.request("GET", f"sobjects/{name}/describe").json()["fields"]}
        assert fields <= described, name


def test_every_listed_object_gives_every_described_field(org: Any) -> None:
    for listed in org.request("GET", "sobjects").json()["sobjects"]:
        described = org.request("GET", f"sobjects/{listed['name']}/describe").json()
        names = [each["name"] for each in described["fields"]]
        assert len(names) == len(set(names)) and names[0] == "Id", listed["name"]
        answer = org.request("GET", "query", params={"q": f"SELECT {', '.join(names)} FROM {listed['name']} LIMIT 2"})
        assert answer.status_code == 200, (listed["name"], answer.text)
        for row in answer.json()["records"]:
            assert set(row) == {"attributes", *names}
        for each in described["fields"]:
            assert (each["type"] == "reference") is bool(each["referenceTo"] or each["name"] == "LeadOrContactId")


def test_parents_and_children_are_found_both_ways(org: Any) -> None:
    lead = org.lead()["Id"]
    asked = "SELECT Id, (SELECT Field, OldValue, NewValue FROM Histories), (SELECT Id FROM Shares) FROM Lead"
    (row,) = org.query(f"{asked} WHERE Id = '{lead}'")
    assert row["Shares"] is None
    asked = f"SELECT Field, OldValue, NewValue FROM LeadHistory WHERE LeadId = '{lead}'"
    alone = [tuple(each.values())[1:] for each in org.query(asked)]
    assert [tuple(each.values())[1:] for each in row["Histories"]["records"]] == alone
    assert [stage for field, _, stage in alone if field == "Status"][-1] == org.lead()["Status"]
    client = org.client()
    account = client.Account.create({"Name": "A"})["id"]
    case = client.Case.create({"AccountId": account, "Subject": "Broken"})["id"]
    (row,) = org.query(f"SELECT Name, (SELECT Subject, Account.Name FROM Cases) FROM Account WHERE Id = '{account}'")
    assert row["Cases"]["records"][0]["Account"]["Name"] == "A"
    assert client.Case.get(case)["Status"] == "New"


def test_an_opportunity_follows_its_stage(org: Any) -> None:
    client = org.client()
    given = {"Name": "Big", "StageName": "Prospecting", "CloseDate": "2026-11-30", "Amount": 2000}
    made = client.Opportunity.create(given)["id"]
    asked = "SELECT Probability, ExpectedRevenue, ForecastCategory, IsClosed, IsWon, Fiscal FROM Opportunity"
    (row,) = org.query(f"{asked} WHERE Id = '{made}'")
    assert list(row.values())[1:] == [10, 200, "Pipeline", False, False, "2026 4"]
    client.Opportunity.update(made, {"StageName": "Closed Won"})
    (row,) = org.query(f"{asked} WHERE Id = '{made}'")
    assert list(row.values())[1:] == [100, 2000, "Closed", True, True, "2026 4"]


def test_a_campaign_member_tells_its_lead(org: Any) -> None:
    client = org.client()
    lead = org.query("SELECT Id, Email, Company FROM Lead LIMIT 1")[0]
    campaign = client.Campaign.create({"Name": "Fair"})["id"]
    client.CampaignMember.create({"CampaignId": campaign, "LeadId": lead["Id"]})
    (row,) = org.query(
        f"SELECT Type, LeadOrContactId, Email, CompanyOrAccount FROM CampaignMember WHERE CampaignId = '{campaign}'"
    )
    assert list(row.values())[1:] == ["Lead", lead["Id"], lead["Email"], lead["Company"]]


@pytest.mark.parametrize("gone", ["sf_Case", "sf_TaskStatus"])
def test_a_file_of_an_earlier_version_gets_the_objects_that_it_lacks(
    tmp_path: Path, start_org: Any, gone: str
) -> None:
    where = tmp_path / "org.db"
    process, _ = start("--leads", "3", "--db", str(where))
    stop(process)
    with sqlite3.connect(where) as connection:
        connection.execute(f"DROP TABLE {gone}")
        connection.execute("ALTER TABLE sf_Lead DROP COLUMN Jigsaw")
    again = start_org("--db", str(where))
    assert again.query(f"SELECT COUNT(Id) n FROM {gone[3:]}")[0]["n"] == (6 if gone == "sf_TaskStatus" else 0)
    assert len(again.query("SELECT Id, Jigsaw FROM Lead")) == 3
