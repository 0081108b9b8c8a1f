"""Single records: describe, get, create, change, delete, upsert by external id, with conditional headers."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from crmsync_practice.salesforce.describe import describe_brief, describe_global, describe_object
from crmsync_practice.salesforce.errors import SalesforceError, no_such_column, not_found
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.instants import from_stamp
from crmsync_practice.salesforce.query import Queries
from crmsync_practice.salesforce.record_types import RecordTypes
from crmsync_practice.salesforce.saving import Author, Saver
from crmsync_practice.salesforce.schema import Field, Schema, SObject
from crmsync_practice.salesforce.soql.records import record_texts
from crmsync_practice.salesforce.storage import Store


class Rows:
    """The `sobjects/…` resources."""

    def __init__(
        self,
        store: Store,
        queries: Queries,
        saver: Saver,
        record_types: RecordTypes,
        schema_made_at: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._record_types = record_types
        self._queries = queries
        self._saver = saver
        self._schema_made_at = schema_made_at

    def describe_global(self, call: Call) -> Reply:
        """`GET sobjects`."""
        return self._metadata(call, describe_global(self._store.schema, call.base))

    def describe(self, call: Call) -> Reply:
        """`GET sobjects/X/describe`; 304 with If-Modified-Since after the schema was last changed."""
        sobject = self._object(call)
        types = self._record_types.of(sobject)
        return self._metadata(call, describe_object(sobject, call.base, types, self._store.schema))

    def brief(self, call: Call) -> Reply:
        """`GET sobjects/X`."""
        return Reply(content=describe_brief(self._object(call), call.base))

    def create(self, call: Call) -> Reply:
        """`POST sobjects/X`."""
        record_id = self._saver.create(self._object(call), call.object(), Author.of(call))
        url = f"{call.base}/sobjects/{self._object(call).name}/{record_id}"
        return Reply(201, {"id": record_id, "success": True, "errors": []}, {"Location": url})

    def get(self, call: Call) -> Reply:
        """`GET sobjects/X/ID[?fields=A,B]`."""
        sobject = self._object(call)
        row = self._saver.existing(sobject, call.part("id"))
        return self._shown(call, sobject, row)

    def update(self, call: Call) -> Reply:
        """`PATCH sobjects/X/ID`: 204; 412 when a conditional header does not hold."""
        sobject = self._object(call)
        row = self._saver.existing(sobject, call.part("id"))
        self._precondition(call, sobject, row)
        self._saver.update(sobject, row["Id"], call.object(), Author.of(call))
        return Reply(204)

    def delete(self, call: Call) -> Reply:
        """`DELETE sobjects/X/ID`."""
        self._saver.delete(self._object(call), call.part("id"), Author.of(call))
        return Reply(204)

    def get_by_key(self, call: Call) -> Reply:
        """`GET sobjects/X/FIELD/VALUE`; 300 with the urls when several have it."""
        sobject = self._object(call)
        rows = self._keyed(call, sobject)
        if not rows:
            raise not_found()
        if len(rows) > 1:
            return self._several(call, sobject, rows)
        return self._shown(call, sobject, rows[0])

    def upsert(self, call: Call) -> Reply:
        """`PATCH sobjects/X/FIELD/VALUE`: 201 created, 200 changed (204 before version 46 [MEM])."""
        sobject = self._object(call)
        rows = self._keyed(call, sobject)
        if len(rows) > 1:
            return self._several(call, sobject, rows)
        given = call.object()
        if rows:
            self._saver.update(sobject, rows[0]["Id"], given, Author.of(call))
            if float(call.parts["version"]) < 46:
                return Reply(204)
            return Reply(200, {"id": rows[0]["Id"], "success": True, "errors": [], "created": False})
        field = self._key(call, sobject)
        if field.type == "id":
            raise not_found()
        if field.name.lower() in {name.lower() for name in given}:
            raise SalesforceError(
                "INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data."
            )
        record_id = self._saver.create(sobject, {**given, field.name: call.part("value")}, Author.of(call))
        return Reply(201, {"id": record_id, "success": True, "errors": [], "created": True})

    def delete_by_key(self, call: Call) -> Reply:
        """`DELETE sobjects/X/FIELD/VALUE`."""
        sobject = self._object(call)
        rows = self._keyed(call, sobject)
        if not rows:
            raise not_found()
        if len(rows) > 1:
            return self._several(call, sobject, rows)
        self._saver.delete(sobject, rows[0]["Id"], Author.of(call))
        return Reply(204)

    def records(
        self, sobject: SObject, ids: list[str], names: list[str] | None, base: str, *, user_id: str
    ) -> list[msgspec.Raw | None]:
        """Records by id in order, with the named fields or all of them; None for an id that is not there."""
        shown = names or [field.name for field in sobject.visible()]
        text = f"SELECT {', '.join(shown)} FROM {sobject.name}"  # noqa: S608 - SOQL over the schema's names
        try:
            plan = self._queries.compile(text, all_rows=True, user_id=user_id, base=base)
        except SalesforceError as error:
            unknown = next((name for name in shown if "." not in name and sobject.field(name) is None), None)
            if unknown is None:
                raise
            raise SalesforceError("INVALID_FIELD", no_such_column(unknown, sobject.name)) from error
        places = ", ".join("?" * len(ids))
        statement = f"SELECT Id, n FROM {sobject.table} WHERE Id IN ({places})"  # noqa: S608 - bound
        if "IsDeleted" in sobject.fields:
            statement += " AND IsDeleted = 0"
        numbers = dict(self._store.connection.execute(statement, ids))
        wanted = [each for each in dict.fromkeys(ids) if each in numbers]
        texts = record_texts(self._store.connection, plan, [numbers[each] for each in wanted])
        found = {each: msgspec.Raw(text.encode()) for each, text in zip(wanted, texts, strict=True)}
        return [found.get(each) for each in ids]

    def _object(self, call: Call) -> SObject:
        return find_object(self._store.schema, call.part("name"))

    def _metadata(self, call: Call, content: Any) -> Reply:
        since = _http_date(call.headers, "if-modified-since")
        made_at = self._schema_made_at()
        if since is not None and made_at <= since:
            return Reply(304)
        return Reply(content=content, headers={"Last-Modified": _to_http(made_at)})

    def _shown(self, call: Call, sobject: SObject, row: Mapping[str, Any]) -> Reply:
        modified = row.get("LastModifiedDate") or row.get("SystemModstamp")
        headers = {}
        if modified is not None:
            headers["Last-Modified"] = _to_http(from_stamp(modified))
            since = _http_date(call.headers, "if-modified-since")
            if since is not None and from_stamp(modified) <= since:
                return Reply(304)
            self._unmodified(call, modified)
        if sobject.name == "Account":
            headers["ETag"] = _etag(row)
            wanted = call.headers.get("if-none-match")
            if wanted is not None and wanted in {"*", headers["ETag"]}:
                return Reply(304, headers=headers)
        names = call.query.get("fields")
        listed = [name.strip() for name in names.split(",") if name.strip()] if names else None
        (record,) = self.records(sobject, [row["Id"]], listed, call.base, user_id=call.user_id)
        if record is None:
            raise not_found()
        return Reply(content=record, headers=headers)

    def _precondition(self, call: Call, sobject: SObject, row: Mapping[str, Any]) -> None:
        modified = row.get("LastModifiedDate")
        if modified is not None:
            self._unmodified(call, modified)
            since = _http_date(call.headers, "if-modified-since")
            if since is not None and from_stamp(modified) <= since:
                raise _failed("If-Modified-Since")
        wanted = call.headers.get("if-match")
        if sobject.name == "Account" and wanted is not None and wanted not in {"*", _etag(row)}:
            raise _failed("If-Match")

    @staticmethod
    def _unmodified(call: Call, modified: str) -> None:
        until = _http_date(call.headers, "if-unmodified-since")
        if until is not None and from_stamp(modified) > until:
            raise _failed("If-Unmodified-Since")

    def _key(self, call: Call, sobject: SObject) -> Field:
        field = sobject.field(call.part("field"))
        if field is None or not (field.external_id or field.type == "id"):
            raise SalesforceError(
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {call.part('field')}",
                status=404,
            )
        return field

    def _keyed(self, call: Call, sobject: SObject) -> list[dict[str, Any]]:
        return self._saver.by_external_id(sobject, self._key(call, sobject), call.part("value"))

    @staticmethod
    def _several(call: Call, sobject: SObject, rows: list[dict[str, Any]]) -> Reply:
        return Reply(300, [f"{call.base}/sobjects/{sobject.name}/{row['Id']}" for row in rows])


def find_object(schema: Schema, name: str) -> SObject:
    """An object named in a path; raises NOT_FOUND."""
    sobject = schema.find(name)
    if sobject is None:
        raise not_found()
    return sobject


def _failed(header: str) -> SalesforceError:
    return SalesforceError("PRECONDITION_FAILED", f"The precondition {header} does not hold", status=412)


def _http_date(headers: Mapping[str, str], name: str) -> datetime | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise SalesforceError("INVALID_HEADER", f"{name}: not an HTTP date: {text[:60]}") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _to_http(at: datetime) -> str:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{days[at.weekday()]}, {at.day:02d} {months[at.month - 1]} {at.year} {at.strftime('%H:%M:%S')} GMT"


def _etag(row: Mapping[str, Any]) -> str:
    text = f"{row['Id']}{row['SystemModstamp']}"
    return f'"{base64.b64encode(text.encode()).decode()}"'
