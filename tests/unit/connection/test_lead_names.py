"""What people paste for a lead, by connector."""

from __future__ import annotations

import pytest

from crmsync.connection import registry

LONG = "00QKp0000000001MAA"
CONTACT = "003Kp0000000001IAA"


USUAL = {"salesforce": "Lead", "hubspot": "contacts"}


@pytest.mark.parametrize(
    ("connector", "written", "lead"),
    [
        ("salesforce", LONG, LONG),
        ("salesforce", LONG[:15], LONG),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Lead/{LONG}/view", LONG),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/{LONG[:15]}/view?ws=1", LONG),
        ("salesforce", f"https://acme.my.salesforce.com/{LONG[:15]}", LONG),
        ("salesforce", "https://acme.lightning.force.com/lightning/r/Account/001Kp0000000001AAA/view", None),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Contact/{CONTACT}/view", None),
        ("salesforce", f"https://acme.my.salesforce.com/{CONTACT[:15]}", None),
        ("salesforce", "nobody", None),
        ("hubspot", "101", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-1/101", "101"),
        ("hubspot", "https://app-eu1.hubspot.com/contacts/4711/record/0-1/101/view/1?x=2", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/contact/101/", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-2/101", None),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-136/101", None),
    ],
)
def test_a_lead_is_known_by_what_people_write(connector: str, written: str, lead: str | None) -> None:
    spelt = registry.load(connector).lead_id
    assert spelt is not None
    assert spelt(written, USUAL[connector]) == lead


@pytest.mark.parametrize(
    ("connector", "written", "lead_object", "lead"),
    [
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Contact/{CONTACT}/view", "Contact", CONTACT),
        ("salesforce", f"https://acme.my.salesforce.com/{CONTACT[:15]}", "Contact", CONTACT),
        ("salesforce", f"https://acme.my.salesforce.com/{LONG}", "Contact", None),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Lead/{LONG}/view", "Contact", None),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Deal__c/{LONG}/view", "Deal__c", LONG),
        ("salesforce", f"https://acme.my.salesforce.com/{LONG}", "Deal__c", None),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Lead/{LONG}/view", None, None),
        ("salesforce", LONG[:15], None, LONG),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-136/101", "leads", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-136/101", "0-136", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-1/101", "leads", None),
        ("hubspot", "https://app.hubspot.com/contacts/4711/contact/101", "leads", None),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-1/101", None, None),
        ("hubspot", "101", None, "101"),
    ],
)
def test_only_a_page_of_the_leads_object_names_a_lead(
    connector: str, written: str, lead_object: str | None, lead: str | None
) -> None:
    spelt = registry.load(connector).lead_id
    assert spelt is not None
    assert spelt(written, lead_object) == lead
