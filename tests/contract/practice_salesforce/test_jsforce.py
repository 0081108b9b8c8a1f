"""npm's jsforce, unmodified, against the practice org."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contract.clients.packages import drive, installed


@pytest.mark.breadth
def test_jsforce_does_a_whole_sync(org: Any) -> None:
    assert json.loads(drive(installed("salesforce"), org.url)) == {
        "soap": ["005", "00D", True],
        "identity": "005",
        "refused": "INVALID_LOGIN",
        "refresh": True,
        "paged": [2500, 2500, 2500],
        "more": 2500,
        "everything": 5,
        "found": 5,
        "grouped": True,
        "describe": ["00Q", True],
        "global": True,
        "versions": True,
        "created": True,
        "retrieved": "Sales Accepted",
        "upserts": [True, True],
        "collection": [True, True, True],
        "partial": [True, False],
        "read": ["M1", "M2", "M3"],
        "destroyed": [True, True, True],
        "gone": "ENTITY_IS_DELETED",
        "composite": 200,
        "bulkQuery": True,
        "bulkIngest": [1, 1, 0],
        "bulkValue": 'from bulk, "quoted"\nand broken',
        "updated": True,
        "deleted": True,
        "limits": True,
        "usage": True,
    }
