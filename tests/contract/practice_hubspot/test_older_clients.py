"""Clients of HubSpot's first two generations of paths, unmodified: npm's hubspot and Python's hubspot3."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from tests.contract.clients.packages import drive, installed


def engagements(practice: Any) -> int:
    """How many there are; form submissions are none."""
    activities = practice.control("GET", "state")["activities"]
    return sum(each["kind"] != "form_submission" for each in activities)


@pytest.mark.breadth
def test_the_older_node_client_does_a_whole_sync(shared: Any) -> None:
    people, logged = len(shared.native()), engagements(shared)
    assert json.loads(drive(installed("hubspot_older"), shared.url)) == {
        "contacts": [people, people],
        "recent": 50,
        "made": True,
        "upserted": False,
        "city": "Bonn",
        "searched": 1,
        "gone": 404,
        "engagements": logged,
        "owners": 14,
        "stages": 7,
        "properties": ["string", True, True],
        "forms": True,
        "account": 24601377,
        "limit": 650_000,
        "none": [0] * 8,
    }


def test_hubspot3_does_a_whole_sync(shared: Any) -> None:
    client = importlib.import_module("hubspot3").Hubspot3(access_token="pat-x", api_base=shared.url)
    contacts = {each["id"] for each in client.contacts.get_all(extra_properties=["industry"])}
    assert contacts == {int(native) for native in shared.native().values()}
    assert len(list(client.contacts.get_recently_modified(limit=60))) == 60
    assert len(list(client.engagements.get_all())) == engagements(shared)
    assert len(client.owners.get_owners()) == 14
    for empty in (client.companies, client.deals, client.tickets):
        assert list(empty.get_all()) == []
    assert list(client.products.get_all_products()) == []
    assert len(client.properties.get_all("contacts")) > 100
    assert client.me["portalId"] == 24601377
    made = client.contacts.create({"properties": [{"property": "email", "value": "three@way.example"}]})["vid"]
    change = {"properties": [{"property": "city", "value": "Ulm"}]}
    assert client.contacts.create_or_update_by_email("three@way.example", change) == {"vid": made, "isNew": False}
    assert client.contacts.get_by_email("three@way.example")["properties"]["city"]["value"] == "Ulm"
    client.contacts.delete_by_id(made)
    assert len(shared.native()) == len(contacts)
