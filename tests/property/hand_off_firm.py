"""A firm whose hand-offs are under way: a CRM in memory, whole runs, and what people do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hand_off_checks import check_changes
from hand_off_configurations import MONDAY, ready
from hand_off_crm import NAMES, Crm
from hypothesis import event

from crmsync.connection.opening import Opened
from crmsync.contract import LEAD_ID
from crmsync.hand_off import HandOffRecord
from crmsync.model import Change
from crmsync.run.aims.everybody import Everybody
from crmsync.run.aims.leavers import Leavers
from crmsync.run.running import RunRequest
from crmsync.run.story import run_connection
from crmsync.store import Store
from crmsync.values import replace


@dataclass
class Practice:
    """A firm at work. `ours`: the owner that crmsync gave last; `edited`: the day on which a person gave another."""

    store: Store
    connection: str
    number: int
    crm: Crm = field(default_factory=Crm)
    now: datetime = MONDAY
    ours: dict[str, str | None] = field(default_factory=dict)
    edited: dict[str, date] = field(default_factory=dict)

    def run(self, leaver: str | None = None) -> tuple[Change, ...]:
        """One run, or one that gives a leaver's leads to others; what it changed. All planned must have arrived."""
        connection, snapshot = ready(self.number, frozenset(self.crm.gone_people))
        opened = Opened(replace(connection, name=self.connection), self.crm, snapshot)
        aim = Leavers((leaver,)) if leaver else Everybody()
        request = RunRequest(dry_run=False, allowed={"changes": 1000}, aim=aim)
        ran = run_connection(
            opened, self.store, request, now=lambda: self.now, progress=lambda *_: None, stop=lambda: False
        )
        plan = ran.plan
        assert set(plan.outcomes.values()) <= {"written", "unchanged"}, plan.messages
        assert set(plan.outcomes) == {change.lead for change in plan.changes}
        return plan.changes

    def hand_offs(self) -> dict[str, list[HandOffRecord]]:
        found: dict[str, list[HandOffRecord]] = {name: [] for name in NAMES}
        for row in self.store.hand_offs.read(self.connection):
            found[row.lead].append(row)
        return found

    # What people do

    def touch(self, lead: str) -> None:
        call = {LEAD_ID: lead, "Kind": "call", "OwnerId": self.crm.records[lead]["OwnerId"]}
        self.crm.created[f"call-{len(self.crm.created)}"] = {**call, "At": self.now.isoformat()}

    def answer(self, lead: str, word: str | None) -> None:
        self.crm.records[lead]["Answer"] = word

    def close_task(self, lead: str, outcome: str) -> None:
        tasks = [values for record, values in self.crm.created.items() if record.startswith("Task-")]
        mine = [values for values in tasks if values[LEAD_ID] == lead]
        if mine:
            mine[-1].update(Outcome=outcome, At=self.now.isoformat())

    def take(self, lead: str, user: str | None) -> None:
        record = self.crm.records[lead]
        if record["OwnerId"] != user and user != self.ours.get(lead):
            self.edited[lead] = self.now.date()
        record["OwnerId"] = user

    def heat(self, lead: str, word: str) -> None:
        self.crm.records[lead]["Heat"] = word

    def hours(self, number: int) -> None:
        self.now += timedelta(hours=number)

    def redistribute(self, leaver: str) -> None:
        """Their leads to others, at once; asked again there is nothing to do, and nothing else has moved."""
        before, theirs = self.hand_offs(), {name for name, it in self.crm.records.items() if it["OwnerId"] == leaver}
        changes = self.run(leaver)
        event(f"redistributed: {len(changes)}")
        assert {change.lead for change in changes} <= theirs
        assert not any(change.stage_changes or change.owner_after == leaver for change in changes)
        check_changes(self, changes, before)
        assert self.run(leaver) == ()

    def leaves(self, user: str) -> None:
        """Inactive in the CRM, or back again."""
        self.crm.gone_people ^= {user}
