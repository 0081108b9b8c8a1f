"""A configuration small enough to know by heart, held against a CRM that is only described."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Choice, CrmUser, NativeField, Org
from crmsync.errors import ConfigurationError
from crmsync.settings import Settings, load_settings

CONFIGURATION = """format: 1
connections:
  memory: {connector: salesforce, mapping: mapping.yaml, writes: on}
"""
MAPPING = """format: 1
connector: salesforce
lead: {object: Lead, email: Email, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: Marketing, sql: {label: Sales ready}}}
facts:
  size: {field: Employees, type: integer}
activities:
  - {object: Task, at: ActivityDate, kind: {from: Type}}
accounts:
  - {object: Account, owner: OwnerId, domain: Website}
hand_off:
  task: {object: Reminder, subject: Subject, owner: OwnerId}
"""
POLICY = """format: 1
name: Small
facts:
  size: {type: integer}
ladder:
  - {stage: mql}
  - {stage: sql, when: {fact: size, at_least: 50}}
hand_off: {stage: sql, task: {subject: Call}}
"""
ROSTER = """format: 1
people:
  - {user: ann, role: ae}
  - {user: bea, role: bdr}
"""
USERS = (CrmUser("ann", "Ann", "ann@firm.example", True), CrmUser("bea", "Bea", None, True))
STATUS = (Choice("Marketing", "Marketing"), Choice("S1", "Sales ready"))
FIELDS = {
    "Lead": ("Email", "CreatedDate", "OwnerId", "Employees"),
    "Task": ("ActivityDate", "Type"),
    "Account": ("OwnerId", "Website"),
    "Reminder": ("Subject", "OwnerId"),
}


def settings(folder: Path, **texts: str) -> Settings:
    files = {"crmsync": CONFIGURATION, "mapping": MAPPING, "policy": POLICY, "roster": ROSTER, **texts}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder / "crmsync.yaml")


def fields(names: Collection[str]) -> tuple[NativeField, ...]:
    return tuple(NativeField(name, name, "text", True) for name in names)


LEAD_FIELDS = (*fields(FIELDS["Lead"]), NativeField("Status", "Status", "picklist", True, STATUS))


def held(folder: Path, users: tuple[CrmUser, ...] = USERS, **texts: str) -> Prepared:
    """Everything held against a CRM with these users."""
    read = settings(folder, **texts)
    return prepared(read, read.connections["memory"], Snapshot(Org("o", "Org", "UTC"), users, LEAD_FIELDS))


def told(folder: Path, users: tuple[CrmUser, ...] = USERS, **texts: str) -> list[str]:
    """What is wrong, without the folder."""
    with pytest.raises(ConfigurationError) as raised:
        held(folder, users, **texts)
    return [str(finding).replace(f"{folder}/", "").splitlines()[0] for finding in raised.value.findings]
