"""Who set fields of records: Salesforce's Field History Tracking.

Source: Object Reference, "LeadHistory" and "StandardObjectNameHistory": `Field` is the field's name, `Owner` for the
owner, whose change comes twice, by names and by ids. Values cannot be filtered by. Only fields that the admin tracks
have rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

from crmsync.sdk import Edit
from crmsync_salesforce.describe import Describer
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.replies import Record
from crmsync_salesforce.transport import Transport

_IDS_PER_QUERY = 200
_OWNER = "Owner"
_PROGRAMS = {"CloudIntegrationUser"}
_AUTOMATIONS = {"AutomatedProcess"}
"""User.UserType of users who are nobody."""


def read_edits(
    transport: Transport, describer: Describer, object_name: str, ids: Sequence[str], fields: Sequence[str]
) -> list[Edit]:
    """What the history tells of these records, newest first; nothing where this user may not see it."""
    schema = describer.schema(object_name)
    named = {_OWNER if name == "OwnerId" else name: name for name in fields if "." not in name}
    asked = list(dict.fromkeys(long_id(text) for text in ids if is_id(text)))
    parent, history = f"{schema.name}Id", f"{schema.name}History"
    if schema.name.endswith("__c"):
        parent, history = "ParentId", f"{schema.name.removesuffix('__c')}__History"
    listed = ", ".join(f"'{name}'" for name in named)
    edits: list[Edit] = []
    for start in range(0, len(asked), _IDS_PER_QUERY):
        some = ", ".join(f"'{id_}'" for id_ in asked[start : start + _IDS_PER_QUERY])
        soql = (
            f"SELECT {parent}, Field, OldValue, NewValue, CreatedDate, CreatedById, CreatedBy.UserType "  # noqa: S608
            f"FROM {history} WHERE {parent} IN ({some}) AND Field IN ({listed}) ORDER BY CreatedDate DESC, Id DESC"
        )
        try:
            records = list(transport.facts(soql, what=f"the query on {history}"))
        except Refusal as refusal:
            transport.leave_out(f"who changed {schema.name} records: this user may not read it ({refusal.code})")
            return []
        edits += _edits(records, parent, named)
    return edits


def _edits(records: Sequence[Record], parent: str, named: dict[str, str]) -> Iterator[Edit]:
    for record in records:
        field, value = named.get(str(record.get("Field"))), record.get("NewValue")
        if field is None or (field == "OwnerId" and not is_id(str(value or ""))):
            continue  # the owner's change by names
        try:
            at = datetime.fromisoformat(str(record.get("CreatedDate")))
        except ValueError:
            continue
        created_by = record.get("CreatedBy")
        kind = str(created_by.get("UserType")) if isinstance(created_by, dict) else ""
        by: Literal["person", "program", "automation"] = "person"
        if kind in _AUTOMATIONS:
            by = "automation"
        elif kind in _PROGRAMS:
            by = "program"
        new, old = (_native(field, each) for each in (value, record.get("OldValue")))
        user = record.get("CreatedById")
        of = long_id(str(record.get(parent)))
        yield Edit(of, field, new, at, by, str(user) if user else None, kind, old, before_told="OldValue" in record)


def _native(field: str, value: object) -> str | None:
    text = None if value in (None, "") else str(value)
    return long_id(text) if text and field == "OwnerId" else text
