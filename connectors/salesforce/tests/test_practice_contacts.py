"""Contacts as the leads, against the practice org: the kit, and what is theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from practice_org import PracticeOrg, served

from crmsync.contract import AccessProvision, ListProvision, PullRequest, Write
from crmsync.testing import ConnectorConformance
from crmsync_salesforce import connector as plugin
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.metadata_files import list_view, permission_set

Open = Callable[..., SalesforceConnector]


class ContactsOrg(PracticeOrg):
    """The same org where contacts carry stage and owner; none is ever converted."""

    object = "Contact"

    def leads(self):
        return {lead["native_id"]: lead for lead in self.state()["leads"]}

    def activities(self, prefix="00T"):
        state = self.state()
        leads = {lead["id"]: lead["native_id"] for lead in state["leads"]}
        return {
            (activity["native_id"], leads[activity["lead"]])
            for activity in state["activities"]
            if activity["native_id"].startswith(prefix)
        }

    def delete(self, record: str, object_name: str = "Contact") -> None:
        super().delete(record, object_name)


@pytest.fixture(scope="module")
def contacts() -> Iterator[ContactsOrg]:
    for org in served(60, "--salesforce-leads", "Contact"):
        yield ContactsOrg(org.url)


@pytest.fixture
def org(contacts: ContactsOrg) -> Iterator[ContactsOrg]:
    yield contacts
    contacts.control("DELETE", "faults")


class TestSalesforceContacts(ConnectorConformance):
    """The contract's promises."""

    plugin = plugin

    @pytest.fixture
    def world(self, org: ContactsOrg) -> ContactsOrg:
        return org


def test_the_account_stands_beside_the_contact(org: ContactsOrg, connector: SalesforceConnector) -> None:
    fields = ("Account.Name", "Account.Industry", "Account.NumberOfEmployees", "Lead_Status__c")
    held = org.leads()
    rows = [
        row for page in connector.pull(PullRequest("Contact", fields)) for row in page.records.iter_rows(named=True)
    ]
    assert {row["@id"] for row in rows} == set(held)
    for row in rows:
        lead = held[row["@id"]]
        employees = lead["attributes"].get("employees")
        assert row["Account.Name"] == lead["company"]
        assert row["Account.Industry"] == lead["attributes"].get("industry")
        assert row["Account.NumberOfEmployees"] == (None if employees is None else str(employees))
        assert row["Lead_Status__c"] == lead["stage"]


def test_stage_and_owner_are_written_and_their_history_is_told(
    org: ContactsOrg, connector: SalesforceConnector
) -> None:
    lead = min(org.leads())
    fields = ("Lead_Status__c", "OwnerId")
    [before] = connector.read("Contact", [lead], fields).records.iter_rows(named=True)
    people = [each["native_id"] for each in org.state()["users"] if each["active"] and each["type"] == "person"]
    owner = next(each for each in people if each != before["OwnerId"])
    stage = next(each for each in ("Sales Accepted", "Sales Qualified") if each != before["Lead_Status__c"])
    values = {"Lead_Status__c": stage, "OwnerId": owner}
    expected = {name: before[name] for name in fields}
    [result] = connector.push("Contact", [Write(lead, values, expected)])
    assert (result.outcome, dict(result.seen.after)) == ("accepted", values)
    edits = connector.edits("Contact", [lead], fields)
    assert {edit.field: edit.value for edit in reversed(edits)} == values


def test_a_queue_is_refused_as_an_owner_in_salesforces_words(
    org: ContactsOrg, connector: SalesforceConnector
) -> None:
    lead, queue = min(org.leads()), org.user(type="queue")
    [before] = connector.read("Contact", [lead], ["OwnerId"]).records["OwnerId"]
    [result] = connector.push("Contact", [Write(lead, {"OwnerId": queue}, {"OwnerId": before})])
    assert result.outcome == "refused"
    assert "FIELD_INTEGRITY_EXCEPTION" in result.message
    assert connector.read("Contact", [lead], ["OwnerId"]).records["OwnerId"].to_list() == [before]


def test_permissions_and_lists_are_those_of_contacts(org: ContactsOrg, connector: SalesforceConnector) -> None:
    access = AccessProvision("crmsync", {"Contact": ("Email", "Account.Industry")}, {"Contact": ("OwnerId",)}, {})
    files = connector.provision_files([access])
    text = files["permissionsets/crmsync.permissionset"]
    assert "<object>Account</object>" in text
    assert "<field>Account.Industry</field>" in text
    assert "<name>TransferAnyEntity</name>" in text
    assert "TransferAnyLead" not in text
    leads = AccessProvision("crmsync", {"Lead": ("Email",)}, {"Lead": ("OwnerId",)}, {})
    assert "<name>TransferAnyLead</name>" in permission_set(leads, {})
    assert "Transfer" not in permission_set(AccessProvision("crmsync", {}, {"Lead": ("Status",)}, {}), {})
    view = list_view(ListProvision("Contact", "Work", "Lead_Status__c", ("a",), ("FirstName", "Account.Name")))
    assert view["columns"] == ["CONTACT.FIRST_NAME", "ACCOUNT.NAME"]
