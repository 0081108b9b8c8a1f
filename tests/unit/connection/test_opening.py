"""Opening a connection: a connector with its settings, what it is asked, and that it is closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from crmsync.connection import opening
from crmsync.connection.opening import connector_of, opened
from crmsync.contract import CrmUser, NativeField, Org
from crmsync.errors import ConfigurationError, UsageError
from crmsync.settings import Settings, load_settings
from crmsync.testing import MemoryCrm
from crmsync.values import replace

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
FILES = {
    "crmsync.yaml": "format: 1\nconnections: {memory: {connector: salesforce, mapping: mapping.yaml}}\n",
    "mapping.yaml": """format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: Open}}
""",
    "policy.yaml": "format: 1\nname: Small\nladder: [{stage: mql}]\n",
    "roster.yaml": "format: 1\npeople: [{user: ann, role: ae}]\n",
}


class Crm(MemoryCrm):
    """With one person; `closed` counts."""

    def __init__(self) -> None:
        super().__init__({"1": {"Email": None, "CreatedDate": None, "OwnerId": None, "Status": None, "Phone": None}})
        self.closed = 0

    def org(self) -> Org:
        return Org("o", "Org", "Asia/Tokyo")

    def users(self) -> tuple[CrmUser, ...]:
        return (CrmUser("ann", "Ann", None, True),)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return load_settings(tmp_path / "crmsync.yaml")


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crm]:
    """What the entry point gives."""
    crm = Crm()
    plugin: Any = SimpleNamespace(open=lambda _: crm)
    monkeypatch.setattr(opening.registry, "load", lambda name: plugin)
    monkeypatch.setattr(opening, "connector_settings", lambda *_: None)
    yield crm
    assert crm.closed == 1, "sockets are released at the end"


def test_a_connection_is_held_against_what_the_crm_says_of_itself(settings: Settings, crm: Crm) -> None:
    with opened(settings, settings.connections["memory"], NOW) as ready:
        assert ready.connector is crm
        assert (ready.prepared.name, ready.prepared.org.time_zone) == ("memory", "Asia/Tokyo")
        assert [user.id for user in ready.snapshot.users] == ["ann"]
        names = {field.name for field in ready.snapshot.lead_fields}
        assert names == {"Email", "CreatedDate", "OwnerId", "Status"}, "what the mapping does not use is not kept"
        assert crm.closed == 0


def test_a_connector_is_closed_also_when_something_is_wrong(settings: Settings, crm: Crm) -> None:
    del crm.records["1"]["Status"]
    with (
        pytest.raises(ConfigurationError, match="Lead has no field `Status`"),
        opened(settings, settings.connections["memory"], NOW),
    ):
        pytest.fail("it is not opened")


def test_an_object_that_is_not_there_is_told_at_its_place(
    settings: Settings, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fields(object_name: str) -> tuple[NativeField, ...]:
        raise UsageError(f"there is no object {object_name}", hint="look at its name")

    monkeypatch.setattr(crm, "fields", fields)
    with (
        pytest.raises(ConfigurationError, match=r"mapping.yaml:3:16: there is no object Lead\n  → look at its name"),
        opened(settings, settings.connections["memory"], NOW),
    ):
        pytest.fail("it is not opened")


def test_fields_that_the_crm_has_without_listing_them_are_known_by_their_beginning(
    settings: Settings, crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mapping.yaml"
    wider = FILES["mapping.yaml"].replace("CreatedDate}", "CreatedDate, when: {'list:12': true}}", 1)
    file.write_text(wider, encoding="utf-8")
    again = load_settings(tmp_path / "crmsync.yaml")
    kind = NativeField("list:", "list:", "bool", writable=False, kind="boolean", calculated=True)
    monkeypatch.setattr(crm, "capabilities", replace(crm.capabilities, fields_beside=(kind,)))
    with opened(again, again.connections["memory"], NOW) as one:
        assert one.prepared.fields["list:12"] == replace(kind, name="list:12", label="list:12")


def test_a_connector_by_itself_makes_no_call(settings: Settings, crm: Crm) -> None:
    with pytest.raises(RuntimeError), connector_of(settings, "memory") as connector:
        assert connector.usage().calls == 0
        raise RuntimeError
