"""Addresses of records' pages: the account's own app, whatever an answer says, and the id alone."""

from __future__ import annotations

import pytest

from crmsync.sdk import Org
from crmsync_hubspot.lead_pages import lead_id, pages_of, record_page

API = "https://api.hubapi.com"


@pytest.mark.parametrize(
    ("told", "pages"),
    [
        ("app.hubspot.com", "https://app.hubspot.com"),
        ("app-eu1.hubspot.com", "https://app-eu1.hubspot.com"),
        ("evil.example", None),
        ("app.hubspot.com.evil.example", None),
        ("app.hubspot.com/x", None),
        ("app.hubspot.com@evil.example", None),
        (None, None),
        (7, None),
    ],
)
def test_people_are_led_to_hubspot_alone(told: object, pages: str | None) -> None:
    assert pages_of(told, API, loopback=False) == pages


def test_a_practice_portal_shows_its_records_where_its_api_is() -> None:
    assert pages_of("app.hubspot.com", "http://127.0.0.1:8080", loopback=True) == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("object_name", "type_id"), [("contacts", "0-1"), ("companies", "0-2"), ("leads", "0-136"), ("2-4711", "2-4711")]
)
def test_a_record_has_its_page_in_the_app(object_name: str, type_id: str) -> None:
    org = Org("24601", "HubSpot account 24601", "UTC", "https://app-eu1.hubspot.com")
    assert record_page(org, object_name, "17") == f"https://app-eu1.hubspot.com/contacts/24601/record/{type_id}/17"


def test_what_has_no_page_gets_no_address() -> None:
    org = Org("24601", "HubSpot account 24601", "UTC", "https://app.hubspot.com")
    assert lead_id(str(record_page(org, "contacts", "17")), "contacts") == "17"
    assert record_page(org, "contacts", "17/../x") is None
    assert record_page(org, "form_submissions", "17") is None
    assert record_page(Org("24601", "", "UTC"), "contacts", "17") is None
