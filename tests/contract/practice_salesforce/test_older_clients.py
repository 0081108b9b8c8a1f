"""npm's jsforce of the first generation and nforce, unmodified, against the practice org."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.contract.clients.packages import drive, installed


@pytest.mark.breadth
def test_older_clients_do_what_they_can(org: Any) -> None:
    tasks = sum(each["native_id"].startswith("00T") for each in org.control("GET", "state")["activities"])
    assert json.loads(drive(installed("salesforce_older"), org.url)) == {
        "login": ["005", True],
        "identity": "integration@ourfirm.example",
        "tasks": [tasks, tasks],
        "objects": True,
        "case": ["Broken", "High", "New", True],
        "usage": 5_000_000,
        "nforce": [2500, "Contract", "integration@ourfirm.example"],
    }
