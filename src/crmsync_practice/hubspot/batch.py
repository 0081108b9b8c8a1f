"""The objects API's batches (wire notes, section 2.5): up to 100 inputs, rows that fail on their own give a 207."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from crmsync_practice.hubspot import objects, records
from crmsync_practice.hubspot.call import Answer, BatchBody, Call, ReadBatchBody, RecordBody
from crmsync_practice.hubspot.errors import HubSpotError, validation
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import ARCHIVED, LIVE, Record
from crmsync_practice.hubspot.views import View

MOST_INPUTS = 100


@dataclass
class Outcome:
    """What came of the rows."""

    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def answer(portal: Portal, outcome: Outcome, started: int, success: int) -> Answer:
    """The batch answer: `success` when all went well, 207 with the errors when not."""
    payload: dict[str, Any] = {"status": "COMPLETE", "results": outcome.results}
    if outcome.errors:
        payload |= {"numErrors": len(outcome.errors), "errors": outcome.errors}
    payload |= {"startedAt": iso(started), "completedAt": iso(portal.now())}
    return Answer(207 if outcome.errors else success, payload)


def check_size(inputs: list[Any], most: int = MOST_INPUTS) -> None:
    """Raises the refusal of a batch that is too large."""
    if len(inputs) > most:
        raise validation(f"The maximum number of inputs supported in a batch request is {most}; got {len(inputs)}")


def _unknown(kind: ObjectType) -> HubSpotError:
    """The refusal of rows that name records which are not there (DOC)."""
    return HubSpotError(
        404,
        f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "OBJECT_NOT_FOUND",
    )


def read(portal: Portal, call: Call) -> Answer:
    """`POST …/batch/read`; a record asked for twice comes once; a merged id answers with the survivor."""
    started = portal.now()
    kind = portal.types.require(call.params["type"])
    body = call.read(ReadBatchBody)
    with_history = body.properties_with_history or []
    check_size(body.inputs, 50 if with_history else MOST_INPUTS)
    view = View(portal, kind, body.properties or [], with_history, call.scopes)
    missing: list[str] = []
    found: dict[int, Record] = {}
    archived = call.flag("archived")
    for wanted in dict.fromkeys(str(each.id) for each in body.inputs):
        record = _read_one(portal, kind, wanted, body.id_property, archived=archived)
        if record is None:
            missing.append(wanted)
        else:
            found[record.id] = record
    outcome = Outcome([view.show(record) for record in found.values()])
    if missing:
        outcome.errors.append(_unknown(kind).row({"ids": missing}))
    return answer(portal, outcome, started, 200)


def _read_one(
    portal: Portal, kind: ObjectType, wanted: str, id_property: str | None, *, archived: bool
) -> Record | None:
    if not archived:
        return records.resolve(portal, kind, wanted, id_property)
    number = records.parse_record_id(wanted)
    record = None if number is None else portal.storage.get(kind, number)
    return record if record is not None and record.archived == ARCHIVED else None


def _rows(
    portal: Portal,
    call: Call,
    inputs: Iterable[RecordBody],
    outcome: Outcome,
    work: Callable[[RecordBody], dict[str, Any]],
) -> None:
    """Does each row; a refused one leaves no trace but an error row that names its trace id and record id."""
    for row in inputs:
        changes, events = len(call.changes), len(portal.events)
        try:
            _refuse_now_and_then(portal)
            with portal.storage.savepoint():
                outcome.results.append(work(row))
        except HubSpotError as refused:
            del call.changes[changes:], portal.events[events:]
            context: dict[str, list[str]] = {}
            if row.object_write_trace_id is not None:
                context["objectWriteTraceId"] = [row.object_write_trace_id]
            if row.id is not None:
                context["ids"] = [str(row.id)]
            outcome.errors.append(refused.row(context))


def _refuse_now_and_then(portal: Portal) -> None:
    """Refuses every n-th row, when the portal is switched so."""
    every = portal.settings.refused_row_every
    if every <= 0:
        return
    portal.written_rows += 1
    if portal.written_rows % every == 0:
        raise validation("The row was refused because the portal is switched to refuse some.")


def _refuse_duplicates(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise validation(f"Duplicate IDs found in batch input: [{each[:100]}]. IDs must be unique")
        seen.add(each)


def _identified(portal: Portal, call: Call) -> tuple[ObjectType, list[RecordBody]]:
    """The object and the rows of a batch whose rows all name a record."""
    kind = portal.types.require(call.params["type"])
    inputs = call.read(BatchBody).inputs
    check_size(inputs)
    if any(row.id is None for row in inputs):
        raise validation("Every input needs an id")
    return kind, inputs


def update(portal: Portal, call: Call) -> Answer:
    """`POST …/batch/update`."""
    started = portal.now()
    kind, inputs = _identified(portal, call)
    _refuse_duplicates(f"{row.id_property or ''}{row.id}" for row in inputs)
    outcome = Outcome()

    def work(row: RecordBody) -> dict[str, Any]:
        assert row.id is not None
        record = records.resolve(portal, kind, row.id, row.id_property)
        if record is None:
            raise _unknown(kind)
        records.update(portal, call, kind, record, row.properties)
        return objects.after_write(portal, call, kind, record, row)

    _rows(portal, call, inputs, outcome, work)
    return answer(portal, outcome, started, 200)


def create(portal: Portal, call: Call) -> Answer:
    """`POST …/batch/create`: 201; rows may fail alone only if every input has a trace id (DOC)."""
    started = portal.now()
    kind = portal.types.require(call.params["type"])
    inputs = call.read(BatchBody).inputs
    check_size(inputs)
    outcome = Outcome()

    def work(row: RecordBody) -> dict[str, Any]:
        record = objects.create_with(portal, call, kind, row)
        return objects.after_write(portal, call, kind, record, row)

    if all(row.object_write_trace_id is not None for row in inputs):
        _refuse_duplicates(row.object_write_trace_id or "" for row in inputs)
        _rows(portal, call, inputs, outcome, work)
    else:
        outcome.results += [work(row) for row in inputs]
    return answer(portal, outcome, started, 201)


def upsert(portal: Portal, call: Call) -> Answer:
    """`POST …/batch/upsert`: finds by a unique property, else makes; results tell which (`new`)."""
    started = portal.now()
    kind, inputs = _identified(portal, call)
    _refuse_duplicates(f"{row.id_property or ''}{str(row.id).lower()}" for row in inputs)
    outcome = Outcome()

    def work(row: RecordBody) -> dict[str, Any]:
        assert row.id is not None
        name = row.id_property
        record = records.resolve(portal, kind, row.id, name)
        new = record is None
        if record is not None:
            records.update(portal, call, kind, record, row.properties)
        elif name is None or name == "hs_object_id":
            raise _unknown(kind)
        else:
            record = records.create(portal, call, kind, {name: row.id, **row.properties})
        return {**objects.after_write(portal, call, kind, record, row), "new": new}

    _rows(portal, call, inputs, outcome, work)
    return answer(portal, outcome, started, 200)


def archive(portal: Portal, call: Call) -> Answer:
    """`POST …/batch/archive`: 204; ids that are not there do not matter."""
    kind = portal.types.require(call.params["type"])
    inputs = call.read(ReadBatchBody).inputs
    check_size(inputs)
    for each in inputs:
        number = records.parse_record_id(each.id)
        record = None if number is None else portal.storage.get(kind, number)
        if record is not None and record.archived == LIVE:
            objects.remove(portal, call, kind, record)
    return Answer(204)
