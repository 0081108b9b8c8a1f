"""The connector kit, against the practice CRM."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.testing.connector_kit import ConnectorConformance
from crmsync_hubspot import connector


class HubSpotWorld:
    """The practice portal from behind."""

    object = "contacts"
    field = "jobtitle"
    second_field: str | None = "phone"
    time_zone: str | None = None
    activity_object = "calls"
    creation_object = "tasks"
    creation_field = "hs_task_subject"
    creation_values: Mapping[str, str] = {"hs_timestamp": "2026-12-01T09:00:00.000Z", "hs_task_priority": "HIGH"}
    refused_values: Mapping[str, str] = {"hs_task_priority": "NO_SUCH"}
    secrets = ("pat-eu1-practice", "@")

    def __init__(self, practice):
        self.practice = practice

    def values(self):
        return {number: held["jobtitle"] or None for number, held in self.practice.contacts("jobtitle").items()}

    def activities(self):
        pairs, after = set(), ""
        while True:
            path = "/crm/v3/objects/calls?limit=100&associations=contacts" + (f"&after={after}" if after else "")
            page = self.practice.call("GET", path)
            for call in page["results"]:
                listed = call.get("associations", {}).get("contacts", {}).get("results", [])
                pairs |= {(call["id"], each["id"]) for each in listed}
            if not page.get("paging"):
                return pairs
            after = page["paging"]["next"]["after"]

    def held(self, lead):
        return self.practice.tasks(lead)

    def edit(self, lead, value):
        self.practice.call("PATCH", f"/crm/v3/objects/contacts/{lead}", {"properties": {"jobtitle": value}})

    def delete(self, lead):
        self.practice.call("DELETE", f"/crm/v3/objects/contacts/{lead}")

    def be_busy(self, times):
        self.practice.faults({"status": 429, "times": times})

    def refuse_sign_in(self):
        self.practice.faults({"status": 401})

    def go_away(self):
        self.practice.faults({"drop": "before"})


class TestHubSpot(ConnectorConformance):
    plugin = connector

    @pytest.fixture
    def world(self, practice):
        return HubSpotWorld(practice)

    @pytest.fixture
    def connector(self, world, connect):
        return connect(world.practice.url)
