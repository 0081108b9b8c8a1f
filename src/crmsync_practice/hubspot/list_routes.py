"""Lists of records and who is on them: the lists API of the third generation, static lists only.

Sources: HubSpot's API reference, "Lists" and "Memberships" (`specs/legacy/v3/crm-lists-v3`). Being put on a list
moves no stamp of the record.
"""

from __future__ import annotations

from typing import Any

import msgspec

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import bad_parameter, not_found, validation
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id

MOST_MEMBERS = 250
_STATIC = ("MANUAL", "SNAPSHOT")


class _NewList(msgspec.Struct, rename="camel"):
    name: str
    object_type_id: str
    processing_type: str


def create_list(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/lists`."""
    given = call.read(_NewList)
    if given.processing_type not in _STATIC:
        raise validation(f"the practice portal keeps lists of the kinds {', '.join(_STATIC)} only")
    kind = portal.types.require(given.object_type_id)
    made = portal.storage.connection.execute(
        "INSERT INTO hubspot_lists (name, type, processing, created) VALUES (?, ?, ?, ?)",
        (given.name, kind.id, given.processing_type, portal.now()),
    )
    return Answer(200, {"list": _shown(portal, int(made.lastrowid or 0))})


def get_list(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/lists/{id}`."""
    return Answer(200, {"list": _shown(portal, _number(portal, call))})


def list_members(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/lists/{id}/memberships?limit=&after=`: by record id, ascending."""
    number = _number(portal, call)
    limit = call.number("limit", 100, MOST_MEMBERS)
    after = parse_record_id(call.value("after") or "0")
    if after is None:
        raise bad_parameter("after", call.value("after") or "")
    rows = portal.storage.connection.execute(
        "SELECT record, at FROM hubspot_list_members WHERE list = ? AND record > ? ORDER BY record LIMIT ?",
        (number, after, limit + 1),
    ).fetchall()
    shown = rows[:limit]
    payload: dict[str, Any] = {
        "results": [{"recordId": str(record), "membershipTimestamp": iso(at)} for record, at in shown],
        "total": _size(portal, number),
    }
    if len(rows) > limit:
        following = str(shown[-1][0])
        payload["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return Answer(200, payload)


def add_members(portal: Portal, call: Call) -> Answer:
    """`PUT /crm/v3/lists/{id}/memberships/add`: ids of records, as texts."""
    number, ids = _number(portal, call), call.read(list[str])
    known = [each for text in ids if (each := parse_record_id(text)) is not None]
    portal.storage.connection.executemany(
        "INSERT OR IGNORE INTO hubspot_list_members (list, record, at) VALUES (?, ?, ?)",
        [(number, each, portal.now()) for each in known],
    )
    return Answer(200, {"recordsIdsAdded": ids, "recordIdsRemoved": [], "recordIdsMissing": []})


def remove_members(portal: Portal, call: Call) -> Answer:
    """`PUT /crm/v3/lists/{id}/memberships/remove`."""
    number, ids = _number(portal, call), call.read(list[str])
    portal.storage.connection.executemany(
        "DELETE FROM hubspot_list_members WHERE list = ? AND record = ?",
        [(number, each) for text in ids if (each := parse_record_id(text)) is not None],
    )
    return Answer(200, {"recordsIdsAdded": [], "recordIdsRemoved": ids, "recordIdsMissing": []})


def _number(portal: Portal, call: Call) -> int:
    number = parse_record_id(call.params["id"])
    if number is None or _row(portal, number) is None:
        raise not_found()
    return number


def _row(portal: Portal, number: int) -> tuple[str, str, str, int] | None:
    found: tuple[str, str, str, int] | None = portal.storage.connection.execute(
        "SELECT name, type, processing, created FROM hubspot_lists WHERE seq = ?", (number,)
    ).fetchone()
    return found


def _size(portal: Portal, number: int) -> int:
    counted = "SELECT count(*) FROM hubspot_list_members WHERE list = ?"
    return int(portal.storage.connection.execute(counted, (number,)).fetchone()[0])


def _shown(portal: Portal, number: int) -> dict[str, Any]:
    row = _row(portal, number)
    assert row is not None
    name, kind, processing, created = row
    return {
        "listId": str(number),
        "name": name,
        "objectTypeId": kind,
        "processingType": processing,
        "processingStatus": "COMPLETE",
        "createdAt": iso(created),
        "size": _size(portal, number),
    }
