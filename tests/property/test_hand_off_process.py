"""The hand-off process under whatever people do: whole runs over a CRM in memory, the store and the writer are real.

After each thing that happens there is a run, and one more at the same instant, which has nothing to do.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import LEAD_ID, RECORD_ID, CrmUser, NativeField, Org, Page, PullRequest
from crmsync.hand_off import HandOffRecord
from crmsync.model import Change
from crmsync.run.aims.everybody import Everybody
from crmsync.run.aims.leavers import Leavers
from crmsync.run.running import RunRequest
from crmsync.run.story import run_connection
from crmsync.settings import Settings, load_settings
from crmsync.store import Store
from crmsync.testing import MemoryCrm

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HANDS_OFF_DAYS = 2
NAMES = ("a", "b", "c")
PEOPLE = ("bdr-1", "bdr-2", "ae-1", "ae-2", "ae-3", "desk")
RECEIVERS = {"ae-1", "ae-2", "ae-3"}

CONFIGURATION = """format: 1
connections:
  memory: {connector: salesforce, mapping: mapping.yaml, writes: on}
"""
MAPPING = """format: 1
connector: salesforce
lead: {object: Lead, email: Email, company: Company, created_at: CreatedDate}
owner: {field: OwnerId}
stage: {field: Status, values: {mql: mql, sql: sql, disqualified: lost}}
facts:
  heat: {field: Heat, type: choice, values: [cold, hot, lost]}
activities:
  - object: Task
    at: [At]
    by: OwnerId
    kind: [{from: Kind}, {is: task}]
    outcome: [{from: Outcome}]
hand_off:
  bdr: Bdr
  response: {field: Answer, accepted: accepted, returned: returned}
  return_reason: Reason
  task: {object: Task, subject: Subject, owner: OwnerId}
"""
POLICY = """format: 1
name: Process
facts:
  heat: {{type: choice, values: [cold, hot, lost]}}
ladder:
  - {{stage: mql}}
  - {{stage: sql, when: {{fact: heat, is: hot}}}}
disqualified:
  stage: disqualified
  reasons:
    - {{name: lost, when: {{fact: heat, is: lost}}}}
movement: {{hands_off_days: 2, backward: allowed}}
hand_off:
  stage: sql
  task: {{subject: Call, accepted_by: [done], returned_by: [declined]}}
  returned: {returned}
  first_touch: {first_touch}
"""
ROSTER = """format: 1
people:
  - {{user: bdr-1, role: bdr}}
  - {{user: bdr-2, role: bdr}}
  - {{user: ae-1, role: ae, hours: {{mon-fri: "09:00-17:00"}}}}
  - {{user: ae-2, role: ae, absences: [{{from: 2026-11-18, to: 2026-11-19}}]}}
  - {{user: ae-3, role: ae, capacity: {{open_leads: 2}}}}
{rules}
"""
RETURNED = ("{to: bdr, at_most: 1}", "{to: bdr, at_most: 2, again_after_days: 2}", "{to: next, at_most: 2}")
FIRST_TOUCH = (
    "{within_hours: 4, remind_after_hours: 4}",
    "{within_hours: 4, remind_after_hours: 4, reassign_after_hours: 8}",
    "{within_hours: 4, reassign_after_hours: 8, reassign_to: {queue: Desk}}",
    "{within_hours: 4, remind_after_hours: 4, reassign_after_hours: 8, reassign_to: {pool: last}}\n"
    "  clocks: [{name: yes, until: accepted, within_hours: 20, zone: lead, reassign_to: next}]",
)
LAST = "pools: {last: {people: [ae-3, ae-1]}}"
RULES = (LAST, f"{LAST}\nrules: {{otherwise: {{queue: Desk}}}}")
SEVERAL_MAPPING = MAPPING.replace("mql: mql", "mql: mql, sal: sal").replace("[cold, hot", "[cold, warm, hot")
SEVERAL = """format: 1
name: Processes
facts:
  heat: {{type: choice, values: [cold, warm, hot, lost]}}
criteria:
  known_company: {{known: company}}
ladder:
  - {{stage: mql}}
  - {{stage: sal, when: {{fact: heat, in: [warm, hot]}}}}
  - {{stage: sql, when: {{fact: heat, is: hot}}}}
disqualified:
  stage: disqualified
  reasons:
    - {{name: lost, when: {{fact: heat, is: lost}}}}
movement: {{hands_off_days: 2, backward: allowed}}
hand_overs:
  - name: to_bdr
    stage: {first}
    task: {{subject: Qualify, accepted_by: [done], returned_by: [declined]}}
    {to_bdr}
  - name: to_ae
    stage: sql
    when: known_company
    task: {{subject: Call, accepted_by: [done], returned_by: [declined]}}
    {to_ae}
{leaving}
"""
SEVERAL_RULES = """pools: {bdrs: {role: bdr}, aes: {role: ae}}
rules:
  to_bdr: [{pool: bdrs}]
  to_ae: [{pool: aes}]
"""
LEAVING = "  - {name: nurture, leaving: true}"
NURTURE = "  nurture: [{strategy: queue, queue: Desk}]\n"
FIRST_STAGE = ("mql", "sal")
PROCESSES = (
    ("returned: {to: next, at_most: 2}", "from: [nobody, queue, {role: bdr}]\n    returned: {to: giver, at_most: 2}"),
    (
        "from: [nobody, {queue: Desk}]\n    returned: {to: giver, at_most: 1, again_after_days: 1}",
        "returned: {to: giver, at_most: 2, again_after_days: 2}\n"
        "    first_touch: {within_hours: 4, reassign_after_hours: 8}",
    ),
    (
        "from: nobody\n    first_touch: {within_hours: 4, remind_after_hours: 4, reassign_after_hours: 8}",
        "first_touch: {within_hours: 4, remind_after_hours: 4}\n    returned: {to: next, at_most: 2}",
    ),
)
OTHERWISE = ("", "  otherwise: nobody\n", "  otherwise: {queue: Desk}\n")


def _single(returned: str, first_touch: str, rules: str) -> tuple[str, str, str]:
    return MAPPING, POLICY.format(returned=returned, first_touch=first_touch), ROSTER.format(rules=rules)


def _several(first: str, process: tuple[str, str], leaving: bool, otherwise: str) -> tuple[str, str, str]:
    to_bdr, to_ae = process
    policy = SEVERAL.format(first=first, to_bdr=to_bdr, to_ae=to_ae, leaving=LEAVING if leaving else "")
    rules = SEVERAL_RULES + (NURTURE if leaving else "") + otherwise
    return SEVERAL_MAPPING, policy, ROSTER.format(rules=rules)


ONE_HAND_OFF = list(itertools.product(RETURNED, FIRST_TOUCH, RULES))
CONFIGURATIONS = [
    *itertools.starmap(_single, ONE_HAND_OFF),
    *itertools.starmap(_several, itertools.product(FIRST_STAGE, PROCESSES, (True, False), OTHERWISE)),
]
"""Mapping, policy and roster: those of one hand-off, then those of several hand-overs."""


@cache
def configured(number: int) -> Settings:
    """One of the configurations, read from files like a user's."""
    mapping, policy, roster = CONFIGURATIONS[number]
    texts = {"crmsync.yaml": CONFIGURATION, "mapping.yaml": mapping, "policy.yaml": policy, "roster.yaml": roster}
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return load_settings(Path(folder) / "crmsync.yaml")


@cache
def ready(number: int, gone_people: frozenset[str]) -> tuple[Prepared, Snapshot]:
    """A configuration held against the CRM with these people inactive."""
    crm = Crm()
    crm.gone_people = set(gone_people)
    snapshot = Snapshot(Org("memory", "memory", "UTC"), crm.users(), crm.fields("Lead"))
    return prepared(configured(number), configured(number).connections["memory"], snapshot, now=MONDAY), snapshot


class Crm(MemoryCrm):
    """Leads with their activities: calls by people, and the tasks that crmsync makes."""

    def __init__(self) -> None:
        lead = dict.fromkeys(("Status", "Bdr", "Answer", "Reason"), None)
        super().__init__(
            {
                name: {
                    **lead,
                    "Status": "mql",
                    "Heat": "hot",
                    "OwnerId": f"bdr-{1 + number % 2}",
                    "Email": f"{name}@{name}.example",
                    "Company": f"Company {name}",
                    "CreatedDate": "2026-11-01T00:00:00Z",
                }
                for number, name in enumerate(NAMES)
            },
            write_batch_size=200,
        )
        self.gone_people: set[str] = set()

    def users(self) -> tuple[CrmUser, ...]:
        people = [CrmUser(name, name, None, name not in self.gone_people) for name in PEOPLE[:-1]]
        return (*people, CrmUser("desk", "Desk", None, True, kind="queue"))

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        task = ("At", "OwnerId", "Kind", "Outcome", "Subject")
        names = task if object_name == "Task" else tuple(next(iter(self.records.values())))
        return tuple(NativeField(name, name, "text", True) for name in names)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        if request.leads_object is None:
            yield from super().pull(request)
            return
        rows = [
            {RECORD_ID: record, LEAD_ID: values[LEAD_ID], **{name: values.get(name) for name in request.fields}}
            for record, values in self.created.items()
        ]
        yield Page(
            pl.DataFrame(rows, schema=dict.fromkeys((RECORD_ID, LEAD_ID, *request.fields), pl.String)), cursor="end"
        )


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


LEAD = st.sampled_from(NAMES)


def _events(heat: Sequence[str], takers: Sequence[str | None]) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    return st.lists(
        st.one_of(
            st.tuples(st.just("hours"), st.sampled_from((1, 5, 12, 30))),
            st.tuples(st.just("answer"), LEAD, st.sampled_from(("accepted", "returned", "returned", None))),
            st.tuples(st.just("close_task"), LEAD, st.sampled_from(("done", "declined"))),
            st.tuples(st.just("touch"), LEAD),
            st.tuples(st.just("take"), LEAD, st.sampled_from(takers)),
            st.tuples(st.just("heat"), LEAD, st.sampled_from(heat)),
            st.tuples(st.just("redistribute"), st.sampled_from(("ae-1", "ae-2", "bdr-1"))),
            st.tuples(st.just("leaves"), st.sampled_from(("ae-1", "ae-3", "bdr-1"))),
        ),
        min_size=4,
        max_size=14,
    )


EVENTS = _events(("hot", "hot", "cold", "lost"), PEOPLE)
OF_SEVERAL = _events(("hot", "hot", "warm", "warm", "cold", "lost"), (*PEOPLE, None))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store; every example has a connection of its own."""
    store = Store(tmp_path_factory.mktemp("store") / "store.db")
    yield store
    store.close()


EXAMPLES = itertools.count()


@pytest.mark.breadth
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    number=11,
    events=[
        ("leaves", "ae-1"),
        ("redistribute", "ae-1"),
        ("hours", 12),
        ("close_task", "a", "declined"),
        ("hours", 30),
        ("close_task", "a", "declined"),
    ],
)
@example(number=4, events=[("hours", 12), ("hours", 30), ("take", "a", "ae-3"), ("hours", 30), ("heat", "b", "cold")])
@example(number=6, events=[("hours", 12), ("answer", "a", "accepted"), ("hours", 30), ("touch", "b"), ("hours", 30)])
@example(number=2, events=[("hours", 1), ("hours", 1), ("redistribute", "ae-2"), ("hours", 30)])
@given(number=st.integers(0, len(ONE_HAND_OFF) - 1), events=EVENTS)
def test_whatever_people_do_the_process_keeps_its_word(
    store: Store, number: int, events: Sequence[tuple[Any, ...]]
) -> None:
    firm = Practice(store, f"example {next(EXAMPLES)}", number)
    at_most = configured(number).policy.hand_off.returned.at_most  # type: ignore[union-attr]
    ended: dict[int, HandOffRecord] = {}
    for what, *arguments in (("hours", 0), *events):
        getattr(firm, what)(*arguments)
        before = firm.hand_offs()
        changes = firm.run()
        check_changes(firm, changes, before)
        again = firm.run()
        assert again == (), f"a second run at the same instant changes {again}"
        check_rows(firm, at_most, ended)


def check_changes(firm: Practice, changes: Sequence[Change], before: Mapping[str, Sequence[HandOffRecord]]) -> None:
    """Owners that a person set stay; who had a lead does not get it again in the same course."""
    for change in changes:
        if change.hand_off:
            event(change.hand_off.move)
        if not change.owner_changes:
            continue
        edited = firm.edited.get(change.lead)
        free = edited is None or firm.now.date() > edited + timedelta(days=HANDS_OFF_DAYS)
        assert free, f"a person set the owner on {edited}, and {change} moves it"
        firm.ours[change.lead] = change.owner_after
        had_it = {
            row.receiver
            for row in before[change.lead]
            if row.returned_at or row.queued_at or row.ended_by in ("reassigned", None)
        }
        for row in before[change.lead]:
            parked = row.queued_at and row.ended_at is None and change.owner_before == row.queue
            assert not parked or change.stage_after != "sql", f"{change} takes it out of the queue of a timeout"
        if change.hand_off and change.hand_off.move in ("passed_on", "reassigned"):
            assert change.owner_after not in had_it, f"{change} gives it to one who had it"


def check_rows(firm: Practice, at_most: int, ended: dict[int, HandOffRecord]) -> None:
    """Attempts ascend by one, one at most is under way, an end is an end, who handed off stays; tasks come once."""
    tasks = Counter(
        (it[LEAD_ID], it["Subject"]) for record, it in firm.crm.created.items() if record.startswith("Task-")
    )
    wanted: Counter[tuple[str | None, str | None]] = Counter()
    for lead, rows in firm.hand_offs().items():
        assert [row.attempt for row in rows] == list(range(1, len(rows) + 1))
        assert sum(row.returned_at is not None for row in rows) <= at_most
        assert sum(row.ended_at is None for row in rows) <= 1
        assert all(row.ended_at is not None for row in rows[:-1])
        for earlier, later in itertools.pairwise(rows):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.handed_at
            if earlier.ended_by in ("returned", "reassigned"):
                assert later.bdr == earlier.bdr, "who handed off stays"
        for row in rows:
            assert row.bdr not in RECEIVERS
            assert ended.get(row.id, row) == row, "an ended hand-off came back to life"
            if row.ended_at is not None:
                ended[row.id] = row
            wanted[lead, f"Call (hand-off {row.attempt})"] += 1
            wanted[lead, f"Reminder: Call (hand-off {row.attempt})"] += row.reminded_at is not None
        if rows and rows[-1].ended_at is None:
            owner, live = firm.crm.records[lead]["OwnerId"], rows[-1]
            holders = {live.queue} if live.queued_at else {live.bdr} if live.returned_at else {live.receiver, "desk"}
            assert owner in holders
        assert firm.crm.records[lead]["Bdr"] not in RECEIVERS
    assert tasks == +wanted, "one task for each hand-off, one for each reminder"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    number=len(ONE_HAND_OFF) + 7,
    events=[
        ("hours", 5),
        ("heat", "c", "warm"),
        ("redistribute", "ae-1"),
        ("redistribute", "ae-2"),
        ("redistribute", "ae-3"),
    ],
)
@given(number=st.integers(len(ONE_HAND_OFF), len(CONFIGURATIONS) - 1), events=OF_SEVERAL)
def test_whatever_people_do_several_hand_overs_keep_their_word(
    store: Store, number: int, events: Sequence[tuple[Any, ...]]
) -> None:
    firm = Practice(store, f"example {next(EXAMPLES)}", number)
    for name, owner, heat in zip(NAMES, (None, "desk", "bdr-1"), ("warm", "cold", "hot"), strict=True):
        firm.crm.records[name].update(OwnerId=owner, Heat=heat)
    ended: dict[int, HandOffRecord] = {}
    for what, *arguments in (("hours", 0), *events):
        getattr(firm, what)(*arguments)
        before = firm.hand_offs()
        changes = firm.run()
        check_owners(firm, changes, before)
        again = firm.run()
        assert again == (), f"a second run at the same instant changes {again}"
        check_several(firm, ended)


def check_owners(firm: Practice, changes: Sequence[Change], before: Mapping[str, Sequence[HandOffRecord]]) -> None:
    """As of one hand-off, but who had a lead by another hand-over may get it; a receiver keeps what is theirs."""
    policy = configured(firm.number).policy
    stages = {each.name: policy.stages_of(each) for each in policy.hand_overs}
    for change in changes:
        if change.hand_off:
            event(f"{change.hand_off.hand_over} {change.hand_off.move}")
        if not change.owner_changes:
            continue
        name = change.hand_off.hand_over if change.hand_off else change.routing and change.routing.hand_over
        assert name in stages, change
        assert change.stage_after in stages[name]
        mine = [row for row in before[change.lead] if row.hand_over == name]
        if change.hand_off and change.hand_off.move in ("passed_on", "reassigned"):
            had_it = {row.receiver for row in mine if row.returned_at or row.ended_by in ("reassigned", None)}
            assert change.owner_after not in had_it, f"{change} gives it to one who had it"
        firm.ours[change.lead] = change.owner_after


def check_several(firm: Practice, ended: dict[int, HandOffRecord]) -> None:
    """Each hand-over counts for itself, one process at most is under way, an end is an end; tasks come once."""
    policy = configured(firm.number).policy
    tasks = Counter(
        (it[LEAD_ID], it["Subject"]) for record, it in firm.crm.created.items() if record.startswith("Task-")
    )
    wanted: Counter[tuple[str | None, str | None]] = Counter()
    for lead, rows in firm.hand_offs().items():
        assert sum(row.ended_at is None for row in rows) <= 1
        for earlier, later in itertools.pairwise(sorted(rows, key=lambda row: row.id)):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.handed_at
        for rule in policy.hand_overs:
            mine = [row for row in rows if row.hand_over == rule.name]
            assert [row.attempt for row in mine] == list(range(1, len(mine) + 1))
            if rule.returned:
                assert sum(row.returned_at is not None for row in mine) <= rule.returned.at_most
            for row in mine:
                assert row.receiver.startswith({"to_bdr": "bdr", "to_ae": "ae"}[rule.name])
                assert not (row.bdr or "").startswith({"to_bdr": "bdr", "to_ae": "ae"}[rule.name])
                assert ended.get(row.id, row) == row, "an ended hand-off came back to life"
                if row.ended_at is not None:
                    ended[row.id] = row
                subject = rule.task.subject if rule.task else None
                called = f"{subject} ({rule.called} {row.attempt})"
                wanted[lead, called] += 1
                wanted[lead, f"Reminder: {called}"] += row.reminded_at is not None
        if rows and (live := max(rows, key=lambda row: row.id)).ended_at is None:
            owner = firm.crm.records[lead]["OwnerId"]
            assert owner in ({live.bdr, live.receiver, "desk"} if live.returned_at else {live.receiver, "desk"})
    assert tasks == +wanted, "one task for each hand-off, one for each reminder"
