"""Policies, mappings and rosters of the hand-off process in all its manners, each held against that CRM."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hand_off_crm import Crm

from crmsync.connection.prepared import Prepared, prepared
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Org
from crmsync.settings import Settings, load_settings

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HANDS_OFF_DAYS = 2
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
