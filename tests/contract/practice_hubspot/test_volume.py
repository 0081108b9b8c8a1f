"""More leads than one search may give, with their activities: all are reached, once, by every way of reading."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import requests

LEADS = 20_000
"""A search gives 10,000 at most."""


class Reader:
    """Reads over one kept connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer x"

    def get(self, path: str, **params: Any) -> Any:
        """A decoded GET."""
        answer = self.session.get(self.url + path, params=params, timeout=300)
        assert answer.status_code == 200, answer.text
        return json.loads(answer.content)

    def post(self, path: str, body: Any) -> Any:
        """A decoded POST."""
        answer = self.session.post(self.url + path, data=json.dumps(body), timeout=300)
        assert answer.status_code in (200, 207), answer.text
        return json.loads(answer.content)

    def everything(self, kind: str, **params: Any) -> list[dict[str, Any]]:
        """All records of the list endpoint."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self.get(f"/crm/v3/objects/{kind}", limit=100, **params, **after)
            found += page["results"]
            if "paging" not in page:
                return found
            after = {"after": page["paging"]["next"]["after"]}


@pytest.mark.breadth
def test_more_leads_than_a_search_gives(large: Any) -> None:
    reader = Reader(large.url)
    contacts = reader.everything("contacts", properties="email,lifecyclestage,hubspot_owner_id,lastmodifieddate")
    ids = [int(each["id"]) for each in contacts]
    assert len(ids) == LEADS and ids == sorted(set(ids))

    linked: Counter[int] = Counter()
    for call in reader.everything("calls", associations="contacts", properties="hs_timestamp"):
        linked.update({int(each["id"]) for each in call["associations"]["contacts"]["results"]})
    found: Counter[int] = Counter()
    for start in range(0, LEADS, 1000):
        inputs = [{"id": str(each)} for each in ids[start : start + 1000]]
        for row in reader.post("/crm/v4/associations/contacts/calls/batch/read", {"inputs": inputs})["results"]:
            found[int(row["from"]["id"])] = len(row["to"])
    assert found == linked and sum(linked.values()) > 10_000

    since = sorted(each["properties"]["lastmodifieddate"] for each in contacts)[-12_000]
    expected = {int(each["id"]) for each in contacts if each["properties"]["lastmodifieddate"] >= since}
    searched: list[int] = []
    while True:
        body = {
            "filterGroups": [
                {
                    "filters": [
                        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": since},
                        {
                            "propertyName": "hs_object_id",
                            "operator": "GT",
                            "value": str(searched[-1] if searched else 0),
                        },
                    ]
                }
            ],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "limit": 200,
        }
        page = reader.post("/crm/v3/objects/contacts/search", body)
        if not page["results"]:
            break
        searched += [int(each["id"]) for each in page["results"]]
    assert len(searched) > 10_000 and set(searched) == expected and len(searched) == len(expected)
