"""The v3 associations API, which older clients and connectors use: names instead of numbers (wire notes, 3.1)."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot import associations, linking, records
from crmsync_practice.hubspot.association_routes import (
    MOST_CREATED,
    MOST_READ,
    PER_PAGE,
    PairsBody,
    ReadBody,
    ends,
    live,
    nothing,
    resolved,
    start_of,
)
from crmsync_practice.hubspot.association_types import AssociationType
from crmsync_practice.hubspot.batch import Outcome, answer, check_size
from crmsync_practice.hubspot.call import Answer, Call
from crmsync_practice.hubspot.errors import validation
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.views import View


def batch_read(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/associations/{a}/{b}/batch/read`, which has one row per associated record and type."""
    started = portal.now()
    kind, other = ends(portal, call)
    inputs = call.read(ReadBody).inputs
    check_size(inputs, MOST_READ)
    wanted = {str(each.id): records.parse_record_id(each.id) for each in inputs}
    found = associations.read(portal.storage, kind, other, [one for one in wanted.values() if one is not None])
    outcome = Outcome()
    for text, number in wanted.items():
        targets = found.get(-1 if number is None else number)
        if not targets:
            outcome.errors.append(nothing(kind, other, text))
            continue
        listed = [
            {"id": str(to_id), "type": name}
            for to_id, numbers in targets.items()
            for name in associations.v3_names(kind, other, numbers)
        ]
        outcome.results.append({"from": {"id": text}, "to": listed})
    return answer(portal, outcome, started, 200)


def list_one(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/objects/{a}/{id}/associations/{b}`, which newer clients ask at v4."""
    kind, other = ends(portal, call)
    record = live(portal, kind, call.params["id"])
    limit = call.number("limit", PER_PAGE, PER_PAGE)
    start = start_of(call.value("after"))
    found = associations.read(portal.storage, kind, other, [record.id]).get(record.id, {})
    ids = [to_id for to_id in found if to_id >= start]
    listed = [
        {"id": str(to_id), "type": name}
        for to_id in ids[:limit]
        for name in associations.v3_names(kind, other, found[to_id])
    ]
    payload: dict[str, Any] = {"results": listed}
    if len(ids) > limit:
        following = str(ids[limit])
        payload["paging"] = {"next": {"after": following, "link": next_link(call, following)}}
    return Answer(200, payload)


def list_types(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/associations/{a}/{b}/types`."""
    kind, other = ends(portal, call)
    known = associations.known_types(kind, other)
    return Answer(200, {"results": [{"id": str(how.number), "name": how.v3_name} for how in known]})


def batch_create(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/associations/{a}/{b}/batch/create`: pairs with a type name, 201."""
    started = portal.now()
    kind, other = ends(portal, call)
    inputs = call.read(PairsBody).inputs
    check_size(inputs, MOST_CREATED)
    outcome = Outcome()
    for pair in inputs:
        how = _named(kind, other, pair.type)
        for record, target in resolved(portal, kind, other, pair, outcome):
            linking.link(portal, call, kind, record, other, target, how)
            pair_ends = {"from": {"id": str(record.id)}, "to": {"id": str(target.id)}}
            outcome.results.append({**pair_ends, "type": how.v3_name})
    return answer(portal, outcome, started, 201)


def put_one(portal: Portal, call: Call) -> Answer:
    """`PUT /crm/v3/objects/{a}/{id}/associations/{b}/{id}/{type}`: 200 with the first record."""
    kind, other = ends(portal, call)
    how = _named(kind, other, call.params["name"])
    record, target = live(portal, kind, call.params["id"]), live(portal, other, call.params["to_id"])
    linking.link(portal, call, kind, record, other, target, how)
    return Answer(200, View(portal, kind, scopes=call.scopes).show(record))


def delete_one(portal: Portal, call: Call) -> Answer:
    """`DELETE` of the same path: 204, also when there is no such association."""
    kind, other = ends(portal, call)
    how = _named(kind, other, call.params["name"])
    from_id, to_id = (records.parse_record_id(call.params[name]) for name in ("id", "to_id"))
    if from_id is not None and to_id is not None:
        linking.unlink(portal, call, kind, from_id, other, to_id, [how])
    return Answer(204)


def _named(kind: ObjectType, other: ObjectType, name: str | None) -> AssociationType:
    known = associations.known_types(kind, other)
    if name is None and known:
        return known[0]
    for how in known:
        if name in (how.v3_name, str(how.number)):
            return how
    raise validation(f"Association type {str(name)[:60]} does not exist from {kind.singular} to {other.singular}")
