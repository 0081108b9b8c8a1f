"""`crmsync init` adds to files that people have written, however they write YAML."""

from __future__ import annotations

import pytest

from crmsync.configuration import read_document
from crmsync.operations.init.chosen import ChosenSetUp, PersonChosen
from crmsync.operations.init.other_texts import roster_text, settings_text
from crmsync.suggest.shapes import OrgUser

BEN = OrgUser(id="005x", name="Ben", type="person", active=True, email="ben@acme.example")
CHOSEN = ChosenSetUp((), {}, (), (), (PersonChosen(BEN, ("ae",), "as you said"),))
ANN = {"user": "ann", "role": "ae"}
ADDED = {"user": "ben@acme.example", "roles": ["ae"]}


@pytest.mark.parametrize(
    ("there", "before"),
    [
        ("people:\n  - {user: ann, role: ae}   # since May\npools: {}\n", [ANN]),
        ("people:\n- {user: ann, role: ae}   # since May\npools: {}\n", [ANN]),
        ("people:\n    - user: ann   # since May\n      role: ae\n", [ANN]),
        ("people: [{user: ann, role: ae}]   # since May\n", [ANN]),
        ("people: []\n", []),
        ("people: []   # since May\n", []),
    ],
)
def test_somebody_is_added_to_a_roster_as_it_is_written(there: str, before: list[object]) -> None:
    told = roster_text("salesforce", CHOSEN, f"format: 1\n{there}")
    assert read_document(told, "roster.yaml").data["people"] == [*before, ADDED]
    assert ("since May" in told) is ("since May" in there)


@pytest.mark.parametrize(
    ("there", "before"),
    [
        ("connections:\n  a: {connector: hubspot}\nconsole: {}\n", ["a"]),
        ("connections:\n    a: {connector: hubspot}\nconsole: {}\n", ["a"]),
        ("connections: {a: {connector: hubspot}}\n", ["a"]),
        ("connections: {}\n", []),
        ("console: {}\n", []),
    ],
)
def test_a_connection_is_added_to_settings_as_they_are_written(there: str, before: list[str]) -> None:
    told = settings_text("sf", "salesforce", {"url": "https://acme.example"}, f"format: 1\n{there}")
    data = read_document(told, "crmsync.yaml").data
    assert list(data["connections"]) == [*before, "sf"]
    assert data["connections"]["sf"]["options"] == {"url": "https://acme.example"}
    assert ("console" in data) is ("console" in there)
