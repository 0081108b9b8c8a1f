"""The contact properties that sum up activity (wire notes, section 3.4): kept up as activities are logged.

They only ever move on: deleting an activity does not take its share back (a simplification; HubSpot recalculates).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.hubspot.instants import iso

CONTACTING = ("calls", "meetings", "emails", "communications")
NOTED = (*CONTACTING, "notes")
COUNTED = (*NOTED, "tasks")


def _later(known: str | None, at: str) -> str:
    return at if known is None or at > known else known


def _plus_one(known: str | None) -> str:
    return str(int(known or "0") + 1)


def logged(props: Mapping[str, str], object_name: str, activity: Mapping[str, str], now: str) -> dict[str, Any]:
    """What changes on a contact when an engagement record is logged with it.

    `activity` are the engagement's properties; one whose `hs_timestamp` lies after `now` (ISO text) is upcoming.
    """
    if object_name not in COUNTED:
        return {}
    at = activity.get("hs_timestamp")
    changes: dict[str, Any] = {"num_notes": _plus_one(props.get("num_notes"))}
    if at is None:
        return changes
    if at > now:
        upcoming = props.get("notes_next_activity_date")
        changes["notes_next_activity_date"] = at if upcoming is None or at < upcoming else upcoming
        return changes
    if object_name in NOTED:
        changes["notes_last_updated"] = _later(props.get("notes_last_updated"), at)
    if object_name in CONTACTING:
        changes["notes_last_contacted"] = _later(props.get("notes_last_contacted"), at)
        changes["num_contacted_notes"] = _plus_one(props.get("num_contacted_notes"))
    if object_name == "meetings":
        changes["hs_latest_meeting_activity"] = _later(props.get("hs_latest_meeting_activity"), at)
        changes["engagements_last_meeting_booked"] = _later(props.get("engagements_last_meeting_booked"), at)
    if object_name == "emails" and activity.get("hs_email_direction") == "INCOMING_EMAIL":
        changes |= engaged(props, at, "EMAIL_REPLY")
        changes["hs_sales_email_last_replied"] = _later(props.get("hs_sales_email_last_replied"), at)
    return changes


def engaged(props: Mapping[str, str], at: str, what: str) -> dict[str, Any]:
    """What changes when the contact did something: `hs_last_sales_activity_*` (the date only with an owner)."""
    if at < (props.get("hs_last_sales_activity_timestamp") or ""):
        return {}
    changes = {"hs_last_sales_activity_timestamp": at, "hs_last_sales_activity_type": what}
    if "hubspot_owner_id" in props:
        changes["hs_last_sales_activity_date"] = at
    return changes


def converted(props: Mapping[str, str], at_ms: int, form: str, new_form: bool) -> dict[str, Any]:
    """What a form submission changes: counts, first and recent conversion."""
    at = iso(at_ms)
    changes: dict[str, Any] = {"num_conversion_events": _plus_one(props.get("num_conversion_events"))}
    if new_form:
        changes["num_unique_conversion_events"] = _plus_one(props.get("num_unique_conversion_events"))
    first, recent = props.get("first_conversion_date"), props.get("recent_conversion_date")
    if first is None or at < first:
        changes |= {"first_conversion_date": at, "first_conversion_event_name": form}
    if recent is None or at >= recent:
        changes |= {"recent_conversion_date": at, "recent_conversion_event_name": form}
    return changes | engaged(props, at, "FORM_SUBMITTED")
