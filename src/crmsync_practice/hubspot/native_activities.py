"""Import activities as HubSpot engagements, and back, so that kind, outcome, direction and time survive exactly.

| kind | object | outcome | direction |
|---|---|---|---|
| call | calls | `hs_call_disposition` for some, `hs_call_status` for others | `hs_call_direction` |
| meeting | meetings | `hs_meeting_outcome` for what has a choice there | `activity_direction` |
| demo, pricing_talk, … (MEETING_KINDS) | meetings with `activity_kind` | likewise | likewise |
| email | emails | `hs_email_status` for some | `hs_email_direction` EMAIL (outbound), INCOMING_EMAIL (inbound) |
| note | notes | `activity_outcome` | `activity_direction` |
| task | tasks | `hs_task_status` COMPLETED for completed, NOT_STARTED for open | `activity_direction` |
| form_submission | a form submission (see `forms`) | hidden value | hidden value |
| any other | notes with `activity_kind` | `activity_outcome` | `activity_direction` |

An outcome without a native home is in `activity_outcome`, which then wins over the native property. A task of unknown
outcome has no status, unless it is `planned`: it is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from crmsync_practice.hubspot.definitions import Definition, Option
from crmsync_practice.hubspot.instants import iso, to_ms
from crmsync_practice.hubspot.property_tables import DISPOSITIONS

FORM_KIND = "form_submission"
OWN_OBJECT = {"call": "calls", "meeting": "meetings", "email": "emails", "note": "notes", "task": "tasks"}
MEETING_KINDS = ("demo", "pricing_talk", "discovery_call", "discovery_workshop", "consultation")
OBJECTS = ("calls", "meetings", "emails", "notes", "tasks")
SUBJECTS = {
    "calls": "hs_call_title",
    "meetings": "hs_meeting_title",
    "emails": "hs_email_subject",
    "notes": "hs_note_body",
    "tasks": "hs_task_subject",
}
_GUIDS = {
    "connected": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
    "no_answer": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "left_voicemail": "b2cf5968-551e-4856-9783-52b3da59a7d0",
}
_BY_GUID = {guid: label.lower().replace(" ", "_") for guid, label in DISPOSITIONS.items()}
_MEETING_OUTCOMES = {
    "scheduled": "SCHEDULED",
    "completed": "COMPLETED",
    "no_show": "NO_SHOW",
    "canceled": "CANCELED",
    "rescheduled": "RESCHEDULED",
}
_EMAIL_DIRECTIONS = {"outbound": "EMAIL", "inbound": "INCOMING_EMAIL"}
_CALL_STATUS = {"no_answer": "NO_ANSWER", "scheduled": "QUEUED", "canceled": "CANCELED", "failed": "FAILED"}
_CALL_OUTCOMES = {
    **{status: outcome for outcome, status in _CALL_STATUS.items()},
    "BUSY": "no_answer",
    **dict.fromkeys(("CALLING_CRM_USER", "CONNECTING", "IN_PROGRESS", "RINGING"), "open"),
}
_EMAIL_STATUS = {"scheduled": "SCHEDULED", "failed": "FAILED", "bounced": "BOUNCED"}
_EMAIL_OUTCOMES = {**{status: outcome for outcome, status in _EMAIL_STATUS.items()}, "SENDING": "scheduled"}
_HALF_HOUR = 1_800_000


def activity_properties() -> list[Definition]:
    """The custom properties that every engagement object of the portal has."""
    directions = (Option("inbound", "Inbound", 0), Option("outbound", "Outbound", 1))
    group = "engagementinformation"
    return [
        Definition("activity_kind", "Activity kind", "string", "text", group, standard=False),
        Definition("activity_outcome", "Activity outcome", "string", "text", group, standard=False),
        Definition(
            "activity_direction",
            "Activity direction",
            "enumeration",
            "select",
            group,
            options=directions,
            standard=False,
        ),
    ]


def object_for(kind: str) -> str:
    """The engagement object that keeps activities of a kind (not for form submissions)."""
    return OWN_OBJECT.get(kind) or ("meetings" if kind in MEETING_KINDS else "notes")


def properties_of(
    kind: str, at: datetime, direction: str | None, outcome: str | None, subject: str | None, *, planned: bool = False
) -> tuple[str, dict[str, str]]:
    """The engagement object's name and its non-empty properties. `planned`: its time is still to come."""
    name = object_for(kind)
    at_ms = to_ms(at)
    props = {"hs_timestamp": iso(at_ms), **_native(name, at_ms, direction, outcome, planned=planned)}
    if OWN_OBJECT.get(kind) != name:
        props["activity_kind"] = kind
    if subject:
        props[SUBJECTS[name]] = subject
    if outcome and outcome_of(name, props) != outcome:
        props["activity_outcome"] = outcome
    if direction and direction_of(name, props) != direction:
        props["activity_direction"] = direction
    return name, props


def _native(name: str, at_ms: int, direction: str | None, outcome: str | None, *, planned: bool) -> dict[str, str]:
    """What an object has a property of its own for."""
    props: dict[str, str] = {}
    if name == "calls":
        props["hs_call_status"] = _CALL_STATUS.get(outcome or "", "COMPLETED")
        if outcome in _GUIDS:
            props["hs_call_disposition"] = _GUIDS[outcome]
        if direction:
            props["hs_call_direction"] = direction.upper()
    elif name == "meetings":
        props["hs_meeting_start_time"] = iso(at_ms)
        props["hs_meeting_end_time"] = iso(at_ms + _HALF_HOUR)
        if outcome in _MEETING_OUTCOMES:
            props["hs_meeting_outcome"] = _MEETING_OUTCOMES[outcome]
    elif name == "emails":
        props["hs_email_status"] = _EMAIL_STATUS.get(outcome or "", "SENT")
        if direction:
            props["hs_email_direction"] = _EMAIL_DIRECTIONS[direction]
    elif name == "tasks":
        if outcome in {"open", "scheduled"} or (outcome is None and planned):
            props["hs_task_status"] = "NOT_STARTED"
        elif outcome is not None:
            props["hs_task_status"] = "COMPLETED"
            props["hs_task_completion_date"] = iso(at_ms)
    return props


def kind_of(name: str, props: Mapping[str, str]) -> str:
    """The import kind of an engagement record."""
    return props.get("activity_kind") or name.removesuffix("s")


def outcome_of(name: str, props: Mapping[str, str]) -> str | None:
    """The import outcome of an engagement record."""
    if "activity_outcome" in props:
        return props["activity_outcome"]
    if name == "calls":
        said = _BY_GUID.get(props.get("hs_call_disposition", ""))
        return said or _CALL_OUTCOMES.get(props.get("hs_call_status", ""))
    if name == "emails":
        return _EMAIL_OUTCOMES.get(props.get("hs_email_status", ""))
    if name == "meetings":
        outcome = props.get("hs_meeting_outcome")
        return None if outcome is None else outcome.lower()
    status = props.get("hs_task_status") if name == "tasks" else None
    return None if status is None else "completed" if status == "COMPLETED" else "open"


def direction_of(name: str, props: Mapping[str, str]) -> str | None:
    """The import direction of an engagement record."""
    if name == "calls":
        direction = props.get("hs_call_direction")
        return None if direction is None else direction.lower()
    if name == "emails" and "hs_email_direction" in props:
        return "outbound" if props["hs_email_direction"] == "EMAIL" else "inbound"
    return props.get("activity_direction")
