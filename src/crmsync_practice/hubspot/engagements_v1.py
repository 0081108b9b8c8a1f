"""Engagements as the first generation of the API tells them, still read by connectors (wire notes, section 3.2)."""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.hubspot import associations
from crmsync_practice.hubspot.call import Answer, Call, parse_id
from crmsync_practice.hubspot.errors import bad_parameter, not_found
from crmsync_practice.hubspot.instants import parse_ms
from crmsync_practice.hubspot.native_activities import OBJECTS, SUBJECTS
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID
from crmsync_practice.hubspot.storage import COLUMNS, LIVE, Record, record_of

MOST_PER_PAGE = 250
MOST_RECENT = 10_000
_METADATA = {
    "calls": {
        "title": "hs_call_title",
        "body": "hs_call_body",
        "status": "hs_call_status",
        "disposition": "hs_call_disposition",
        "durationMilliseconds": "hs_call_duration",
        "fromNumber": "hs_call_from_number",
        "toNumber": "hs_call_to_number",
    },
    "meetings": {
        "title": "hs_meeting_title",
        "body": "hs_meeting_body",
        "startTime": "hs_meeting_start_time",
        "endTime": "hs_meeting_end_time",
        "meetingOutcome": "hs_meeting_outcome",
    },
    "emails": {"text": "hs_email_text", "html": "hs_email_html", "status": "hs_email_status"},
    "notes": {"body": "hs_note_body"},
    "tasks": {
        "body": "hs_task_body",
        "status": "hs_task_status",
        "taskType": "hs_task_type",
        "priority": "hs_task_priority",
        "completionDate": "hs_task_completion_date",
    },
}


def modified_after(portal: Portal, call: Call) -> Answer:
    """`GET /engagements/v1/engagements/modified/after?after=<ms or cursor>&limit=`: oldest change first.

    The cursor is the last row's change time in ms; rows of one millisecond are never parted by a page's end, so a
    page may be longer than `limit`.
    """
    limit = call.number("limit", 100, MOST_PER_PAGE)
    text = call.value("after") or "0"
    after = parse_id(text)
    if after is None:
        raise bad_parameter("after", text)
    found: list[tuple[ObjectType, Record]] = []
    for name in OBJECTS:
        kind = portal.types.named(name)
        rows = portal.storage.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} WHERE archived = 0 AND updated > ? AND updated <= coalesce("
            f"(SELECT updated FROM {kind.table} WHERE archived = 0 AND updated > ? ORDER BY updated "
            f"LIMIT 1 OFFSET ?), {2**62}) ORDER BY updated, id",
            (after, after, limit),
        )
        found += [(kind, record_of(row)) for row in rows]
    found.sort(key=lambda each: (each[1].updated, each[0].id, each[1].id))
    end = limit
    while end < len(found) and found[end][1].updated == found[end - 1][1].updated:
        end += 1
    page = found[:end]
    cursor = page[-1][1].updated if page else after
    payload = {
        "results": [_shown(portal, kind, record) for kind, record in page],
        "hasMore": len(found) > end,
        "after": str(cursor),
    }
    return Answer(200, payload)


def paged(portal: Portal, call: Call) -> Answer:
    """`GET /engagements/v1/engagements/paged?limit=&offset=`: ascending ids; the offset is the next one's id."""
    limit = call.number("limit", 100, MOST_PER_PAGE)
    start = _offset(call)
    found: list[tuple[ObjectType, Record]] = []
    for kind in _kinds(portal):
        if len(found) <= limit:
            found += [(kind, each) for each in portal.storage.page(kind, start, limit + 1 - len(found), LIVE)]
    more = len(found) > limit
    offset = found[limit][1].id if more else (found[-1][1].id if found else 0)
    page = [_shown(portal, kind, record) for kind, record in found[:limit]]
    return Answer(200, {"results": page, "hasMore": more, "offset": offset})


def recent(portal: Portal, call: Call) -> Answer:
    """`GET /engagements/v1/engagements/recent/modified?count=&offset=&since=`: newest first, 10,000 in all."""
    count = call.number("count", 20, MOST_PER_PAGE)
    start, since = _offset(call), parse_id(call.value("since") or "0") or 0
    found: list[tuple[ObjectType, Record]] = []
    for kind in _kinds(portal):
        rows = portal.storage.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} WHERE archived = 0 AND updated >= ? ORDER BY updated DESC LIMIT ?",
            (since, MOST_RECENT),
        )
        found += [(kind, record_of(row)) for row in rows]
    found.sort(key=lambda each: (-each[1].updated, each[1].id))
    del found[MOST_RECENT:]
    page = [_shown(portal, kind, record) for kind, record in found[start : start + count]]
    end = start + len(page)
    return Answer(200, {"results": page, "hasMore": end < len(found), "offset": end, "total": len(found)})


def get_one(portal: Portal, call: Call) -> Answer:
    """`GET /engagements/v1/engagements/{id}`."""
    number = parse_id(call.params["id"])
    for kind in _kinds(portal):
        record = None if number is None else portal.storage.get(kind, number)
        if record is not None and record.archived == LIVE:
            return Answer(200, _shown(portal, kind, record))
    raise not_found()


def associated(portal: Portal, call: Call) -> Answer:
    """`GET /engagements/v1/engagements/associated/{CONTACT|COMPANY|DEAL}/{id}/paged?limit=&offset=`."""
    origin = portal.types.require(call.params["type"])
    number = parse_id(call.params["id"])
    if number is None:
        raise not_found()
    limit, start = call.number("limit", 20, 100), _offset(call)
    found: list[tuple[ObjectType, Record]] = []
    for kind in _kinds(portal):
        ids = associations.read(portal.storage, origin, kind, [number]).get(number, {})
        records = (portal.storage.get(kind, each) for each in ids if each >= start)
        found += [(kind, each) for each in records if each is not None and each.archived == LIVE]
    more = len(found) > limit
    offset = found[limit][1].id if more else (found[-1][1].id if found else 0)
    page = [_shown(portal, kind, record) for kind, record in found[:limit]]
    return Answer(200, {"results": page, "hasMore": more, "offset": offset})


def _kinds(portal: Portal) -> list[ObjectType]:
    """Calls, meetings, emails, notes and tasks, in the order of their ids."""
    return [portal.types.named(name) for name in OBJECTS]


def _offset(call: Call) -> int:
    text = call.value("offset") or "0"
    number = parse_id(text)
    if number is None:
        raise bad_parameter("offset", text)
    return number


def _metadata(kind: ObjectType, props: Mapping[str, str]) -> dict[str, Any]:
    """What the kind of engagement has of its own, under the names that it had then."""
    return {
        old: (parse_ms(props[new]) if old in ("startTime", "endTime", "completionDate") else props[new])
        for old, new in _METADATA[kind.name].items()
        if props.get(new) is not None
    }


def _shown(portal: Portal, kind: ObjectType, record: Record) -> dict[str, Any]:
    props = record.props
    contacts = portal.types.named("contacts")
    linked = associations.read(portal.storage, kind, contacts, [record.id]).get(record.id, {})
    owner = props.get("hubspot_owner_id")
    return {
        "engagement": {
            "id": record.id,
            "portalId": PORTAL_ID,
            "active": True,
            "type": kind.singular.upper(),
            "createdAt": record.created,
            "lastUpdated": record.updated,
            "timestamp": parse_ms(props.get("hs_timestamp", "")) or record.created,
            "ownerId": None if owner is None else int(owner),
        },
        "associations": {
            "contactIds": list(linked),
            "companyIds": [],
            "dealIds": [],
            "ownerIds": [],
            "workflowIds": [],
            "ticketIds": [],
        },
        "attachments": [],
        "metadata": {"subject": props.get(SUBJECTS[kind.name]), **_metadata(kind, props)},
    }
