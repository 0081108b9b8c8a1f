"""Field History Tracking of leads and contacts: who set stage, Title and Owner, one row a change, of the owner two.

A row's `Field` is the field's name, but `Owner` for OwnerId; the owner's change is told by names and by ids (MEM).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crmsync_practice.records import Lead, native_stage
from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.instants import to_stamp
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


def load_stages(
    store: Store,
    sobject: SObject,
    field: str,
    leads: Iterable[tuple[str, Lead]],
    users: Mapping[str, str],
    other: str,
) -> None:
    """The ways of imported leads (native id, lead) through the stages; `other` did what no user is named for.

    With what a record began there is no row: history tells changes.
    """
    history = store.schema[f"{sobject.name}History"]
    names = ("n", "Id", f"{sobject.name}Id", "Field", "DataType", "OldValue", "NewValue")
    rows = _stage_rows(field, leads, users, other)
    numbered = ((number, make_id(history.prefix, number), *row) for number, row in enumerate(rows, start=1))
    store.insert_many(history, (*names, "CreatedDate", "CreatedById", "IsDeleted"), numbered)


def _stage_rows(
    field: str, leads: Iterable[tuple[str, Lead]], users: Mapping[str, str], other: str
) -> Iterator[tuple[object, ...]]:
    for native_id, lead in leads:
        stood: str | None = None
        for place, step in enumerate(lead.stage_history):
            stage = native_stage(step.stage, "salesforce")
            began = place == 0 and step.at == lead.created_at
            if stage != stood and not began:
                by = users.get(step.by, other) if step.by else other
                yield native_id, field, "Picklist", stood, stage, to_stamp(step.at), by, 0
            stood = stage


def _values(old: object, new: object) -> dict[str, object]:
    return {"OldValue": old, "NewValue": new}


def _name(store: Store, owner: str | None) -> str | None:
    for name in ("User", "Group"):
        row = store.row(store.schema[name], owner) if owner else None
        if row is not None:
            return str(row["Name"])
    return None
