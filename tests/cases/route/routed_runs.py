"""Whole runs over a CRM in memory: store, routing and writer are real. For what routing is told by the store.

Leads are handed off when their `Heat` is `hot`, and belong to the BDR `bert@firm.example` unless told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crmsync.connection.opening import Opened
from crmsync.connection.prepared import prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import CrmUser, NativeField, Org
from crmsync.model import Plan
from crmsync.run.running import RunRequest
from crmsync.run.story import run_connection
from crmsync.settings import load_settings
from crmsync.store import Store
from crmsync.testing import MemoryCrm

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
FIELDS = ("Name", "Status", "Heat", "OwnerId", "Email", "Company", "CreatedDate", "Land")

_CONFIGURATION = """format: 1
connections:
  memory: {connector: salesforce, mapping: mapping.yaml, writes: on}
"""
_MAPPING = """format: 1
connector: salesforce
lead: {object: Lead, name: Name, email: Email, company: Company, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: mql, sql: sql, disqualified: lost}}
facts:
  heat: {field: Heat, type: choice, values: [cold, hot, lost]}
  country: {field: Land, type: text}
"""
_POLICY = """format: 1
name: Routed
facts:
  heat: {type: choice, values: [cold, hot, lost]}
  country: {type: text}
ladder:
  - {stage: mql}
  - {stage: sql, when: {fact: heat, is: hot}}
disqualified:
  stage: disqualified
  reasons:
    - {name: lost, when: {fact: heat, is: lost}}
hand_off: {stage: sql}
"""


@dataclass
class Firm:
    """A CRM with its users, a roster, and the store beside them. `users`: native id → e-mail."""

    folder: Path
    roster: str
    users: Mapping[str, str]
    leads: Mapping[str, Mapping[str, str | None]]
    crm: MemoryCrm = field(init=False)
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        texts = {"crmsync": _CONFIGURATION, "mapping": _MAPPING, "policy": _POLICY, "roster": self.roster}
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        self.crm = MemoryCrm(
            {name: self._record(values) for name, values in self.leads.items()}, write_batch_size=200
        )
        self.store = Store(self.folder / "store.db")

    def _record(self, given: Mapping[str, str | None]) -> dict[str, str | None]:
        bert = next((user for user, email in self.users.items() if email == "bert@firm.example"), None)
        usual = {"Status": "mql", "Heat": "cold", "OwnerId": bert, "CreatedDate": "2026-11-01T00:00:00Z"}
        return {**dict.fromkeys(FIELDS), **usual, **given}

    def add(self, lead: str, **values: str | None) -> None:
        """A new lead in the CRM."""
        self.crm.records[lead] = self._record(values)

    def opened(self) -> Opened:
        """The connection with the roster as it stands."""
        settings = load_settings(self.folder / "crmsync.yaml")
        users = tuple(CrmUser(user, email.partition("@")[0], email, True) for user, email in self.users.items())
        fields = tuple(NativeField(name, name, "text", True) for name in FIELDS)
        snapshot = Snapshot(Org("memory", "memory", "UTC"), users, fields)
        return Opened(prepared(settings, settings.connections["memory"], snapshot, now=NOW), self.crm, snapshot)

    def run(self) -> Plan:
        """One real run."""
        request = RunRequest(dry_run=False, allowed={"changes": 1000})
        ran = run_connection(
            self.opened(), self.store, request, now=lambda: NOW, progress=lambda *_: None, stop=lambda: False
        )
        return ran.plan

    def owners(self, plan: Plan) -> dict[str, str]:
        """Lead → e-mail of the owner that this plan gave it."""
        return {each.lead: self.users.get(each.owner_after or "", "") for each in plan.changes if each.owner_changes}


def users_named(names: Sequence[str]) -> dict[str, str]:
    """`ann` → `ann@firm.example`."""
    return {name: f"{name}@firm.example" for name in names}
