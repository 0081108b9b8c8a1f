"""What the starter mappings make of what did not happen, and of days: evidence happened, a day is a day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmsync.configuration import read_document
from crmsync.errors import ConfigurationError
from crmsync.mapping import ActivityMapping, activities_from, activity_fields, mapping_from
from crmsync.model import NOT_DONE

MAPPINGS = Path(__file__).parents[3] / "mappings"
ZONES = ("UTC", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kathmandu")


def mapped(crm: str, name: str) -> ActivityMapping:
    text = (MAPPINGS / f"{crm}.yaml").read_text(encoding="utf-8")
    mapping = mapping_from(read_document(text, f"mappings/{crm}.yaml"))
    return next(activity for activity in mapping.activities if activity.object == name)


def read(activity: ActivityMapping, zone: str = "UTC", **record: str | None) -> tuple[Any, ...] | None:
    """(kind, outcome, day, at) of one record; None = left out."""
    row: dict[str, str | None] = {"@id": "1", "@lead": "a", **dict.fromkeys(activity_fields(activity)), **record}
    page = pl.DataFrame([row], schema=dict.fromkeys(row, pl.String()))
    rows = activities_from(activity, page, zone).frame.select("kind", "outcome", "day", "at").rows()
    return (rows[0][0], rows[0][1], str(rows[0][2]), rows[0][3]) if rows else None


CALL = {"TaskSubtype": "Call", "Type": "Call", "ActivityDate": "2026-11-27"}
LOGGED = "2026-11-27T23:30:00Z"


@pytest.mark.parametrize(
    ("record", "kind", "outcome"),
    [
        ({**CALL, "IsClosed": "false"}, "task", "open"),
        ({**CALL, "IsClosed": "false", "CallDisposition": "Connected"}, "task", "open"),
        ({"Type": "Email", "IsClosed": "false", "ActivityDate": "2026-12-27"}, "task", "open"),
        ({"Type": "Note", "IsClosed": "false", "ActivityDate": "2026-11-27"}, "task", "open"),
        ({**CALL, "IsClosed": "true", "CallDisposition": "Connected"}, "call", "connected"),
        ({"Type": "Email", "IsClosed": "true", "ActivityDate": "2026-11-27"}, "email", None),
        ({"ActivityDate": "2026-11-27", "IsClosed": "true"}, "task", None),
        ({**CALL, "IsClosed": "true", "Status": "Completed"}, "call", None),
        ({**CALL, "IsClosed": "true", "Status": "COMPLETED", "CallDisposition": "no-answer"}, "call", "no_answer"),
        ({**CALL, "IsClosed": "true", "Status": "Cancelled", "CallDisposition": "Connected"}, "call", "canceled"),
        ({**CALL, "IsClosed": "true", "Status": "Canceled by lead"}, "call", "canceled"),
        ({**CALL, "IsClosed": "true", "Status": "deferred"}, "call", "rescheduled"),
        ({**CALL, "IsClosed": "true", "Status": "Not held", "CallDisposition": "Connected"}, "call", "unknown"),
        ({**CALL, "IsClosed": "true", "Status": "Completed", "CallDisposition": "Not held"}, "call", "unknown"),
        ({**CALL, "IsClosed": "true", "Activity_Outcome__c": "No Show"}, "call", "no_show"),
        ({**CALL, "IsClosed": "true", "Activity_Outcome__c": "Abgesagt", "Status": "Completed"}, "call", "unknown"),
        (
            {"ActivityDate": "2026-11-27", "IsClosed": "true", "Activity_Kind__c": "Discovery Call"},
            "discovery_call",
            None,
        ),
        ({"ActivityDate": "2026-11-27", "IsClosed": "true", "Activity_Kind__c": "Messe"}, "Messe", None),
    ],
)
def test_what_a_salesforce_task_says_of_itself(record: dict[str, str], kind: str, outcome: str | None) -> None:
    found = read(mapped("salesforce", "Task"), **record)
    assert found is not None
    assert found[:2] == (kind, outcome)


@pytest.mark.parametrize("name", ["Task", "Event"])
def test_a_salesforce_series_is_its_occurrences(name: str) -> None:
    """The series record names itself as its own series; the occurrences name it, too."""
    activity = mapped("salesforce", name)
    times = {"ActivityDate": "2026-11-27", "StartDateTime": "2026-11-27T10:00:00Z", "IsClosed": "true"}
    assert read(activity, **times, IsRecurrence="true", RecurrenceActivityId="1") is None
    assert read(activity, **times, IsRecurrence="false", RecurrenceActivityId="9") is not None
    assert read(activity, **times) is not None


def test_a_lightning_series_is_its_occurrences_and_a_proposed_event_is_to_come() -> None:
    """Only the kind of group event tells the series from its occurrences: `IsRecurrence` is false for both."""
    event = mapped("salesforce", "Event")
    times = {"ActivityDate": "2026-11-27", "StartDateTime": "2026-11-27T10:00:00Z", "IsRecurrence": "false"}
    told = [read(event, **times, GroupEventType=kind) for kind in ("3", "2", "1", "0", None)]
    assert [found and found[1] for found in told] == [None, "scheduled", None, None, None]
    assert [found is None for found in told] == [True, False, False, False, False]


@pytest.mark.parametrize("zone", ZONES)
def test_an_all_day_event_keeps_its_day_in_every_zone(zone: str) -> None:
    event = mapped("salesforce", "Event")
    whole = {"IsAllDayEvent": "true", "ActivityDate": "2026-11-29", "StartDateTime": "2026-11-29T00:00:00Z"}
    assert read(event, zone, **whole) == ("meeting", None, "2026-11-29", None)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_without_a_time_is_that_day_in_every_zone(zone: str) -> None:
    task = mapped("salesforce", "Task")
    for closed in ("true", "false"):
        found = read(task, zone, IsClosed=closed, ActivityDate="2026-11-29")
        assert found is not None
        assert found[2:] == ("2026-11-29", None)
    notes = mapped("hubspot", "notes")
    assert read(notes, zone, hs_timestamp="2026-11-29") == ("note", None, "2026-11-29", None)


@pytest.mark.parametrize(
    ("kind", "due", "done", "day", "at"),
    [
        ({"TaskSubtype": "Call"}, "2026-11-20", LOGGED, "2026-11-20", None),  # logged a week later
        ({"Type": "Call"}, "2026-11-20", LOGGED, "2026-11-20", None),
        ({"TaskSubtype": "ListEmail"}, "2026-11-20", LOGGED, "2026-11-20", None),
        ({"TaskSubtype": "Call"}, "2026-11-27", LOGGED, "2026-11-27", LOGGED),  # on one day: the time is known
        ({"TaskSubtype": "Call"}, "2026-12-24", LOGGED, "2026-11-27", LOGGED),  # done before it was due
        ({"TaskSubtype": "Call"}, None, LOGGED, "2026-11-27", LOGGED),
        ({"TaskSubtype": "Call"}, "2026-11-20", None, "2026-11-20", None),
        ({"TaskSubtype": "Task"}, "2026-11-20", LOGGED, "2026-11-27", LOGGED),  # other tasks: when they were done
        ({"TaskSubtype": "Task"}, "2026-12-24", LOGGED, "2026-11-27", LOGGED),
    ],
)
def test_the_day_of_a_closed_salesforce_task(
    kind: dict[str, str], due: str | None, done: str | None, day: str, at: str | None
) -> None:
    found = read(mapped("salesforce", "Task"), **kind, IsClosed="true", ActivityDate=due, CompletedDateTime=done)
    assert found is not None
    assert found[2:] == (day, at and datetime.fromisoformat(at))


def test_the_completions_day_is_the_orgs() -> None:
    """23:30 in UTC is the next day in Auckland: a call of that day was made on it, one of the day before then."""
    task, done = (
        mapped("salesforce", "Task"),
        {"TaskSubtype": "Call", "IsClosed": "true", "CompletedDateTime": LOGGED},
    )
    at = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    on_it, before = (read(task, "Pacific/Auckland", ActivityDate=day, **done) for day in ("2026-11-28", "2026-11-27"))
    assert on_it is not None
    assert on_it[2:] == ("2026-11-28", at)
    assert before is not None
    assert before[2:] == ("2026-11-27", None)


@pytest.mark.parametrize(
    ("name", "field", "outcomes"),
    [
        (
            "calls",
            "hs_call_status",
            {
                "COMPLETED": None,
                "NO_ANSWER": "no_answer",
                "BUSY": "no_answer",
                "CANCELED": "canceled",
                "FAILED": "failed",
                "QUEUED": "scheduled",
                "RINGING": "open",
                "CONNECTING": "open",
                "IN_PROGRESS": "open",
                "CALLING_CRM_USER": "open",
            },
        ),
        (
            "meetings",
            "hs_meeting_outcome",
            {
                "SCHEDULED": "scheduled",
                "RESCHEDULED": "rescheduled",
                "CANCELED": "canceled",
                "NO_SHOW": "no_show",
                "COMPLETED": "completed",
            },
        ),
        (
            "emails",
            "hs_email_status",
            {
                "SENT": None,
                "SCHEDULED": "scheduled",
                "SENDING": "scheduled",
                "FAILED": "failed",
                "BOUNCED": "bounced",
            },
        ),
        (
            "tasks",
            "hs_task_status",
            {
                "COMPLETED": "completed",
                "NOT_STARTED": "open",
                "IN_PROGRESS": "open",
                "WAITING": "open",
                "DEFERRED": "open",
            },
        ),
    ],
)
def test_every_hubspot_status_says_whether_it_happened(
    name: str, field: str, outcomes: dict[str, str | None]
) -> None:
    activity = mapped("hubspot", name)
    read_as = {status: read(activity, hs_timestamp=LOGGED, **{field: status}) for status in outcomes}
    assert {status: found and found[1] for status, found in read_as.items()} == outcomes
    happened = {"COMPLETED", "NO_ANSWER", "BUSY", "SENT"}
    assert {status for status, outcome in outcomes.items() if outcome not in NOT_DONE} == happened & set(outcomes)


@pytest.mark.parametrize(
    ("name", "words", "outcome"),
    [
        ("meetings", {"hs_meeting_outcome": "Canceled"}, "canceled"),
        ("meetings", {"hs_meeting_outcome": "No Show"}, "no_show"),
        ("meetings", {"hs_meeting_outcome": "no-show "}, "no_show"),
        ("meetings", {"hs_meeting_outcome": "rescheduled"}, "rescheduled"),
        ("meetings", {"hs_meeting_outcome": "DECLINED"}, "unknown"),
        ("meetings", {"hs_meeting_outcome": "2"}, "unknown"),
        ("meetings", {"hs_meeting_outcome": " "}, None),
        ("meetings", {"hs_meeting_outcome": "COMPLETED", "activity_outcome": "Abgesagt"}, "unknown"),
        ("meetings", {"hs_meeting_outcome": "DECLINED", "activity_outcome": "Completed"}, "completed"),
        ("calls", {"hs_call_status": "Missed"}, "unknown"),
        ("calls", {"hs_call_status": "in progress"}, "open"),
        ("calls", {"hs_call_status": "COMPLETED", "hs_call_disposition": "0b1c"}, "unknown"),
        ("calls", {"hs_call_disposition": "9D9162E7-6CF3-4944-BF63-4DFF82258764"}, "no_answer"),
        ("emails", {"hs_email_status": "DRAFT"}, "unknown"),
        ("tasks", {"hs_task_status": "Not Started"}, "open"),
        ("tasks", {"hs_task_status": "Abandoned"}, "unknown"),
        ("notes", {"activity_outcome": "Unknown"}, "unknown"),
    ],
)
def test_words_of_a_hubspot_portals_own(name: str, words: dict[str, str], outcome: str | None) -> None:
    found = read(mapped("hubspot", name), hs_timestamp=LOGGED, **words)
    assert found is not None
    assert found[1] == outcome


def test_a_call_that_was_called_off_is_none_whatever_its_disposition() -> None:
    connected = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
    calls = mapped("hubspot", "calls")
    told = {
        status: read(calls, hs_timestamp=LOGGED, hs_call_status=status, hs_call_disposition=connected)
        for status in ("CANCELED", "COMPLETED", None)
    }
    assert [found and found[1] for found in told.values()] == ["canceled", "connected", "connected"]


def test_a_hubspot_task_happened_when_it_was_completed() -> None:
    tasks, late = mapped("hubspot", "tasks"), "2026-12-24T10:00:00Z"
    done = read(tasks, hs_timestamp=late, hs_task_status="COMPLETED", hs_task_completion_date=LOGGED)
    reopened = read(tasks, hs_timestamp=late, hs_task_status="NOT_STARTED", hs_task_completion_date=LOGGED)
    assert done is not None
    assert done[:3] == ("task", "completed", "2026-11-27")
    assert reopened is not None
    assert reopened[:3] == ("task", "open", "2026-12-24")


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("{earliest: []}", "at least 1"),
        ("{when: {IsClosed: true}}", "`from` (a field) or `earliest`"),
        ("{from: A, earliest: [B]}", "`from` (a field) or `earliest`"),
        ("[]", "at least 1"),
    ],
)
def test_an_at_that_says_nothing_is_told(at: str, words: str) -> None:
    text = (MAPPINGS / "salesforce.yaml").read_text(encoding="utf-8")
    start, end = text.index("    at:\n"), text.index("    by: OwnerId")
    text = f"{text[:start]}    at: {at}\n{text[end:]}"
    with pytest.raises(ConfigurationError, match=r"salesforce\.yaml:") as refused:
        mapping_from(read_document(text, "mappings/salesforce.yaml"))
    assert words in str(refused.value)
