"""Change events of the org: what was saved, as Avro, in the order of commits, for whoever subscribes.

Source: Change Data Capture Developer Guide, "Change Event Header Fields", "Merged Change Events", "Gap Events",
"Overflow Events"; Pub/Sub API Developer Guide, "Event Deserialization Considerations" (changed fields are bitmaps of
the schema's fields, in hexadecimal).
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import fastavro

from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.schema import NUMBER_TYPES, Field, SObject
from crmsync_practice.salesforce.storage import Saved, Store

MOST_KEPT = 50_000
EMPTY_ID = "000000000000000AAA"
_TEXTS = {"type": "array", "items": "string"}
_KINDS = ("CREATE", "UPDATE", "DELETE", "UNDELETE")
_HEADER: tuple[tuple[str, Any], ...] = (
    ("entityName", "string"),
    ("recordIds", _TEXTS),
    (
        "changeType",
        {
            "type": "enum",
            "name": "ChangeType",
            "symbols": [*_KINDS, *(f"GAP_{each}" for each in _KINDS), "GAP_OVERFLOW"],
        },
    ),
    ("changeOrigin", "string"),
    ("transactionKey", "string"),
    ("sequenceNumber", "int"),
    ("commitTimestamp", "long"),
    ("commitNumber", "long"),
    ("commitUser", "string"),
    ("nulledFields", _TEXTS),
    ("diffFields", _TEXTS),
    ("changedFields", _TEXTS),
)


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One event. `number`: its place in the log, from which its replay id is made."""

    number: int
    object: str
    schema_id: str
    payload: bytes


class ChangeLog:
    """The events of the last days. Threads wait for what comes; one writes."""

    def __init__(self, store: Store, switches: Mapping[str, Any], now: Callable[[], datetime]) -> None:
        self._store = store
        self._switches = switches
        self._now = now
        self._events: deque[ChangeEvent] = deque(maxlen=MOST_KEPT)
        self._schemas: dict[str, str] = {}
        self._parsed: dict[str, Any] = {}
        self._forgotten_by = 0
        self.latest = 0
        self.changed = threading.Condition()

    def saved(self, records: Sequence[Saved]) -> None:
        """The records of one transaction: those changed alike are one event (documented)."""
        alike: dict[tuple[str, str, frozenset[str]], list[str]] = {}
        for each in records:
            if each.object in self._switches["change_objects"]:
                alike.setdefault((each.object, each.kind, each.fields), []).append(each.record)
        if not alike:
            return
        key = f"{self.latest:08d}-practice"
        events = [
            (name, self._payload(name, kind, fields, ids, (key, place)))
            for place, ((name, kind, fields), ids) in enumerate(alike.items(), start=1)
        ]
        if self._switches["change_style"] == "twice":
            events += events
        elif self._switches["change_style"] == "reversed":
            events.reverse()
        with self.changed:
            for name, (schema_id, payload) in events:
                self.latest += 1
                self._events.append(ChangeEvent(self.latest, name, schema_id, payload))
            self.changed.notify_all()

    def after(self, number: int, object_name: str | None, most: int) -> tuple[list[ChangeEvent], int]:
        """The next events behind this one, and how far was looked. To be called with `changed` held."""
        found: list[ChangeEvent] = []
        for each in self._events:
            if each.number > number and object_name in (None, each.object):
                found.append(each)
                if len(found) == most:
                    return found, each.number
        return found, self.latest

    def holds(self, number: int) -> bool:
        """Whether all that came after it is still there."""
        if self._switches["changes_forgotten"] != self._forgotten_by:
            with self.changed:
                self._forgotten_by = self._switches["changes_forgotten"]
                self._events.clear()
                self.latest += 1_000
        first = self._events[0].number if self._events else self.latest + 1
        return first - 1 <= number <= self.latest

    def schema_json(self, schema_id: str) -> str | None:
        """The schema of this id; None where there is none."""
        return self._schemas.get(schema_id)

    def _payload(
        self, name: str, kind: str, fields: frozenset[str], ids: list[str], transaction: tuple[str, int]
    ) -> tuple[str, bytes]:
        sobject, style = self._store.schema[name], self._switches["change_style"]
        schema_id = self._schema_of(sobject)
        row = self._store.row(sobject, ids[0]) or {}
        if style == "gap":
            kind = f"GAP_{kind}"
        if style == "overflow":
            kind, ids = "GAP_OVERFLOW", [EMPTY_ID]
        told = [each for each in sobject.visible() if each.name in fields and not kind.startswith("GAP_")]
        bits = [place for place, each in enumerate(sobject.visible(), start=1) if each in told]
        key, place = transaction
        header = {
            "entityName": name,
            "recordIds": ids,
            "changeType": kind,
            "changeOrigin": "",
            "transactionKey": key,
            "sequenceNumber": place,
            "commitTimestamp": int(self._now().timestamp() * 1000),
            "commitNumber": self.latest + place,
            "commitUser": str(row.get("LastModifiedById") or INTEGRATION_USER_ID),
            "nulledFields": [],
            "diffFields": [],
            "changedFields": [f"0x{sum(1 << bit for bit in bits):X}"] if bits and kind == "UPDATE" else [],
        }
        values = {each.name: _value(each, row.get(each.name)) for each in told}
        written = io.BytesIO()
        fastavro.schemaless_writer(written, self._parsed[schema_id], {"ChangeEventHeader": header, **values})
        return schema_id, written.getvalue()

    def _schema_of(self, sobject: SObject) -> str:
        """The id of the object's present schema: it changes with the fields."""
        fields: list[dict[str, Any]] = [{"name": "ChangeEventHeader", "type": _header_type()}]
        fields += [
            {"name": each.name, "type": ["null", _avro_type(each)], "default": None} for each in sobject.visible()
        ]
        schema = {"type": "record", "name": f"{sobject.name}ChangeEvent", "namespace": "com.sforce.eventbus"}
        text = json.dumps({**schema, "fields": fields})
        schema_id = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
        if schema_id not in self._schemas:
            self._schemas[schema_id] = text
            self._parsed[schema_id] = fastavro.parse_schema(json.loads(text))
        return schema_id


def _header_type() -> dict[str, Any]:
    fields = [{"name": name, "type": kind} for name, kind in _HEADER]
    return {"type": "record", "name": "ChangeEventHeader", "fields": fields}


def _avro_type(field: Field) -> str:
    if field.type == "boolean":
        return "boolean"
    return "double" if field.type in NUMBER_TYPES else "string"


def _value(field: Field, value: Any) -> Any:
    if value is None:
        return None
    kind = _avro_type(field)
    return bool(value) if kind == "boolean" else float(value) if kind == "double" else str(value)
