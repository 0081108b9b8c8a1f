"""What the store keeps of a CRM's set-up, and what earlier versions kept."""

from __future__ import annotations

import json

import pytest

from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Choice, CrmUser, NativeField, Org

USERS = (
    CrmUser("1", "Ann", "ann@firm.example", True, groups=("AE EMEA", "All"), queues=("Inbound",), teams=("East",)),
    CrmUser("2", "AE EMEA", None, True, kind="group"),
)
FIELDS = (NativeField("Status", "Status", "picklist", True, (Choice("a", "A"),)),)


def test_a_snapshot_survives_the_store() -> None:
    snapshot = Snapshot(Org("o", "Org", "UTC"), USERS, FIELDS)
    assert Snapshot.from_text(snapshot.to_text()) == snapshot


def test_a_snapshot_of_an_earlier_version_numbers_its_choices() -> None:
    snapshot = Snapshot(Org("o", "Org", "UTC"), (), FIELDS)
    data = json.loads(snapshot.to_text())
    data["lead_fields"][0]["choices"][0]["order"] = 0
    assert Snapshot.from_text(json.dumps(data)) == snapshot


def test_a_snapshot_of_an_earlier_version_knows_no_groups() -> None:
    text = Snapshot(Org("o", "Org", "UTC"), USERS[:1], FIELDS).to_text()
    data = json.loads(text)
    for name in ("groups", "queues", "teams"):
        del data["users"][0][name]
    read = Snapshot.from_text(json.dumps(data))
    assert read is not None
    (user,) = read.users
    assert (user.groups, user.queues, user.teams, user.email) == ((), (), (), "ann@firm.example")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"org": {}, "users": [], "lead_fields": []}', "[" * 100_000, "�"]
)
def test_a_damaged_text_is_none(text: str) -> None:
    assert Snapshot.from_text(text) is None
