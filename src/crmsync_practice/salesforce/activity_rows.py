"""How an activity of the import shape lies in Tasks and Events, and how it is read back, exactly.

- `meeting` is an Event; `call`, `email`, `note` and `task` are Tasks told apart by TaskSubtype and Type; any other
  kind is a Task whose kind stands in `Activity_Kind__c`. An open Task is a to-do, whatever its Type: a call that is
  only planned has its kind there, too.
- What was called off is closed with a status of its own.
- A call's direction is CallType, its outcomes connected, no_answer and left_voicemail are CallDisposition. Every
  other direction and outcome stands in `Activity_Direction__c` and `Activity_Outcome__c`.
- A done Task has CompletedDateTime = `at`, an open one ReminderDateTime = `at`; an Event has StartDateTime = `at`.
  ActivityDate is the local day of `at` in the org's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.salesforce.instants import from_stamp, local_day, local_noon, to_stamp

MEETING_MINUTES = 30
_SUBTYPES = {"call": ("Call", "Call"), "email": ("Email", "Email"), "note": ("Task", "Note"), "task": ("Task", None)}
_DISPOSITIONS = {"connected": "Connected", "no_answer": "No Answer", "left_voicemail": "Left Voicemail"}
_OUTCOMES = {native.lower(): outcome for outcome, native in _DISPOSITIONS.items()}
_DIRECTIONS = {"inbound": "Inbound", "outbound": "Outbound"}

TASK_COLUMNS = (
    "TaskSubtype",
    "Type",
    "Status",
    "IsClosed",
    "ActivityDate",
    "CompletedDateTime",
    "ReminderDateTime",
    "IsReminderSet",
    "CallType",
    "CallDisposition",
    "Activity_Kind__c",
    "Activity_Outcome__c",
    "Activity_Direction__c",
)
EVENT_TIMES = ("ActivityDate", "ActivityDateTime", "StartDateTime", "EndDateTime", "DurationInMinutes")
EVENT_COLUMNS = ("Type", *EVENT_TIMES, "Activity_Outcome__c", "Activity_Direction__c")


def is_event(kind: str) -> bool:
    """Whether a kind is kept as an Event."""
    return kind == "meeting"


def task_values(
    kind: str, *, at: datetime, outcome: str | None, direction: str | None, today: date, zone: ZoneInfo
) -> tuple[Any, ...]:
    """The Task's columns in the order of TASK_COLUMNS."""
    stamp = to_stamp(at)
    day = local_day(at, zone)
    # A task may be done before it is due.
    planned = outcome in {"open", "scheduled"} or day > today.isoformat()
    done = not planned or (kind == "task" and outcome == "completed")
    subtype, native_type = _SUBTYPES.get(kind, ("Task", "Other"))
    call = kind == "call"
    disposition = _DISPOSITIONS.get(outcome or "") if call else None
    closed_as = "Cancelled" if outcome in {"canceled", "cancelled"} else "Completed"
    return (
        subtype,
        native_type,
        closed_as if done else "Not Started",
        int(done),
        day,
        stamp if done else None,
        None if done else stamp,
        int(not done),
        _DIRECTIONS.get(direction or "") if call else None,
        disposition,
        None if kind == "task" or (done and kind in _SUBTYPES) else kind,
        None if disposition else outcome,
        None if call else direction,
    )


def event_values(at: datetime, outcome: str | None, direction: str | None, zone: ZoneInfo) -> tuple[Any, ...]:
    """The Event's columns in the order of EVENT_COLUMNS."""
    stamp = to_stamp(at)
    end = to_stamp(at + timedelta(minutes=MEETING_MINUTES))
    return ("Meeting", local_day(at, zone), stamp, stamp, end, MEETING_MINUTES, outcome, direction)


def kind_of(row: Mapping[str, Any], *, event: bool) -> str:
    """The kind of an activity that is in the CRM, also of one that a client wrote."""
    if row["Activity_Kind__c"]:
        return str(row["Activity_Kind__c"])
    if event:
        return "meeting"
    if not row["IsClosed"]:
        return "task"
    for kind in ("call", "email"):
        if kind.capitalize() in {row["TaskSubtype"], row["Type"]}:
            return kind
    return "note" if row["Type"] == "Note" else "task"


def outcome_of(row: Mapping[str, Any]) -> str | None:
    """The outcome of an activity that is in the CRM; an unknown call result comes as it stands.

    A task that a client made is open, or completed when it is closed; an imported one may be closed, or stand in the
    future, without any outcome.
    """
    if row["Activity_Outcome__c"]:
        return str(row["Activity_Outcome__c"])
    if row.get("IsClosed") and row.get("Status") == "Cancelled":
        return "canceled"
    disposition = row.get("CallDisposition")
    if disposition:
        return str(_OUTCOMES.get(disposition.lower(), disposition))
    if row["_import_id"] is not None or "IsClosed" not in row or kind_of(row, event=False) != "task":
        return None
    return "completed" if row["IsClosed"] else "open"


def direction_of(row: Mapping[str, Any]) -> str | None:
    """The direction of an activity that is in the CRM."""
    native = row["Activity_Direction__c"] or row.get("CallType")
    return native.lower() if native and native.lower() in _DIRECTIONS else None


def at_of(row: Mapping[str, Any], zone: ZoneInfo, *, event: bool) -> datetime:
    """When an activity happens. What has a day and no time of day is told at noon in the org's zone, so that it stays
    on its day there.
    """
    if event and row["IsAllDayEvent"] and row["ActivityDate"]:
        return local_noon(row["ActivityDate"], zone)
    if event:
        return from_stamp(row["StartDateTime"] or row["ActivityDateTime"] or row["CreatedDate"])
    if row["CompletedDateTime"] and row["IsClosed"]:
        return from_stamp(row["CompletedDateTime"])
    if row["IsReminderSet"] and row["ReminderDateTime"]:
        return from_stamp(row["ReminderDateTime"])
    created = from_stamp(row["CreatedDate"])
    if row["ActivityDate"] and row["ActivityDate"] != local_day(created, zone):
        return local_noon(row["ActivityDate"], zone)
    return created
