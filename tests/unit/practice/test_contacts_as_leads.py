"""An import whose leads are contacts: the stage in a custom picklist, the firm on the account, no conversion."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync_practice.backend import PracticeContext
from crmsync_practice.reading import RecordRefused, read_edit
from crmsync_practice.records import Activity, Lead, User, World
from crmsync_practice.salesforce import SalesforceSide

from .conftest import TODAY, InProcess

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
USERS = (
    User("ae-1", "person", "Ann Ahlberg", "ann@seller.example", ("ae",)),
    User("queue", "queue", "Everybody's"),
)
FIRM = {"industry": "Steel", "employees": 250}


def lead(name: str, **more: Any) -> Lead:
    given: dict[str, Any] = {
        "id": name,
        "email": f"{name}@x.example",
        "first_name": "F",
        "last_name": name,
        "company": "Firm",
        "owner": None,
        "stage": None,
        "created_at": AT,
        "modified_at": AT,
        **more,
    }
    return Lead(**given)


def world() -> World:
    leads = (
        lead("one", stage={"salesforce": "Marketing Qualified"}, owner="ae-1", attributes={**FIRM, "title": "CTO"}),
        lead("two", attributes={**FIRM, "need": "clear"}),
        lead("three", owner="queue", attributes={"industry": "Coal"}),
        lead("four", company=None, stage={"salesforce": "Parked"}),
    )
    call = Activity("a1", "one", "call", AT + timedelta(days=1), "outbound", "connected", "ae-1", "Hi")
    return World(USERS, leads, (call,))


@pytest.fixture
def contacts() -> InProcess:
    return InProcess(world(), lead_object="Contact")


def edit(org: InProcess, **tables: list[dict[str, Any]]) -> None:
    """Somebody's edit in Salesforce's own screens."""
    org.side.edit(read_edit(tables), None)


def by_name(org: InProcess) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in org.side.state()["leads"]}


FIELDS = "FirstName, Title, Lead_Status__c, OwnerId, AccountId, Account.Name, Account.Industry"


def test_the_firm_is_an_account_that_those_of_the_same_firm_share(contacts: InProcess) -> None:
    rows = {row["LastName"]: row for row in contacts.query(f"SELECT LastName, {FIELDS} FROM Contact")}
    assert rows["one"]["Account"]["Industry"] == "Steel"
    assert (rows["one"]["Title"], rows["one"]["Lead_Status__c"]) == ("CTO", "Marketing Qualified")
    assert rows["one"]["AccountId"] == rows["two"]["AccountId"] != rows["three"]["AccountId"]
    assert (rows["four"]["AccountId"], rows["four"]["Account"]) == (None, None)
    assert contacts.query("SELECT Id FROM Lead") == []
    assert (
        contacts.query("SELECT NumberOfEmployees FROM Account WHERE Industry = 'Steel'")[0]["NumberOfEmployees"]
        == 250
    )


def test_a_contact_belongs_to_a_user_and_to_no_queue(contacts: InProcess) -> None:
    told = by_name(contacts)
    assert (told["one"]["owner"], told["three"]["owner"]) == ("ae-1", None)
    [queue] = contacts.query("SELECT Id FROM Group WHERE Type = 'Queue'")
    body = json.dumps({"OwnerId": queue["Id"]}).encode()
    answer = contacts.call(
        "PATCH",
        f"/services/data/v59.0/sobjects/Contact/{told['two']['native_id']}",
        body,
        {"content-type": "application/json"},
    )
    assert answer.status == 400
    assert b"id value of incorrect type" in answer.body


def test_the_state_is_the_import_again(contacts: InProcess) -> None:
    told = by_name(contacts)
    assert told["two"]["attributes"] == {**FIRM, "need": "clear"}
    assert (told["two"]["company"], told["four"]["company"], told["four"]["stage"]) == ("Firm", None, "Parked")
    assert {each["id"]: each["lead"] for each in contacts.side.state()["activities"]} == {"a1": "one"}


def test_an_edit_of_the_firm_leaves_the_others_of_the_account_alone(contacts: InProcess) -> None:
    edit(
        contacts,
        leads=[{"id": "one", "attributes": {"industry": "Glass"}, "stage": {"salesforce": "Sales Accepted"}}],
    )
    edit(contacts, leads=[{"id": "new", "last_name": "N", "company": "Firm", "attributes": dict(FIRM)}])
    told = by_name(contacts)
    assert (told["one"]["attributes"]["industry"], told["one"]["attributes"]["employees"]) == ("Glass", 250)
    assert (told["one"]["stage"], told["two"]["attributes"]["industry"]) == ("Sales Accepted", "Steel")
    rows = {row["LastName"]: row["AccountId"] for row in contacts.query("SELECT LastName, AccountId FROM Contact")}
    assert rows["N"] == rows["two"] != rows["one"]


def test_what_happened_to_a_contact_is_in_its_history_and_moves_its_stamp(contacts: InProcess) -> None:
    before = contacts.query("SELECT SystemModstamp FROM Contact WHERE LastName = 'two'")[0]
    edit(contacts, leads=[{"id": "one", "stage": {"salesforce": "Sales Accepted"}, "owner": "ae-1"}])
    told = contacts.query("SELECT Field, NewValue FROM ContactHistory WHERE Field = 'Lead_Status__c'")
    assert [row["NewValue"] for row in told] == ["Sales Accepted"]
    edit(contacts, activities=[{"id": "a2", "lead": "two", "kind": "email", "at": "2026-11-19T10:00:00Z"}])
    assert contacts.query("SELECT SystemModstamp FROM Contact WHERE LastName = 'two'")[0] != before


def test_a_contact_is_merged_and_never_converted(contacts: InProcess) -> None:
    with pytest.raises(RecordRefused, match="a contact cannot be converted"):
        edit(contacts, leads=[{"id": "one", "converted": True}])
    edit(contacts, leads=[{"id": "one", "merged_into": "two"}])
    assert "one" not in by_name(contacts)
    [gone] = contacts.query("SELECT MasterRecordId FROM Contact WHERE IsDeleted = true", everything=True)
    assert gone["MasterRecordId"] == by_name(contacts)["two"]["native_id"]


def test_where_the_leads_live_is_told_to_whoever_writes_a_configuration(contacts: InProcess) -> None:
    assert contacts.side.lead_object == "Contact"
    fields = contacts.side.attribute_fields()
    assert (fields["industry"], fields["title"]) == (("Account.Industry", "text"), ("Title", "text"))
    assert fields["need"] == ("Need__c", "text")
    assert {"Lead_Status__c", "Account.Website", "Crmsync_Fit__c"} <= contacts.side.lead_fields()


def test_a_file_opened_again_still_holds_contacts(tmp_path: Path) -> None:
    path = tmp_path / "org.db"
    context = PracticeContext("salesforce", "UTC", TODAY, database=path, lead_object="Contact")
    SalesforceSide(context).load(world())
    again = SalesforceSide(PracticeContext("salesforce", "UTC", TODAY, database=path))
    assert again.lead_object == "Contact"
    assert {each["id"]: each["stage"] for each in again.state()["leads"]}["one"] == "Marketing Qualified"
