"""What people paste for a lead, by connector."""

from __future__ import annotations

import pytest

from crmsync.connection import registry

LONG = "00QKp0000000001MAA"


@pytest.mark.parametrize(
    ("connector", "written", "lead"),
    [
        ("salesforce", LONG, LONG),
        ("salesforce", LONG[:15], LONG),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/Lead/{LONG}/view", LONG),
        ("salesforce", f"https://acme.lightning.force.com/lightning/r/{LONG[:15]}/view?ws=1", LONG),
        ("salesforce", f"https://acme.my.salesforce.com/{LONG[:15]}", LONG),
        ("salesforce", "https://acme.lightning.force.com/lightning/r/Account/001Kp0000000001AAA/view", None),
        ("salesforce", "nobody", None),
        ("hubspot", "101", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-1/101", "101"),
        ("hubspot", "https://app-eu1.hubspot.com/contacts/4711/record/0-1/101/view/1?x=2", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/contact/101/", "101"),
        ("hubspot", "https://app.hubspot.com/contacts/4711/record/0-2/101", None),
    ],
)
def test_a_lead_is_known_by_what_people_write(connector: str, written: str, lead: str | None) -> None:
    spelt = registry.load(connector).lead_id
    assert spelt is not None
    assert spelt(written) == lead
