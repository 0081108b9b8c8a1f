"""Change events of Salesforce: which records they are about. Values are not looked at.

Source: Change Data Capture Developer Guide, "Change Event Header Fields", "Gap Events", "Overflow Events". A gap
event says that a record has changed and not how, which is all that is asked here. An overflow event says that further
records of an object have changed in a very large transaction, and not which.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import fastavro
import msgspec

from crmsync.sdk import Heard, Telling
from crmsync_salesforce.ids import is_id, long_id

_HEADER = "ChangeEventHeader"
_OVERFLOW = "GAP_OVERFLOW"


class ChangeEvents:
    """Reads events of one org. `schema_json`: the id of a schema → the schema, asked once for each."""

    def __init__(self, account: str, schema_json: Callable[[str], str]) -> None:
        self._account = account
        self._schema_json = schema_json
        self._schemas: dict[str, Any] = {}

    def heard(self, events: Sequence[Any], position: bytes) -> Heard:
        """What these events tell. One that cannot be read tells that something has changed."""
        tellings = [self._telling(each.event) for each in events]
        told = tuple(each for each in tellings if each is not None)
        return Heard(told, position.hex(), untold=len(told) < len(tellings))

    def _telling(self, event: Any) -> Telling | None:
        """Null where it does not say which record it is about."""
        header = self._header(event)
        if header is None or header.get("changeType") == _OVERFLOW:
            return None
        name, ids = header.get("entityName"), header.get("recordIds")
        if not isinstance(name, str) or not name.isidentifier() or not isinstance(ids, list):
            return None
        known = tuple(long_id(each) for each in ids if is_id(each) and each.strip("0A"))
        return Telling(self._account, name, known, _instant(header.get("commitTimestamp"))) if known else None

    def _header(self, event: Any) -> dict[str, Any] | None:
        schema = self._schema(event.schema_id)
        try:
            record = fastavro.schemaless_reader(io.BytesIO(event.payload), schema, None)
        except (ValueError, TypeError, EOFError, IndexError, KeyError, StopIteration, OverflowError):
            return None
        header = record.get(_HEADER) if isinstance(record, dict) else None
        return header if isinstance(header, dict) else None

    def _schema(self, schema_id: str) -> Any:
        if schema_id not in self._schemas:
            self._schemas[schema_id] = fastavro.parse_schema(msgspec.json.decode(self._schema_json(schema_id)))
        return self._schemas[schema_id]


def _instant(milliseconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if isinstance(milliseconds, int) else None
    except (ValueError, OverflowError, OSError):
        return None
