"""The objects API for single records and the list (wire notes, sections 2.2, 2.3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from crmsync_practice.hubspot import associations, linking, merging, records
from crmsync_practice.hubspot.call import Answer, Body, Call, NewAssociation, RecordBody
from crmsync_practice.hubspot.errors import bad_parameter, not_found, validation
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import ARCHIVED, LIVE, Record
from crmsync_practice.hubspot.views import View

MOST_PER_PAGE = 100
MOST_WITH_HISTORY = 50
MOST_ASSOCIATED = 500


def list_page(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/objects/{type}`: ascending ids; `after` is the id of the next record."""
    kind = portal.types.require(call.params["type"])
    with_history = call.values("propertiesWithHistory")
    limit = call.number("limit", 10, MOST_WITH_HISTORY if with_history else MOST_PER_PAGE)
    start = _after(call)
    condition = ARCHIVED if call.flag("archived") else LIVE
    if start and portal.settings.repeated_rows:
        start = portal.storage.rows_before(kind, start, min(portal.settings.repeated_rows, limit - 1), condition)
    found = portal.storage.page(kind, start, limit + 1, condition)
    view = View(portal, kind, call.values("properties"), with_history, call.scopes)
    page = found[:limit]
    linked = _linked(portal, call, kind, page)
    payload: dict[str, Any] = {
        "results": [view.show(record, **linked.get(record.id, {})) for record in page],
    }
    if len(found) > limit:
        after = str(found[limit].id)
        payload["paging"] = {"next": {"after": after, "link": next_link(call, after)}}
    return Answer(200, payload)


def next_link(call: Call, after: str) -> str:
    """The absolute address of the next page: this request's own parameters with another `after`."""
    pairs = [(name, value) for name, value in call.query if name != "after"]
    return f"{call.base_url}{call.path}?{urlencode([*pairs, ('after', after)])}"


def _after(call: Call) -> int:
    text = call.value("after")
    if text is None:
        return 0
    number = records.parse_record_id(text)
    if number is None:
        raise bad_parameter("after", text)
    return number


def _linked(portal: Portal, call: Call, kind: ObjectType, page: list[Record]) -> dict[int, dict[str, Any]]:
    """The `associations` of each record of a page, for the asked-for types; nothing for a record that has none."""
    found: dict[int, dict[str, Any]] = {}
    for alias in dict.fromkeys(call.values("associations")):
        other = portal.types.require(alias)
        read = associations.read(portal.storage, kind, other, [record.id for record in page])
        for from_id, targets in read.items():
            listed = [
                {"id": str(to_id), "type": name}
                for to_id, numbers in targets.items()
                for name in associations.v3_names(kind, other, numbers)
            ]
            shown: dict[str, Any] = {"results": listed[:MOST_ASSOCIATED]}
            if len(listed) > MOST_ASSOCIATED:
                after = listed[MOST_ASSOCIATED]["id"]
                link = f"{call.base_url}/crm/v4/objects/{kind.name}/{from_id}/associations/{other.name}?after={after}"
                shown["paging"] = {"next": {"after": after, "link": link}}
            found.setdefault(from_id, {}).setdefault("associations", {})[other.name] = shown
    return found


def get(portal: Portal, call: Call) -> Answer:
    """`GET /crm/v3/objects/{type}/{id}`; the id of a merged record answers with the surviving one."""
    kind = portal.types.require(call.params["type"])
    record = _find(portal, call, kind)
    view = View(portal, kind, call.values("properties"), call.values("propertiesWithHistory"), call.scopes)
    linked = _linked(portal, call, kind, [record])
    return Answer(200, view.show(record, **linked.get(record.id, {})))


def _find(portal: Portal, call: Call, kind: ObjectType) -> Record:
    """The record a single-record path names. Raises 404."""
    if call.method == "GET" and call.flag("archived"):
        number = records.parse_record_id(call.params["id"])
        record = None if number is None else portal.storage.get(kind, number)
        if record is None or record.archived != ARCHIVED:
            raise not_found()
        return record
    record = records.resolve(portal, kind, call.params["id"], call.value("idProperty"))
    if record is None:
        raise not_found()
    return record


def create(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/objects/{type}`: 201."""
    kind = portal.types.require(call.params["type"])
    body = call.read(RecordBody)
    record = create_with(portal, call, kind, body)
    return Answer(201, after_write(portal, call, kind, record, body))


def create_with(portal: Portal, call: Call, kind: ObjectType, body: RecordBody) -> Record:
    """Makes a record and the associations asked for with it; a lead needs its primary contact (DOC)."""
    wanted: list[NewAssociation] = body.associations or []
    if kind.name == "leads" and not any(each.association_type_id == 578 for one in wanted for each in one.types):
        raise validation("A lead must be associated with an existing contact (association type 578).")
    record = records.create(portal, call, kind, body.properties)
    for one in wanted:
        linking.link_new(portal, call, kind, record, one)
    return record


def after_write(portal: Portal, call: Call, kind: ObjectType, record: Record, body: RecordBody) -> dict[str, Any]:
    """The record as a write answers it: the written properties and the standard ones."""
    view = View(portal, kind, [*body.properties, *kind.defaults], scopes=call.scopes)
    extra = {} if body.object_write_trace_id is None else {"objectWriteTraceId": body.object_write_trace_id}
    return view.show(record, **extra)


def update(portal: Portal, call: Call) -> Answer:
    """`PATCH /crm/v3/objects/{type}/{id}`: 200."""
    kind = portal.types.require(call.params["type"])
    record = _find(portal, call, kind)
    body = call.read(RecordBody)
    records.update(portal, call, kind, record, body.properties)
    return Answer(200, after_write(portal, call, kind, record, body))


def delete(portal: Portal, call: Call) -> Answer:
    """`DELETE /crm/v3/objects/{type}/{id}`: 204, also when it is archived already (MEM)."""
    kind = portal.types.require(call.params["type"])
    number = records.parse_record_id(call.params["id"])
    record = None if number is None else portal.storage.get(kind, number)
    if record is not None and record.archived == LIVE:
        remove(portal, call, kind, record)
    elif record is None:
        raise not_found()
    return Answer(204)


def remove(portal: Portal, call: Call, kind: ObjectType, record: Record) -> None:
    """Archives a record; its associations end."""
    records.archive(portal, call, kind, record)
    associations.drop_all(portal.storage, portal.types.all(), kind, record.id)


class MergeBody(Body):
    """Which two records become one."""

    primary_object_id: str | int
    object_id_to_merge: str | int


def merge(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/objects/{type}/merge`: the second record's id leads to the first from now on."""
    kind = portal.types.require(call.params["type"])
    body = call.read(MergeBody)
    primary = records.resolve(portal, kind, body.primary_object_id)
    other = records.resolve(portal, kind, body.object_id_to_merge)
    if primary is None or other is None:
        raise not_found()
    merging.merge(portal, call, kind, primary, other)
    associations.move_all(portal.storage, portal.types.all(), kind, other.id, primary.id)
    return Answer(200, View(portal, kind, scopes=call.scopes).show(primary))


class ForgetBody(Body):
    """Whom to delete for good."""

    object_id: str | int
    id_property: str | None = None


def gdpr_delete(portal: Portal, call: Call) -> Answer:
    """`POST /crm/v3/objects/contacts/gdpr-delete`: 204, also when there is no such contact."""
    kind = portal.types.named("contacts")
    body = call.read(ForgetBody)
    record = records.resolve(portal, kind, body.object_id, body.id_property)
    if record is not None:
        records.forget(portal, call, kind, record)
        associations.drop_all(portal.storage, portal.types.all(), kind, record.id)
    return Answer(204)
