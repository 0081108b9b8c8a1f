"""Lists of records and who is on them: the lists API of the third generation.

Static lists, and dynamic ones of one kind: records of which an enumeration holds any of some values. Sources:
HubSpot's API reference, "Lists" and "Memberships" (`specs/legacy/v3/crm-lists-v3`). Being put on a list moves no
stamp of the record.
"""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

from typing import Any

import msgspec

from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import bad_parameter, not_found, validation
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id
from crmsync_practice.hubspot.storage import value_of

MOST_MEMBERS = 250
_STATIC = ("MANUAL", "SNAPSHOT")


class _Operation(msgspec.Struct, rename="camel"):
    operation_type: str
    operator: str
    values: list[str]


class _Filter(msgspec.Struct, rename="camel"):
    filter_type: str
    property: str
    operation: _Operation


class _Branch(msgspec.Struct, rename="camel"):
    filter_branch_type: str
    filters: list[_Filter] = []
    filter_branches: list[_Branch] = []


class _NewList(msgspec.Struct, rename="camel"):
    name: str
    object_type_id: str
    processing_type: str
    filter_branch: _Branch | None = None


def create_list(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/lists`; names are unique among the lists of an object's records."""
    given = call.read(_NewList)
    kind = portal.types.require(given.object_type_id)
    if _by_name(portal, kind.id, given.name) is not None:
        raise validation(f"A list named '{given.name[:60]}' already exists", code="ILS.DUPLICATE_LIST_NAMES")
    test = _only_test(given) if given.processing_type == "DYNAMIC" else None
    if test is None and given.processing_type not in _STATIC:
        raise validation(f"processingType must be one of DYNAMIC, {', '.join(_STATIC)}")
    if test is not None and test.property not in portal.properties.live(kind):
        raise validation(f"Property {test.property[:60]} does not exist")
    made = portal.storage.connection.execute(
        "INSERT INTO hubspot_lists (name, type, processing, created, filter) VALUES (?, ?, ?, ?, ?)",
        (
            given.name,
            kind.id,
            given.processing_type,
            portal.now(),
            None if test is None else msgspec.json.encode(test).decode(),
        ),
    )
    return Answer(200, {"list": _shown(portal, int(made.lastrowid or 0))})


def _only_test(given: _NewList) -> _Filter:
    """The one test of the only shape that the practice portal fills lists by: OR of one AND of one property."""
    root = given.filter_branch
    inner = root.filter_branches[0] if root and len(root.filter_branches) == 1 else None
    if root is None or inner is None or (root.filter_branch_type, inner.filter_branch_type) != ("OR", "AND"):
        raise validation("a dynamic list needs a filterBranch: OR, in it one AND")
    if root.filters or inner.filter_branches or len(inner.filters) != 1:
        raise validation("the practice portal fills lists by one property only")
    test = inner.filters[0]
    asked = (test.filter_type, test.operation.operation_type, test.operation.operator)
    if asked != ("PROPERTY", "ENUMERATION", "IS_ANY_OF"):
        raise validation("the practice portal fills lists by PROPERTY, ENUMERATION, IS_ANY_OF only")
    return test


def list_by_name(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/lists/object-type-id/{type}/name/{name}`."""
    number = _by_name(portal, portal.types.require(call.params["type"]).id, call.params["name"])
    if number is None:
        raise not_found()
    return Answer(200, {"list": _shown(portal, number)})


def _by_name(portal: Portal, kind: str, name: str) -> int | None:
    found = portal.storage.connection.execute(
        "SELECT seq FROM hubspot_lists WHERE type = ? AND lower(name) = lower(?)", (kind, name)
    ).fetchone()
    return None if found is None else int(found[0])


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
    _refill(portal, number)
    return number


def _refill(portal: Portal, number: int) -> None:
    """Let a dynamic list hold who passes its test now."""
    kind, text = portal.storage.connection.execute(
        "SELECT type, filter FROM hubspot_lists WHERE seq = ?", (number,)
    ).fetchone()
    if text is None:
        return
    test = msgspec.json.decode(text, type=_Filter)
    table, wanted = portal.types.require(kind).table, test.operation.values
    passing = (
        f"SELECT id FROM {table} WHERE archived = 0 AND {value_of(test.property)} IN ({', '.join('?' * len(wanted))})"
    )
    connection = portal.storage.connection
    connection.execute(
        f"DELETE FROM hubspot_list_members WHERE list = ? AND record NOT IN ({passing})", (number, *wanted)
    )
    connection.execute(
        f"INSERT OR IGNORE INTO hubspot_list_members (list, record, at) SELECT ?, id, ? FROM ({passing})",
        (number, portal.now(), *wanted),
    )


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
