"""When an Event is: its start, end, duration and day, which follow from each other.

An all-day event has no time of day: it keeps its own date in every zone. Salesforce tells that date as midnight UTC
in StartDateTime and ActivityDateTime (documented); EndDateTime is the last day's midnight [MEM]. The day of any other
event is the day on which it starts in the org's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.instants import from_stamp, local_day, midnight, to_stamp

DAY_MINUTES = 24 * 60
MOST_DAYS = 14


def event_times(values: Mapping[str, Any], before: Mapping[str, Any] | None, zone: ZoneInfo) -> dict[str, Any]:
    """The columns that follow from what was given; `before` is the event as it stands. Raises SalesforceError."""
    known = {**(before or {}), **values}
    return _all_day(values, before or {}) if known.get("IsAllDayEvent") else _timed(values, known, zone)


def _all_day(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    given = values.get("ActivityDate") or values.get("StartDateTime") or values.get("ActivityDateTime")
    first_text = given or before.get("ActivityDate")
    if first_text is None:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDate]", fields=["ActivityDate"]
        )
    first = date.fromisoformat(first_text[:10])
    last = _last_day(first, values, before)
    if last < first:
        raise _negative()
    start = midnight(first)
    return {
        "StartDateTime": start,
        "ActivityDateTime": start,
        "EndDateTime": midnight(last),
        "DurationInMinutes": ((last - first).days + 1) * DAY_MINUTES,
        "ActivityDate": first.isoformat(),
    }


def _last_day(first: date, values: Mapping[str, Any], before: Mapping[str, Any]) -> date:
    """The end that was given, or so many days as were given or as the event had before."""
    if values.get("EndDateTime"):
        return date.fromisoformat(values["EndDateTime"][:10])
    minutes = values.get("DurationInMinutes")
    if minutes is None:
        minutes = before.get("DurationInMinutes") if before.get("IsAllDayEvent") else DAY_MINUTES
    days = -(-int(minutes or DAY_MINUTES) // DAY_MINUTES)
    if days < 1:
        raise _negative()
    return first + timedelta(days=min(days, MOST_DAYS) - 1)


def _timed(values: Mapping[str, Any], known: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    start = values.get("StartDateTime") or values.get("ActivityDateTime") or known.get("StartDateTime")
    minutes = values.get("DurationInMinutes")
    if start is None or (minutes is None and known.get("EndDateTime") is None):
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [DurationInMinutes, ActivityDateTime]",
            fields=["DurationInMinutes", "ActivityDateTime"],
        )
    begins = from_stamp(start)
    if minutes is not None:
        ends = begins + timedelta(minutes=min(minutes, MOST_DAYS * DAY_MINUTES))
    elif "EndDateTime" in values or known.get("DurationInMinutes") is None:
        ends = from_stamp(known["EndDateTime"])
    else:
        ends = begins + timedelta(minutes=known["DurationInMinutes"])
    if ends < begins:
        raise _negative()
    return {
        "StartDateTime": start,
        "ActivityDateTime": start,
        "EndDateTime": to_stamp(ends),
        "DurationInMinutes": int((ends - begins).total_seconds() // 60),
        "ActivityDate": local_day(begins, zone),
    }


def _negative() -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", "Event duration can't be negative.", fields=["EndDateTime"])


def series_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a new event with a pattern is: the series of Lightning Experience, a record beside its occurrences. It is
    told by GroupEventType 3; IsRecurrence is that of the older series and stays false (documented).
    """
    return {"GroupEventType": "3", "IsRecurrence2": 1} if values.get("Recurrence2PatternText") else {}
