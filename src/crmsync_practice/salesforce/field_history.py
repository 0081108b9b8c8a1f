"""Field History Tracking of leads and contacts: who set stage, Title and Owner, one row a change, of the owner two.

A row's `Field` is the field's name, but `Owner` for OwnerId; the owner's change is told by names and by ids (MEM).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.salesforce.schema import SObject
from crmsync_practice.salesforce.storage import Store

_TRACKED = {
    "Lead": {"Status": "Picklist", "Title": "Text"},
    "Contact": {"Lead_Status__c": "Picklist", "Title": "Text"},
}
"""Beside the owner; what a real org tracks is its admin's choice."""


def note_changes(
    store: Store, sobject: SObject, before: Mapping[str, Any], after: Mapping[str, Any], *, by: str, stamp: str
) -> None:
    """Adds what a save changed in the tracked fields of a lead or a contact."""
    if sobject.name not in _TRACKED:
        return
    rows: list[dict[str, Any]] = []
    for name, kind in _TRACKED[sobject.name].items():
        if before.get(name) != after.get(name):
            rows.append({"Field": name, "DataType": kind, **_values(before.get(name), after.get(name))})
    if before.get("OwnerId") != after.get("OwnerId"):
        old, new = before["OwnerId"], after["OwnerId"]
        rows.append({"Field": "Owner", "DataType": "Text", **_values(_name(store, old), _name(store, new))})
        rows.append({"Field": "Owner", "DataType": "EntityId", **_values(old, new)})
    for row in rows:
        system = {f"{sobject.name}Id": before["Id"], "CreatedDate": stamp, "CreatedById": by, "IsDeleted": 0}
        store.insert(store.schema[f"{sobject.name}History"], {**row, **system})


def _values(old: object, new: object) -> dict[str, object]:
    return {"OldValue": old, "NewValue": new}


def _name(store: Store, owner: str | None) -> str | None:
    for name in ("User", "Group"):
        row = store.row(store.schema[name], owner) if owner else None
        if row is not None:
            return str(row["Name"])
    return None
