"""A firm with four people and three leads, its CRM in memory, store and runs real: for tests of a run's hops.

Leads `a`, `b`, `c` stand at `mql` and belong to the BDR `bea`; a lead whose `Heat` is `hot` is `sql` and handed off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import polars as pl

from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import LEAD_ID, RECORD_ID, CrmUser, NativeField, Page, PullRequest, Usage
from crmsync.model import Plan
from crmsync.run.aims.everybody import Everybody
from crmsync.run.aims.leavers import Leavers
from crmsync.run.changed_files import changed_files
from crmsync.run.course import RunCircumstances
from crmsync.run.measured import looked_back
from crmsync.run.pull import pull_and_remember
from crmsync.run.running import Ran, RunRequest
from crmsync.run.story import run_connection
from crmsync.settings import GuardSettings, Settings, load_settings
from crmsync.store import Store
from crmsync.testing import MemoryCrm
from crmsync.values import replace

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
LEADS = ("a", "b", "c")

CONFIGURATION = """
format: 1
connections:
  memory: {connector: salesforce, mapping: mapping.yaml, writes: on}
"""
MAPPING = """
format: 1
connector: salesforce
lead: {object: Lead, email: Email, company: Company, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: mql, sql: sql}}
facts:
  heat: {field: Heat, type: choice, values: [cold, hot]}
activities:
  - object: Task
    at: [At]
    by: OwnerId
    kind: [{from: Kind}]
    outcome: [{from: Outcome}]
accounts:
  - {object: Account, owner: OwnerId, domain: Website, when: {Open: yes}}
hand_off:
  bdr: Bdr
  task: {object: Task, subject: Subject, owner: OwnerId}
"""
POLICY = """
format: 1
name: Small
facts:
  heat: {type: choice, values: [cold, hot]}
criteria:
  hot: {fact: heat, is: hot}
  called_by_bdr: {activities: {kind: call, by_role: bdr}}
ladder:
  - {stage: mql}
  - {stage: sql, when: {any: [hot, called_by_bdr]}}
movement: {hands_off_days: 2, backward: allowed}
hand_off: {stage: sql, task: {subject: Call}}
"""
ROSTER = """
format: 1
people:
  - {user: bea, role: bdr}
  - {user: bob, role: bdr}
  - {user: ann, role: ae}
  - {user: abe, role: ae}
"""
PEOPLE = ("bea", "bob", "ann", "abe", "eve")
"""`eve` is in the CRM and not in the roster."""


@cache
def settings_from(policy: str = POLICY, roster: str = ROSTER, mapping: str = MAPPING) -> Settings:
    """The settings that these files make, read like a user's."""
    texts = {"crmsync.yaml": CONFIGURATION, "mapping.yaml": mapping, "policy.yaml": policy, "roster.yaml": roster}
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return load_settings(Path(folder) / "crmsync.yaml")


class Crm(MemoryCrm):
    """Leads, with what people did in `activities` (id → native values) and `companies`; `pulls`: each request.

    `unread`: leads that a reading does not bring though they are there.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                name: {
                    "Bdr": None,
                    "Status": "mql",
                    "Heat": "cold",
                    "OwnerId": "bea",
                    "Email": f"{name}@{name}.example",
                    "Company": f"Company {name}",
                    "CreatedDate": "2026-11-01T00:00:00Z",
                }
                for name in LEADS
            },
            write_batch_size=200,
        )
        self.inactive: set[str] = set()
        self.queues: tuple[str, ...] = ("desk",)
        self.activities: dict[str, dict[str, str | None]] = {}
        self.companies: dict[str, dict[str, str | None]] = {}
        self.pulls: list[PullRequest] = []
        self.unread: set[str] = set()
        self.calls_left: int | None = None

    def usage(self) -> Usage:
        return Usage(len(self.calls), self.calls_left)

    def users(self) -> tuple[CrmUser, ...]:
        people = [
            CrmUser(name, name.capitalize(), f"{name}@firm.example", name not in self.inactive) for name in PEOPLE
        ]
        return (*people, *(CrmUser(name, name.capitalize(), None, True, kind="queue") for name in self.queues))

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        names = {
            "Task": ("At", "OwnerId", "Kind", "Outcome", "Direction", "Subject", "Status"),
            "Account": ("OwnerId", "Website", "Open"),
        }.get(object_name, tuple(next(iter(self.records.values()))))
        return tuple(NativeField(name, name, "text", True) for name in names)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.pulls.append(request)
        if request.object == "Lead":
            for page in super().pull(request):
                yield replace(page, records=page.records.filter(~pl.col(RECORD_ID).is_in(sorted(self.unread))))
            return
        records = self.companies if request.object == "Account" else {**self.activities, **self.created}
        ids = (RECORD_ID, LEAD_ID) if request.leads_object else (RECORD_ID,)
        rows = [{RECORD_ID: record, **values} for record, values in records.items()]
        schema = dict.fromkeys((*ids, *request.fields), pl.String)
        yield Page(
            pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema), cursor="end"
        )


@dataclass
class Firm:
    """The firm at work. `texts`: of its files, where they are not the usual ones. `ran`: how its last run ended."""

    store: Store
    name: str
    texts: Mapping[str, str]
    crm: Crm = field(default_factory=Crm)
    now: datetime = MONDAY
    writes: Literal["on", "off"] = "on"
    guards: Mapping[str, Any] = field(default_factory=dict)
    ran: Ran | None = None

    def __post_init__(self) -> None:
        """Each firm has an account of its own: they share one store."""
        self.crm.account = self.name

    @property
    def last(self) -> Plan:
        """The plan of its last run."""
        assert self.ran is not None
        return self.ran.plan

    @property
    def prepared(self) -> Prepared:
        """Its connection, held against the CRM as that stands."""
        settings = settings_from(**self.texts)
        configured = settings.connections["memory"]
        guards = GuardSettings.model_validate(self.guards)
        switched = configured.settings.model_copy(update={"writes": self.writes, "guards": guards})
        configuration = replace(configured, name=self.name, settings=switched)
        return replace(prepared(settings, configuration, self.snapshot, now=self.now), name=self.name)

    @property
    def snapshot(self) -> Snapshot:
        """The CRM's set-up."""
        lead_object = settings_from(**self.texts).connections["memory"].mapping.lead.object
        return Snapshot(self.crm.org(), self.crm.users(), self.crm.fields("Lead"), lead_object=lead_object)

    @property
    def opened(self) -> Opened:
        """Signed in."""
        return Opened(self.prepared, self.crm, self.snapshot)

    def run(
        self,
        *leavers: str,
        dry_run: bool = False,
        allowed: int | None = None,
        allowed_guards: Mapping[str, int] | None = None,
        **more: Any,
    ) -> Plan:
        """One run, or one that gives leavers' leads to others. `more`: of the request, or of the aim."""
        asked: dict[str, Any] = {"aim": Leavers(leavers, **more)} if leavers else {"aim": Everybody(), **more}
        asked["allowed"] = {**(allowed_guards or {}), **({} if allowed is None else {"changes": allowed})}
        request = RunRequest(dry_run=dry_run, **asked)
        self.ran = run_connection(
            self.opened, self.store, request, now=lambda: self.now, progress=lambda *_: None, stop=lambda: False
        )
        return self.ran.plan

    def pull(self, *, complete: bool = False) -> None:
        """Read and remember, and no more."""
        pull_and_remember(self.opened, self.store, complete=complete, today=self.now.date(), progress=lambda *_: None)

    def found(self, **more: Any) -> RunCircumstances:
        """What a run finds that has read the CRM."""
        prepared = self.prepared
        return RunCircumstances(
            prepared,
            self.store,
            self.now,
            self.now.date(),
            replace(changed_files(prepared, self.store, full=False), **more),
            leads=self.store.facts.lead_count(self.name),
            runs=looked_back(self.store, self.name),
            open=self.store.journal.pending(self.name),
        )

    def owners(self) -> dict[str, str | None]:
        """Lead → owner, as the CRM holds it."""
        return {name: values["OwnerId"] for name, values in self.crm.records.items()}

    def did(self, lead: str, kind: str, by: str = "bea", at: datetime | None = None, **more: str | None) -> str:
        """Somebody did something; its id."""
        number = f"t{len(self.crm.activities)}"
        when = (at or self.now).isoformat()
        self.crm.activities[number] = {LEAD_ID: lead, "Kind": kind, "OwnerId": by, "At": when, **more}
        return number


def heat(firm: Firm, *leads: str) -> None:
    for lead in leads:
        firm.crm.records[lead]["Heat"] = "hot"
