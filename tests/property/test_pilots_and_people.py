"""Everyday runs, pilots of every kind and what people do meanwhile, in any order: what has to hold after each step.

The firm's CRM is in memory, its store and runs are real. People hold, pin and release leads, edit stages, owners and
facts, return and touch hand-offs, leads leave the scope and come back, answers of the CRM get lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from small_firm import MAPPING, MONDAY, POLICY, Firm

from crmsync.errors import RunStopped
from crmsync.model import Plan
from crmsync.run.aims.chosen import Chosen
from crmsync.run.left_alone import left_alone
from crmsync.store import Hold, Store
from suite.breadth import broadly

LEADS = tuple("abcdef")
MAPPED = MAPPING.replace(
    "lead: {object: Lead,", "lead: {object: Lead, leave_alone: {Pin: [legal]}, when: {Team: [ours]},"
).replace(
    "hand_off:\n", "hand_off:\n  response: {field: Answer, accepted: Taken, returned: Back}\n"
)  # fmt: skip
MAPPED += """
write:
  scores: {heat: Points}
  bands: {heat: Band}
  next_action: Next
  previous_owner: Before
  decided_by: By
"""
SCORED = POLICY.replace(
    "\ncriteria:",
    """
scores:
  heat:
    rules:
      - {when: {fact: heat, is: hot}, points: 60}
      - {activities: {kind: call}, points: 10, half_life_days: 3}
    bands: {warm: 50, cold: 0}
priority: heat
next_action: {mql: Wait, sql: Call}
criteria:""",
).replace(
    "task: {subject: Call}",
    "task: {subject: Call}, first_touch: {within_hours: 8, remind_after_hours: 4, reassign_after_hours: 20}, "
    "returned: {to: bdr, again_after_days: 2, at_most: 2}",
)
FIELDS = ("Points", "Band", "Next", "Before", "By", "Answer", "Pin")
EDITS: Mapping[str, tuple[str, Sequence[str | None]]] = {
    "pin": ("Pin", [None, "legal"]),
    "fact": ("Heat", ["hot", "cold"]),
    "owner": ("OwnerId", ["bea", "bob", "ann", "eve"]),
    "stage": ("Status", ["mql", "sql"]),
    "scope": ("Team", ["ours", "theirs"]),
    "points": ("Points", [None, "7"]),
    "action": ("Next", [None, "7"]),
    "answer": ("Answer", [None, "Taken", "Back"]),
}
PEOPLE = (*EDITS, "fact", "fact", "fact", "answer", "answer", "hold", "release", "call", "later", "later")
OURS = ("pilot", "pilot", "pilot", "run", "leaver", "lost", "lost", "lost")
PILOTS: tuple[Mapping[str, Any], ...] = (
    {"limit": 1},
    {"limit": 2, "only": "owner"},
    {"limit": 2, "only": "stage"},
    {"limit": 1, "only": "fields"},
    {"only": "owner"},
    {"only": "stage"},
    {"only": "fields"},
    {"stages": ("sql",)},
    {"stages": ("mql",)},
    {"criteria": ("hot",)},
    {"names": ("a",)},
    {"names": ("b", "c"), "only": "owner"},
    {"names": ("d",), "limit": 1},
)


class World:
    """The firm, and what chance has people do."""

    def __init__(self, chance: Random, store: Store) -> None:
        self.chance = chance
        self.firm = Firm(store, "firm", {"mapping": MAPPED, "policy": SCORED}, now=MONDAY)
        self.crm = self.firm.crm
        like = next(iter(self.crm.records.values()))
        self.crm.records = {
            name: {**like, "Email": f"{name}@{name}.example", "Company": name, "Team": "ours"}
            | {"Heat": chance.choice(["hot", "cold"])}
            | dict.fromkeys(FIELDS)
            for name in LEADS
        }

    def step(self) -> None:
        """People do this and that, then crmsync runs in some way."""
        for _ in range(4):
            self.people_do(self.chance.choice(PEOPLE))
        match self.chance.choice(OURS):
            case "pilot":
                self.carry_out(aim=Chosen(**self.chance.choice(PILOTS), alone=False))
            case "leaver":
                self.carry_out("abe")
            case "lost":
                self.answers_are_lost()
            case _:
                self.carry_out()

    def people_do(self, what: str) -> None:
        """Somebody does something, or time goes by."""
        pick, firm = self.chance.choice, self.firm
        lead = pick(LEADS)
        if what in EDITS:
            field, values = EDITS[what]
            self.crm.records[lead][field] = pick(values)
        elif what == "hold":
            until = firm.now.date() + timedelta(days=pick([0, 1, 4]))
            firm.store.left_alone.hold(firm.name, Hold(lead, until, "why", "ada", firm.now))
        elif what == "release":
            firm.store.left_alone.release(firm.name, lead, now=firm.now)
        elif what == "call":
            firm.did(lead, "call", by=pick(["bea", "ann"]))
        else:
            firm.now += timedelta(hours=pick([5, 24, 72]))

    def answers_are_lost(self) -> None:
        """A run, or a pilot, of which writes end in doubt, or the connection ends between clear and set."""
        pick, crm = self.chance.choice, self.crm
        if pick([True, False]):
            crm.lost_answers = {name: pick([True, False, False]) for name in LEADS}
        else:
            crm.before_push = lambda writes: self.is_cut_off(
                [write.id for write in writes if "Status" in write.values]
            )
        self.carry_out(**pick([{}, {"aim": Chosen(limit=2)}]))
        crm.lost_answers, crm.before_push = {}, lambda _: None

    def is_cut_off(self, moving: Sequence[str]) -> None:
        """Stages may have been emptied by then."""
        for lead in moving:
            self.crm.records[lead]["Status"] = None
        raise RunStopped("the connection ended")

    def carry_out(self, *leavers: str, **asked: Any) -> Plan:
        """One run or pilot, of which nothing is to be seen on leads that are left alone."""
        before = {name: dict(record) for name, record in self.crm.records.items()}
        plan = self.firm.run(*leavers, allowed=99, **asked)
        assert not any(guard.breached for guard in plan.guards), plan.guards
        alone = self.alone_by_people() if plan.undo_of else self.alone()
        assert not alone & {change.lead for change in plan.changes}
        assert {name: self.crm.records[name] for name in alone} == {name: before[name] for name in alone}
        return plan

    def alone(self) -> set[str]:
        """Leads that nothing may be written of, as the store knows by now; those out of scope among them."""
        found = set(left_alone(self.firm.prepared, self.firm.store, self.firm.now.date()))
        return found | {name for name, record in self.crm.records.items() if record["Team"] != "ours"}

    def alone_by_people(self) -> set[str]:
        """The same without those that are left alone because a run was undone there: an undo may write to them."""
        kept = left_alone(self.firm.prepared, self.firm.store, self.firm.now.date())
        undone = {lead for lead, why in kept.items() if why.cause == "undone"}
        return self.alone() - {name for name in undone if self.crm.records[name]["Team"] == "ours"}

    def turns_are_those_of_entries(self) -> None:
        journal = self.firm.store.journal
        held = Counter(entry.turn for entry in journal.entries(self.firm.name) if entry.turn)
        counted = {key: it.count for key, it in journal.turns(self.firm.name).items() if key[1] and it.count}
        assert counted == dict(held)

    def comes_to_rest(self) -> None:
        """A last whole run, of which both ways of looking plan the same, leaves nothing."""
        due, whole = self.firm.run(dry_run=True, allowed=99), self.firm.run(dry_run=True, full=True, allowed=99)
        assert _content(due) == _content(whole)
        self.carry_out()
        for full in (False, True):
            left = self.firm.run(dry_run=True, full=full, allowed=99)
            assert _content(left) == {}
        assert self.firm.run(allowed=99).changes == ()


def _content(plan: Plan) -> dict[str, Any]:
    return {change.lead: (change.writes, change.creates, change.reasons) for change in plan.changes}


@pytest.mark.breadth
@pytest.mark.parametrize("seed", broadly(range(3)))
def test_nothing_gets_lost_between_pilots_runs_and_people(seed: int, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store.db")) as store:
        world = World(Random(seed), store)
        for _ in range(3):
            for _ in range(4):
                world.step()
                world.turns_are_those_of_entries()
            world.comes_to_rest()
            world.turns_are_those_of_entries()
