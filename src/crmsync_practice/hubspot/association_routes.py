"""The associations API: v4 batches and single records, and the v3 batches that older clients use.

Shapes and limits: wire notes, section 3.1. `toObjectId` is a number on `/crm/v4` and a text on dated paths.
"""

from __future__ import annotations

from typing import Any

import msgspec

from crmsync_practice.hubspot import associations, linking, records
from crmsync_practice.hubspot.association_types import AssociationType
from crmsync_practice.hubspot.batch import Outcome, answer, check_size
from crmsync_practice.hubspot.call import Answer, AssociationSpec, Body, Call, IdBody
from crmsync_practice.hubspot.errors import HubSpotError, bad_parameter, not_found, validation
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.objects import next_link
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import Record

MOST_READ, MOST_CREATED, MOST_ARCHIVED, PER_PAGE = 1_000, 2_000, 100, 500


class FromBody(Body):
    """Whose associations to read, from where on."""

    id: str | int
    after: str | int | None = None


class ReadBody(Body):
    """A batch read."""

    inputs: list[FromBody]


class PairBody(Body, rename={"origin": "from"}):
    """Two records and, for v4, the types between them; v3 names one type."""

    origin: IdBody
    to: Any = None
    types: list[AssociationSpec] = msgspec.field(default_factory=list)
    type: str | None = None


class PairsBody(Body):
    """A batch of pairs."""

    inputs: list[PairBody]


def ends(portal: Portal, call: Call) -> tuple[ObjectType, ObjectType]:
    """The two object types a path names."""
    return portal.types.require(call.params["type"]), portal.types.require(call.params["to"])


def _target_id(call: Call, to_id: int) -> int | str:
    return str(to_id) if call.dated else to_id


def _shown(
    call: Call, kind: ObjectType, other: ObjectType, targets: dict[int, list[tuple[int, int]]], start: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """One page of a record's associations from id `start` on, and the id where the next page starts."""
    ids = [to_id for to_id in targets if to_id >= start]
    page = [
        {
            "toObjectId": _target_id(call, to_id),
            "associationTypes": associations.shown_types(kind, other, targets[to_id]),
        }
        for to_id in ids[:limit]
    ]
    return page, ids[limit] if len(ids) > limit else None


def start_of(text: str | int | None) -> int:
    """The id that an `after` says a page starts with. Raises 400."""
    number = 0 if text is None or text == "" else records.parse_record_id(text)
    if number is None:
        raise bad_parameter("after", str(text))
    return number


def batch_read(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v4/associations/{a}/{b}/batch/read`; records without associations are errors of a 207 (MEM)."""
    started = portal.now()
    kind, other = ends(portal, call)
    inputs = call.read(ReadBody).inputs
    check_size(inputs, MOST_READ)
    wanted = {str(each.id): (records.parse_record_id(each.id), start_of(each.after)) for each in inputs}
    found = associations.read(portal.storage, kind, other, [one for one, _ in wanted.values() if one is not None])
    outcome = Outcome()
    for text, (number, start) in wanted.items():
        targets = found.get(-1 if number is None else number)
        if not targets:
            outcome.errors.append(nothing(kind, other, text))
            continue
        page, following = _shown(call, kind, other, targets, start, PER_PAGE)
        row: dict[str, Any] = {"from": {"id": text}, "to": page}
        if following is not None:
            link = f"{call.base_url}/crm/v4/objects/{kind.name}/{text}/associations/{other.name}?after={following}"
            row["paging"] = {"next": {"after": str(following), "link": link}}
        outcome.results.append(row)
    return answer(portal, outcome, started, 200)


def nothing(kind: ObjectType, other: ObjectType, record_id: str) -> dict[str, Any]:
    """The error row of a record without associations (MEM)."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.singular} is associated with {kind.singular} {record_id[:30]}.",
        "context": {"fromObjectId": [record_id], "fromObjectType": [kind.singular], "toObjectType": [other.singular]},
    }


def list_one(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v4/objects/{a}/{id}/associations/{b}?limit&after`."""
    kind, other = ends(portal, call)
    record = live(portal, kind, call.params["id"])
    limit = call.number("limit", PER_PAGE, PER_PAGE)
    targets = associations.read(portal.storage, kind, other, [record.id]).get(record.id, {})
    page, following = _shown(call, kind, other, targets, start_of(call.value("after")), limit)
    payload: dict[str, Any] = {"results": page}
    if following is not None:
        payload["paging"] = {"next": {"after": str(following), "link": next_link(call, str(following))}}
    return Answer(200, payload)


def live(portal: Portal, kind: ObjectType, record_id: str | int) -> Record:
    """The live record. Raises 404."""
    record = records.resolve(portal, kind, record_id)
    if record is None:
        raise not_found()
    return record


def put_default(portal: Portal, call: Call) -> Answer:
    """`PUT /crm/v4/objects/{a}/{id}/associations/default/{b}/{id}`: 200, shaped like a batch."""
    started = portal.now()
    kind, other = ends(portal, call)
    record = live(portal, kind, call.params["id"])
    target = live(portal, other, call.params["to_id"])
    outcome = Outcome(_link_default(portal, call, kind, record, other, target))
    return answer(portal, outcome, started, 200)


def _link_default(
    portal: Portal, call: Call, kind: ObjectType, record: Record, other: ObjectType, target: Record
) -> list[dict[str, Any]]:
    how = associations.default_type(kind, other)
    linking.link(portal, call, kind, record, other, target, how)
    return [
        _spec_row(record.id, target.id, how.category, how.number),
        _spec_row(target.id, record.id, how.category, how.inverse),
    ]


def _spec_row(from_id: int, to_id: int, category: str, number: int) -> dict[str, Any]:
    return {
        "from": {"id": str(from_id)},
        "to": {"id": str(to_id)},
        "associationSpec": {"associationCategory": category, "associationTypeId": number},
    }


def put_labels(portal: Portal, call: Call) -> Answer:
    """`PUT /crm/v4/objects/{a}/{id}/associations/{b}/{id}` with a list of types: 201."""
    kind, other = ends(portal, call)
    specs = call.read(list[AssociationSpec])
    types = [_type(kind, other, spec) for spec in specs]
    if not types:
        raise validation("At least one association type is required")
    record = live(portal, kind, call.params["id"])
    target = live(portal, other, call.params["to_id"])
    for how in types:
        linking.link(portal, call, kind, record, other, target, how)
    return Answer(201, _labels_row(call, kind, record.id, other, target.id, types))


def _type(kind: ObjectType, other: ObjectType, spec: AssociationSpec) -> AssociationType:
    return associations.find_type(kind, other, spec.association_type_id, spec.association_category)


def _labels_row(
    call: Call, kind: ObjectType, from_id: int, other: ObjectType, to_id: int, types: list[AssociationType]
) -> dict[str, Any]:
    return {
        "fromObjectTypeId": kind.id,
        "fromObjectId": _target_id(call, from_id),
        "toObjectTypeId": other.id,
        "toObjectId": _target_id(call, to_id),
        "labels": [how.label for how in types if how.label is not None],
    }


def delete_one(portal: Portal, call: Call) -> Answer:
    """`DELETE /crm/v4/objects/{a}/{id}/associations/{b}/{id}`: all types between the two, 204."""
    kind, other = ends(portal, call)
    from_id = records.parse_record_id(call.params["id"])
    to_id = records.parse_record_id(call.params["to_id"])
    if from_id is not None and to_id is not None:
        linking.unlink(portal, call, kind, from_id, other, to_id, None)
    return Answer(204)


def _pair_ends(pair: PairBody) -> tuple[str | int, list[str | int]]:
    """The ids of a pair; archive batches may name several targets."""
    targets = pair.to if isinstance(pair.to, list) else [pair.to]
    ids = [each.get("id") if isinstance(each, dict) else None for each in targets]
    if not ids or not all(isinstance(each, str | int) for each in ids):
        raise validation("Every input needs a to.id")
    return pair.origin.id, [each for each in ids if each is not None]


def batch_create(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v4/associations/{a}/{b}/batch/create`: 201, rows that cannot be made are errors of a 207."""
    started = portal.now()
    kind, other = ends(portal, call)
    inputs = call.read(PairsBody).inputs
    check_size(inputs, MOST_CREATED)
    outcome = Outcome()
    for pair in inputs:
        types = [_type(kind, other, spec) for spec in pair.types] or [associations.default_type(kind, other)]
        for record, target in resolved(portal, kind, other, pair, outcome):
            for how in types:
                linking.link(portal, call, kind, record, other, target, how)
            outcome.results.append(_labels_row(call, kind, record.id, other, target.id, types))
    return answer(portal, outcome, started, 201)


def batch_create_default(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v4/associations/{a}/{b}/batch/associate/default`: 200."""
    started = portal.now()
    kind, other = ends(portal, call)
    inputs = call.read(PairsBody).inputs
    check_size(inputs, MOST_CREATED)
    outcome = Outcome()
    for pair in inputs:
        for record, target in resolved(portal, kind, other, pair, outcome):
            outcome.results += _link_default(portal, call, kind, record, other, target)
    return answer(portal, outcome, started, 200)


def resolved(
    portal: Portal, kind: ObjectType, other: ObjectType, pair: PairBody, outcome: Outcome
) -> list[tuple[Record, Record]]:
    """The live records of a pair; a missing one becomes an error row."""
    from_id, to_ids = _pair_ends(pair)
    record = records.resolve(portal, kind, from_id)
    found = []
    for to_id in to_ids:
        target = records.resolve(portal, other, to_id)
        if record is not None and target is not None:
            found.append((record, target))
            continue
        refused = HubSpotError(404, "One or both of the records do not exist.", "OBJECT_NOT_FOUND")
        outcome.errors.append(refused.row({"fromObjectId": [str(from_id)], "toObjectId": [str(to_id)]}))
    return found


def batch_archive(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v4/associations/{a}/{b}/batch/archive` and `…/labels/archive`: 204."""
    kind, other = ends(portal, call)
    inputs = call.read(PairsBody).inputs
    check_size(inputs, MOST_ARCHIVED)
    for pair in inputs:
        types = [_type(kind, other, spec) for spec in pair.types] or None
        from_id, to_ids = _pair_ends(pair)
        start = records.parse_record_id(from_id)
        for end in (records.parse_record_id(to_id) for to_id in to_ids):
            if start is not None and end is not None:
                linking.unlink(portal, call, kind, start, other, end, types)
    return Answer(204)


def labels(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v4/associations/{a}/{b}/labels`: the types that are defined between two objects."""
    kind, other = ends(portal, call)
    shown = [
        {"category": how.category, "typeId": how.number, "label": how.label}
        for how in associations.known_types(kind, other)
    ]
    return Answer(200, {"results": shown})
