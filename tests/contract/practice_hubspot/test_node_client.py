"""npm's @hubspot/api-client, unmodified, against the practice portal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contract.clients.packages import drive, installed


@pytest.mark.breadth
def test_the_node_client_does_a_whole_sync(shared: Any) -> None:
    before = len(shared.native())
    found = json.loads(drive(installed("hubspot"), shared.url))
    assert found.pop("withCalls") > 20
    assert found.pop("owners") == [14, 2]
    assert found.pop("stages")[:4] == ["subscriber", "lead", "marketingqualifiedlead", "94943285"]
    assert found == {
        "token": {"type": "bearer", "expires": 1800, "refresh": "refresh-me"},
        "everyone": before,
        "created": True,
        "total": before,
        "searched": before,
        "ascending": True,
        "made": 2,
        "updated": ["salesqualifiedlead"],
        "failed": [["OBJECT_NOT_FOUND", "bad"]],
        "upserted": [False, True],
        "history": ["K", "J"],
        "phone": "123",
        "back": "salesqualifiedlead",
        "linked": [True],
        "callType": 193,
        "merged": [True, True],
        "properties": True,
        "pipelines": 1,
        "schema": "0-1",
        "gone": 404,
        "zone": "UTC",
    }
