"""The legacy engagements feed, still read by some connectors (wire notes, section 3.2)."""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot import associations
from crmsync_practice.hubspot.call import Answer, Call, parse_id
from crmsync_practice.hubspot.errors import bad_parameter
from crmsync_practice.hubspot.instants import parse_ms
from crmsync_practice.hubspot.native_activities import OBJECTS, SUBJECTS
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID
from crmsync_practice.hubspot.storage import COLUMNS, Record, record_of

MOST_PER_PAGE = 250


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
        "associations": {"contactIds": list(linked), "companyIds": [], "dealIds": [], "ownerIds": []},
        "metadata": {"subject": props.get(SUBJECTS[kind.name])},
    }
