"""Companies and deals as `/companies/v2` and `/deals/v1` tell them, tickets, products and line items as
`/crm-objects/v1` does (documented there); they are read only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crmsync_practice.hubspot import associations
from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.legacy_values import asked_properties, detailed, live_record
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id
from crmsync_practice.hubspot.settings import PORTAL_ID
from crmsync_practice.hubspot.storage import COLUMNS, LIVE, Record, record_of

MOST_PER_PAGE = 250
_OBJECTS_PER_PAGE = 100


def _kind(portal: Portal, call: Call) -> ObjectType:
    return portal.types.named("companies" if call.path.startswith("/companies/") else "deals")


def paged(portal: Portal, call: Call) -> Answer:
    """`GET /companies/v2/companies/paged` and `/deals/v1/deal/paged`: `limit`, `offset`, `properties`."""
    kind = _kind(portal, call)
    limit = call.number("limit", 100, MOST_PER_PAGE)
    start = parse_record_id(call.value("offset") or "0") or 0
    found = portal.storage.page(kind, start, limit + 1, LIVE)
    more = len(found) > limit
    names = asked_properties(call, "properties", "propertiesWithHistory") or list(kind.defaults[:1])
    shown = _shown(portal, kind, found[:limit], names)
    offset = found[limit].id if more else (found[-1].id if found else 0)
    flag = "has-more" if kind.name == "companies" else "hasMore"
    return Answer(200, {kind.name: shown, flag: more, "offset": offset})


def recent(portal: Portal, call: Call) -> Answer:
    """`GET …/recent/modified`, `…/recent/created`: `count`, `offset`, `since` (ms); newest first, all properties."""
    kind = _kind(portal, call)
    column = "created" if call.path.rstrip("/").endswith("created") else "updated"
    count = call.number("count", 20, MOST_PER_PAGE)
    start = parse_record_id(call.value("offset") or "0") or 0
    since = parse_record_id(call.value("since") or "0") or 0
    rows = portal.storage.connection.execute(
        f"SELECT {COLUMNS} FROM {kind.table} WHERE archived = 0 AND {column} >= ? ORDER BY {column} DESC, id DESC",  # noqa: S608
        (since,),
    ).fetchall()
    page = [record_of(row) for row in rows[start : start + count]]
    shown = _shown(portal, kind, page, list(portal.properties.live(kind)))
    end = start + len(page)
    return Answer(200, {"results": shown, "hasMore": end < len(rows), "offset": end, "total": len(rows)})


def get_one(portal: Portal, call: Call) -> Answer:
    """`GET /companies/v2/companies/{id}` and `/deals/v1/deal/{id}`: all properties."""
    kind = _kind(portal, call)
    record = live_record(portal, kind, call.params["id"])
    return Answer(200, _shown(portal, kind, [record], list(portal.properties.live(kind)))[0])


def contacts_of(portal: Portal, call: Call) -> Answer:
    """`GET /companies/v2/companies/{id}/vids`: the ids of a company's contacts."""
    kind, contacts = portal.types.named("companies"), portal.types.named("contacts")
    record = live_record(portal, kind, call.params["id"])
    linked = list(associations.read(portal.storage, kind, contacts, [record.id]).get(record.id, {}))
    return Answer(200, {"vids": linked, "vidOffset": linked[-1] if linked else 0, "hasMore": False})


def objects_paged(portal: Portal, call: Call) -> Answer:
    """`GET /crm-objects/v1/objects/{type}/paged?offset=&properties=`: 100 a page."""
    kind = portal.types.require(call.params["type"])
    start = parse_record_id(call.value("offset") or "0") or 0
    found = portal.storage.page(kind, start, _OBJECTS_PER_PAGE + 1, LIVE)
    more = len(found) > _OBJECTS_PER_PAGE
    names = asked_properties(call, "properties", "propertiesWithHistory")
    page = [_object(kind, record, detailed(portal, kind, record, names)) for record in found[:_OBJECTS_PER_PAGE]]
    offset = found[_OBJECTS_PER_PAGE].id if more else (found[-1].id if found else 0)
    return Answer(200, {"objects": page, "hasMore": more, "offset": offset})


def object_one(portal: Portal, call: Call) -> Answer:
    """`GET /crm-objects/v1/objects/{type}/{id}?properties=`."""
    kind = portal.types.require(call.params["type"])
    record = live_record(portal, kind, call.params["id"])
    names = asked_properties(call, "properties", "propertiesWithHistory")
    return Answer(200, _object(kind, record, detailed(portal, kind, record, names)))


def _object(kind: ObjectType, record: Record, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "objectType": kind.singular.upper(),
        "portalId": PORTAL_ID,
        "objectId": record.id,
        "properties": told,
        "version": 1,
        "isDeleted": False,
    }


def _shown(portal: Portal, kind: ObjectType, page: Sequence[Record], names: Sequence[str]) -> list[dict[str, Any]]:
    ids = [record.id for record in page]
    linked = {
        name: associations.read(portal.storage, kind, portal.types.named(name), ids)
        for name in (("contacts", "companies") if kind.name == "deals" else ())
    }
    return [
        {
            "portalId": PORTAL_ID,
            "isDeleted": False,
            "properties": detailed(portal, kind, record, names),
            **_own(kind, record, linked),
        }
        for record in page
    ]


def _own(kind: ObjectType, record: Record, linked: dict[str, Any]) -> dict[str, Any]:
    if kind.name == "companies":
        return {"companyId": record.id, "additionalDomains": [], "stateChanges": [], "mergeAudits": []}
    return {
        "dealId": record.id,
        "associations": {
            "associatedVids": list(linked["contacts"].get(record.id, {})),
            "associatedCompanyIds": list(linked["companies"].get(record.id, {})),
            "associatedDealIds": [],
        },
        "imports": [],
        "stateChanges": [],
    }
