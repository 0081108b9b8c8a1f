"""What did not happen, as other programs write it into the CRMs: no evidence, no first touch, no contact.

And a day is a day: what has no time of day lies on its own day wherever the org is.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rehearsal import CRMS, Rehearsal, rehearsal, write_world
from small_world import USERS, lead, stage

from crmsync.clock import now
from suite.breadth import broadly

ZONE = "America/Los_Angeles"
NOW = now()
TODAY = NOW.astimezone(ZoneInfo(ZONE)).date()
YESTERDAY, TOMORROW = (TODAY + timedelta(days=days) for days in (-1, 1))
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def task(**more: Any) -> tuple[str, dict[str, Any]]:
    return "Task", {"Subject": "A task", "ActivityDate": YESTERDAY.isoformat(), **more}


def event(**more: Any) -> tuple[str, dict[str, Any]]:
    return "Event", {"Subject": "An event", "DurationInMinutes": 30, **more}


def whole_day(day: Any) -> tuple[str, dict[str, Any]]:
    start = f"{day.isoformat()}T00:00:00.000Z"
    more = {"ActivityDate": day.isoformat(), "StartDateTime": start, "DurationInMinutes": 1440}
    return "Event", {"Subject": "A whole day", "IsAllDayEvent": True, **more}


def call(status: str | None, hours: float = -24, **more: Any) -> tuple[str, dict[str, Any]]:
    return "calls", {"hs_timestamp": at(hours), **({"hs_call_status": status} if status else {}), **more}


def meeting(outcome: str | None, hours: float = -24) -> tuple[str, dict[str, Any]]:
    end = {"hs_meeting_start_time": at(hours), "hs_meeting_end_time": at(hours + 1)}
    return "meetings", {"hs_timestamp": at(hours), **end, **({"hs_meeting_outcome": outcome} if outcome else {})}


def email(status: str, hours: float = -24) -> tuple[str, dict[str, Any]]:
    return "emails", {"hs_timestamp": at(hours), "hs_email_direction": "EMAIL", "hs_email_status": status}


def to_do(status: str, kind: str = "CALL", hours: float = -24) -> tuple[str, dict[str, Any]]:
    return "tasks", {"hs_timestamp": at(hours), "hs_task_status": status, "hs_task_type": kind}


def with_words(record: tuple[str, dict[str, Any]], **words: str) -> tuple[str, dict[str, Any]]:
    return record[0], {**record[1], **words}


RECORDS: Mapping[str, Mapping[str, tuple[bool, tuple[str, dict[str, Any]]]]] = {
    "salesforce": {
        "open-call": (False, task(Status="Not Started", Type="Call")),
        "waiting-call": (False, task(Status="Waiting on someone else", TaskSubtype="Call")),
        "deferred-email": (False, task(Status="Deferred", Type="Email")),
        "next-month": (
            False,
            task(Status="Not Started", Type="Call", ActivityDate=str(TODAY + timedelta(days=30))),
        ),
        "meeting-to-come": (False, event(StartDateTime=at(30))),
        "tomorrow-all-day": (False, whole_day(TOMORROW)),
        "series": (
            False,
            event(
                StartDateTime=at(-24),
                IsRecurrence=True,
                RecurrenceStartDateTime=at(-24),
                RecurrenceEndDateOnly=str(TOMORROW),
                RecurrenceType="RecursDaily",
                RecurrenceInterval=1,
            ),
        ),
        "lightning-series": (
            False,
            event(StartDateTime=at(-24), Recurrence2PatternText="RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;COUNT=13"),
        ),
        "called-off": (False, task(Status="Cancelled", Type="Call", CallDisposition="Connected")),
        "own-no-show": (False, event(StartDateTime=at(-24), Activity_Outcome__c="No Show")),
        "own-canceled": (False, task(Status="Completed", Type="Email", Activity_Outcome__c="CANCELED")),
        "made-call": (True, task(Status="Completed", Type="Call")),
        "own-kind": (True, task(Status="Completed", Activity_Kind__c="Call")),
        "held-meeting": (True, event(StartDateTime=at(-24))),
        "today-all-day": (True, whole_day(TODAY)),
    },
    "hubspot": {
        "open-call": (False, to_do("NOT_STARTED")),
        "waiting-call": (False, to_do("WAITING")),
        "deferred-email": (False, to_do("DEFERRED", "EMAIL")),
        "next-month": (False, to_do("NOT_STARTED", hours=720)),
        "meeting-to-come": (False, meeting(None, 30)),
        "scheduled": (False, meeting("SCHEDULED")),
        "canceled": (False, meeting("CANCELED")),
        "no-show": (False, meeting("NO_SHOW")),
        "moved": (False, meeting("RESCHEDULED")),
        "call-canceled": (False, call("CANCELED", hs_call_disposition=CONNECTED)),
        "call-failed": (False, call("FAILED")),
        "call-queued": (False, call("QUEUED")),
        "call-in-progress": (False, call("IN_PROGRESS")),
        "call-to-come": (False, call("COMPLETED", 30)),
        "email-scheduled": (False, email("SCHEDULED")),
        "email-failed": (False, email("FAILED")),
        "email-bounced": (False, email("BOUNCED")),
        "own-no-show": (False, with_words(meeting("COMPLETED"), activity_outcome="No-Show")),
        "own-canceled": (False, with_words(email("SENT"), activity_outcome="Canceled")),
        "made-call": (True, call("COMPLETED")),
        "own-kind": (True, with_words(meeting(None), activity_kind="CALL")),
        "unanswered-call": (True, call("NO_ANSWER")),
        "held-meeting": (True, meeting("COMPLETED")),
        "meeting-of-no-outcome": (True, meeting(None)),
        "email-sent": (True, email("SENT")),
    },
}
"""CRM → lead → (did it happen?, the record that another program makes)."""
LEADS = sorted({name for records in RECORDS.values() for name in records})
ASSOCIATED = {"calls": 194, "emails": 198, "meetings": 200, "tasks": 204}
POLICY = """
format: 1
name: In touch
facts: {}
criteria:
  in_touch: {activities: {kind: [call, email, meeting], within_days: 60}}
  quiet: {no_activities: {within_days: 30}}
  to_do: {activities: {kind: task, outcome: open}}
  never: {activities: {kind: rfp_received}}
  off: {activities: {outcome: [canceled, no_show, rescheduled, failed, bounced]}}
ladder:
  - {stage: lead}
  - {stage: mql, when: in_touch}
  - {stage: sal, when: never}
  - {stage: sql, when: never}
  - {stage: sqo, when: never}
disqualified: {stage: disqualified, when: never}
"""


@pytest.fixture(scope="module")
def crms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    directory = tmp_path_factory.mktemp("evidence")
    leads = [lead(name) for name in LEADS]
    anchor = {"id": "anchor", "lead": LEADS[0], "kind": "note", "at": NOW.isoformat(), "direction": None}
    world = write_world(directory / "world", USERS, leads, [anchor])
    options = ["--import", str(world), "--timezone", ZONE, "--today", TODAY.isoformat()]
    with rehearsal(directory / "here", *options) as here:
        here.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        for crm in CRMS:
            for name, (_, (kind, values)) in RECORDS[crm].items():
                make(here, crm, name, kind, values)
        yield here


def make(here: Rehearsal, crm: str, name: str, kind: str, values: Mapping[str, Any], by: str | None = None) -> str:
    """Another program makes a record of the lead. Gives its id."""
    native, url = here.native(crm)[name], here.urls[crm]
    owner = here.native(crm, "users")[by] if by else None
    if crm == "salesforce":
        body: dict[str, Any] = {**values, "WhoId": native, **({"OwnerId": owner} if owner else {})}
        token = _asked(f"{url}/services/oauth2/token", b"grant_type=client_credentials&client_id=a&client_secret=b")
        bearer, path = token["access_token"], f"{url}/services/data/v62.0/sobjects/{kind}"
    else:
        tie = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": ASSOCIATED[kind]}
        properties = {**values, **({"hubspot_owner_id": owner} if owner else {})}
        body = {"properties": properties, "associations": [{"to": {"id": native}, "types": [tie]}]}
        bearer, path = "another-program", f"{url}/crm/v3/objects/{kind}"
    return str(_asked(path, json.dumps(body).encode(), bearer)["id"])


def _asked(url: str, data: bytes, bearer: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"} if bearer else {}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=300) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("crm", CRMS)
def test_only_what_happened_is_evidence(crms: Rehearsal, crm: str) -> None:
    plan = crms.json("run", crm, "--dry-run", code=(0, 4))["plans"][0]
    names = {native: name for name, native in crms.native(crm).items()}
    promoted = {names[change["lead"]] for change in plan["changes"] if change["stage"]}
    assert promoted == {name for name, (happened, _) in RECORDS[crm].items() if happened}
    told = crms.crmsync("explain", crm, "--all", "--format", "json").stdout.splitlines()
    conditions = {names[each["lead"]]: each["conditions"] for each in map(json.loads, told)}
    for name, (happened, (kind, _)) in RECORDS[crm].items():
        asked = conditions[name]
        assert asked["in_touch"] == ("met" if happened else "not_met"), name
        if name != LEADS[0]:
            assert asked["quiet"] == ("not_met" if happened else "met"), name
        if not happened and kind in {"Task", "tasks"} and name not in {"next-month", "called-off", "own-canceled"}:
            assert asked["to_do"] == "met", name
    off = {"own-no-show", "own-canceled"} | (
        {"canceled", "no-show", "moved", "call-canceled", "call-failed", "email-failed", "email-bounced"}
        if crm == "hubspot"
        else {"called-off"}
    )
    assert {name for name, asked in conditions.items() if asked["off"] == "met"} == off


@pytest.mark.parametrize(
    ("crm", "field", "record"),
    broadly(
        [
            ("salesforce", "Status", task(Status="Abgesagt", Type="Call", CallDisposition="Connected")),
            (
                "salesforce",
                "Activity_Outcome__c",
                task(Status="Completed", Type="Call", Activity_Outcome__c="Abgesagt"),
            ),
            ("salesforce", "CallDisposition", task(Status="Completed", Type="Call", CallDisposition="Abgesagt")),
            ("salesforce", "Activity_Outcome__c", event(StartDateTime=at(-24), Activity_Outcome__c="Abgesagt")),
            ("hubspot", "activity_outcome", with_words(meeting("COMPLETED"), activity_outcome="Abgesagt")),
            ("hubspot", "activity_outcome", with_words(call("COMPLETED"), activity_outcome="Abgesagt")),
        ]
    ),
)
def test_a_word_that_no_rule_names_counts_for_nothing_and_is_told(
    tmp_path: Path, crm: str, field: str, record: tuple[str, dict[str, Any]]
) -> None:
    """Nobody knows whether it happened: neither that there was a contact, nor that there was none."""
    anchor = {"id": "anchor", "lead": "other", "kind": "note", "at": NOW.isoformat(), "direction": None}
    world = write_world(tmp_path / "world", USERS, [lead("other"), lead("odd")], [anchor])
    options = ["--crm", crm, "--import", str(world), "--timezone", ZONE, "--today", TODAY.isoformat()]
    with rehearsal(tmp_path / "here", *options) as here:
        here.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        if field == "Status":  # an org whose own status closes tasks
            here.control(crm, "switches", "PUT", {"closed_task_statuses": ["Abgesagt"]})
        make(here, crm, "odd", *record)
        plan = here.json("run", "--dry-run", code=(0, 4))["plans"][0]
        assert not plan["changes"]
        [note] = [note for note in plan["notes"] if "Abgesagt" in note]
        assert f"the outcome of 1 record is unknown, because no rule names what {field} holds: “Abgesagt” (1)" in note
        told = json.loads(here.crmsync("explain", crm, here.native(crm)["odd"], "--format", "json").stdout)
        asked = ("in_touch", "quiet", "off")
        assert {name: told["conditions"][name] for name in asked} == dict.fromkeys(asked, "unknown")
        [data] = here.json("check", "--data")["connections"]
        assert [(each["field"], each["value"], each["count"]) for each in data["unnamed"]] == [(field, "Abgesagt", 1)]
        assert [each["count"] for each in data["activities"] if each["outcome"] == "unknown"] == [1]


@pytest.mark.parametrize("crm", CRMS)
def test_the_work_list_counts_contacts_that_happened(crms: Rehearsal, crm: str) -> None:
    """`touched`: of the owner's own; what did not happen leaves a lead without contact."""
    [answer] = crms.json("report", "worklist", crm, "--stage", "lead", "--show", "99")["connections"]
    names = {native: name for name, native in crms.native(crm).items()}
    listed = answer["lists"]["worklist"]["leads"]
    assert {names[each["lead"]] for each in listed} >= {name for name, (done, _) in RECORDS[crm].items() if not done}
    assert {each["days_since_touch"] for each in listed} == {None}


@pytest.mark.breadth
@pytest.mark.parametrize("crm", CRMS)
def test_the_clock_of_a_hand_off_waits_for_what_happens(tmp_path: Path, crm: str) -> None:
    """A to-do for next month, a meeting to come or called off: no touch. A call that was made: one."""
    never = {name for name, (happened, _) in RECORDS[crm].items() if not happened}
    leads = [lead(name, stage=stage("sql")) for name in sorted({*never, "made-call"})]
    anchor = {"id": "anchor", "lead": "made-call", "kind": "note", "at": NOW.isoformat(), "direction": None}
    world = write_world(tmp_path / "world", USERS, leads, [anchor])
    options = ["--crm", crm, "--import", str(world), "--timezone", ZONE, "--today", TODAY.isoformat()]
    with rehearsal(tmp_path / "here", *options) as here:
        here.file("policy.yaml").write_text(POLICY, encoding="utf-8")
        first_touch = {"within_hours": 4, "kinds": ["call", "email", "meeting", "task"]}
        here.change("policy.yaml", lambda it: it.update(hand_off={"stage": "sql", "first_touch": first_touch}))
        here.json("run", code=(0, 4))
        owners = {each["id"]: each["owner"] for each in here.state(crm)["leads"]}
        for name in (*sorted(never), "made-call"):
            kind, values = RECORDS[crm][name][1]
            moved = {at(-24): now().strftime("%Y-%m-%dT%H:%M:%SZ"), YESTERDAY.isoformat(): TODAY.isoformat()}
            soon = {key: moved.get(value, value) for key, value in values.items()}
            make(here, crm, name, kind, soon, by=owners[name])
        here.json("run", code=(0, 4))
        [report] = here.json("report", "hand-offs")["connections"]
        names = {native: name for name, native in here.native(crm).items()}
        states = {names[each["lead"]]: each["state"] for each in report["hand_offs"]}
        assert states == {**dict.fromkeys(never, "waiting"), "made-call": "in_touch"}
