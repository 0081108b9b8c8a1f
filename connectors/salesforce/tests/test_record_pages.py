"""Addresses of records' pages: the org's own host, whatever signing in says, and the id alone."""

from __future__ import annotations

import pytest

from crmsync.sdk import Org
from crmsync_salesforce.ids import lead_id
from crmsync_salesforce.record_pages import pages_of, record_page

ID = "00QKp0000000003MAA"


@pytest.mark.parametrize(
    ("instance", "pages"),
    [
        ("https://acme.my.salesforce.com", "https://acme.lightning.force.com"),
        ("https://Acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.lightning.force.com"),
        ("https://na139.salesforce.com", "https://na139.salesforce.com"),
        ("https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        ("http://acme.my.salesforce.com", None),
        ("https://evil.example", None),
        ("https://salesforce.com.evil.example", None),
        ("https://evilsalesforce.com", None),
        ("https://acme.my.salesforce.com@evil.example", None),
        ("https://[", None),
        ("javascript:alert(1)//.salesforce.com", None),
    ],
)
def test_people_are_led_to_salesforce_alone(instance: str, pages: str | None) -> None:
    assert pages_of(instance, loopback=False) == pages


def test_a_practice_org_shows_its_records_where_its_api_is() -> None:
    assert pages_of("http://127.0.0.1:8080", loopback=True) == "http://127.0.0.1:8080"


def test_a_record_has_its_page_in_lightning() -> None:
    org = Org("00D", "Acme", "UTC", "https://acme.lightning.force.com")
    address = record_page(org, "Lead", ID)
    assert address == f"https://acme.lightning.force.com/lightning/r/Lead/{ID}/view"
    assert lead_id(address, "Lead") == ID
    assert record_page(org, "Lead/../x", ID) is None
    assert record_page(org, "Lead", "00Q/../../x") is None
    assert record_page(Org("00D", "Acme", "UTC"), "Lead", ID) is None
