"""sObject Collections: up to 200 records a call, each with its own result (wire notes, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from crmsync_practice.salesforce.errors import SalesforceError, in_a_batch, malformed_json, no_such_object
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.rows import Rows, find_object
from crmsync_practice.salesforce.saving import Author, Saver
from crmsync_practice.salesforce.schema import Schema, SObject

MOST_RECORDS, MOST_CHUNKS, MOST_IDS = 200, 10, 2000
Result = dict[str, Any]


class _Undo(Exception):
    """Ends an all-or-none transaction."""


class Collections:
    """The `composite/sobjects` resources."""

    def __init__(self, schema: Schema, rows: Rows, saver: Saver) -> None:
        self._schema = schema
        self._rows = rows
        self._saver = saver

    def create(self, call: Call) -> Reply:
        """`POST composite/sobjects`."""
        author = Author.of(call)

        def one(record: dict[str, Any]) -> Result:
            sobject = self._object_of(record)
            if any(name.lower() == "id" for name in record):
                raise SalesforceError("INVALID_FIELD", "cannot specify Id in an insert call", fields=["Id"])
            return _success(self._saver.create(sobject, record, author))

        return self._each(call, self._records(call), one)

    def update(self, call: Call) -> Reply:
        """`PATCH composite/sobjects`."""
        author = Author.of(call)

        def one(record: dict[str, Any]) -> Result:
            sobject = self._object_of(record)
            record_id = next((value for name, value in record.items() if name.lower() == "id"), None)
            if not isinstance(record_id, str):
                raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
            given = {name: value for name, value in record.items() if name.lower() != "id"}
            self._saver.update(sobject, record_id, given, author)
            return _success(read_id(record_id) or record_id)

        return self._each(call, self._records(call), one)

    def upsert(self, call: Call) -> Reply:
        """`PATCH composite/sobjects/X/FIELD`."""
        author = Author.of(call)
        sobject = find_object(self._schema, call.part("name"))
        field = sobject.field(call.part("field"))
        if field is None or not (field.external_id or field.type == "id"):
            raise SalesforceError(
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {call.part('field')}",
                status=404,
            )

        def one(record: dict[str, Any]) -> Result:
            value = next((each for name, each in record.items() if name.lower() == field.name.lower()), None)
            given = {name: each for name, each in record.items() if name.lower() != field.name.lower()}
            if field.type == "id" and value is not None:
                self._saver.update(sobject, str(value), given, author)
                return {**_success(read_id(str(value)) or str(value)), "created": False}
            if field.type != "id" and (not isinstance(value, str) or not value):
                raise SalesforceError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[field.name])
            found = [] if field.type == "id" else self._saver.by_external_id(sobject, field, str(value))
            if len(found) > 1:
                raise SalesforceError("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record found")
            if found:
                self._saver.update(sobject, found[0]["Id"], given, author)
                return {**_success(found[0]["Id"]), "created": False}
            created = given if field.type == "id" else {**given, field.name: value}
            return {**_success(self._saver.create(sobject, created, author)), "created": True}

        return self._each(call, self._records(call), one)

    def delete(self, call: Call) -> Reply:
        """`DELETE composite/sobjects?ids=A,B&allOrNone=false`."""
        author = Author.of(call)
        ids = [each.strip() for each in call.query.get("ids", "").split(",") if each.strip()]
        if not ids:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "The ids parameter is required")
        _limit(len(ids), MOST_RECORDS)

        def one(record: dict[str, Any]) -> Result:
            canonical = read_id(record["id"])
            sobject = self._schema.of_id(canonical) if canonical else None
            if sobject is None:
                raise SalesforceError("MALFORMED_ID", f"malformed id {record['id'][:40]}", fields=[])
            self._saver.delete(sobject, record["id"], author)
            return _success(canonical or record["id"])

        all_or_none = call.query.get("allOrNone", "false").lower() == "true"
        return Reply(content=self._run([{"id": each} for each in ids], one, all_or_none=all_or_none))

    def retrieve(self, call: Call) -> Reply:
        """`POST composite/sobjects/X {"ids", "fields"}`, or GET with both as lists: null for a missing id [MEM]."""
        sobject = find_object(self._schema, call.part("name"))
        if call.method == "POST":
            body = call.object()
            ids, fields = body.get("ids"), body.get("fields")
        else:
            ids, fields = call.query.get("ids", "").split(","), call.query.get("fields", "").split(",")
        for name, value in (("ids", ids), ("fields", fields)):
            if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value) or not value:
                raise malformed_json(f"{name}: expected a list of strings")
        assert ids is not None and fields is not None
        _limit(len(ids), MOST_IDS if call.method == "POST" else 800)
        canonical = [read_id(each) for each in ids]
        for each, given in zip(canonical, ids, strict=True):
            if each is None or not each.startswith(sobject.prefix):
                raise SalesforceError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {given[:40]}")
        records = self._rows.records(
            sobject,
            [each for each in canonical if each is not None],
            list(dict.fromkeys(fields)),
            call.base,
            user_id=call.user_id,
        )
        return Reply(content=records)

    def _records(self, call: Call) -> list[dict[str, Any]]:
        body = call.object()
        records = body.get("records")
        if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
            raise malformed_json("records: expected a list of objects")
        if not records:
            raise SalesforceError("REQUIRED_FIELD_MISSING", "records: at least one record is required")
        _limit(len(records), MOST_RECORDS)
        chunks = sum(1 for _ in groupby(records, key=_type_of))
        if chunks > MOST_CHUNKS:
            raise SalesforceError(
                "INVALID_BATCH_SIZE", f"Too many chunks: {chunks}; at most {MOST_CHUNKS} are allowed in one request"
            )
        return records

    def _object_of(self, record: dict[str, Any]) -> SObject:
        name = _type_of(record)
        sobject = self._schema.find(name) if name else None
        if sobject is None:
            raise SalesforceError("INVALID_TYPE", no_such_object(name or "null"), fields=[])
        return sobject

    def _each(self, call: Call, records: list[dict[str, Any]], one: Callable[[dict[str, Any]], Result]) -> Reply:
        all_or_none = call.object().get("allOrNone") in (True, "true")
        return Reply(content=self._run(records, one, all_or_none=all_or_none))

    def _run(
        self, records: Sequence[dict[str, Any]], one: Callable[[dict[str, Any]], Result], *, all_or_none: bool
    ) -> list[Result]:
        """Every record's result in order; with all-or-none a single failure undoes all."""
        results: list[Result] = []

        def attempt() -> None:
            for record in records:
                try:
                    results.append(one(record))
                except SalesforceError as error:
                    results.append(_failure(error))

        if not all_or_none:
            self._saver.together(attempt)
            return results

        def all_of_them() -> None:
            attempt()
            if not all(result["success"] for result in results):
                raise _Undo

        try:
            self._saver.all_or_none(all_of_them)
        except _Undo:
            rolled_back = SalesforceError(
                "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "Record rolled back because not all records were valid and the request was using AllOrNone header",
                fields=[],
            )
            results = [_failure(rolled_back) if result["success"] else result for result in results]
        return results


def _type_of(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    return name if isinstance(name, str) else ""


def _success(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _failure(error: SalesforceError) -> Result:
    """A failed record's result: without id, as may happen in Salesforce too."""
    return {"success": False, "errors": [in_a_batch(error).per_record()]}


def _limit(count: int, most: int) -> None:
    if count > most:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records")
