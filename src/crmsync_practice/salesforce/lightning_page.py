"""A record's page in Lightning, as the practice CRM shows it."""

from __future__ import annotations

from typing import Any

from crmsync_practice.record_page import ADDRESS, RecordView
from crmsync_practice.salesforce.ids import read_id
from crmsync_practice.salesforce.schema import Schema, SObject
from crmsync_practice.salesforce.storage import Store

_FOREMOST = ("Status", "Lead_Status__c", "OwnerId", "Company", "AccountId")
"""Fields on top of a record's page."""


def addressed(schema: Schema, path: str) -> tuple[SObject, str] | None:
    """The object and the id that a page's address names; null = it is no record's."""
    address = ADDRESS.fullmatch(path)
    record_id = read_id(address["lightning"]) if address and address["lightning"] else None
    sobject = schema.of_id(record_id) if record_id else None
    if address is None or sobject is None or record_id is None or sobject.hidden:
        return None
    return (sobject, record_id) if (address["object"] or sobject.name) == sobject.name else None


def page_of(store: Store, sobject: SObject, record_id: str) -> RecordView | None:
    """The page of a record; one that was deleted has none."""
    row = store.row(sobject, record_id)
    if row is None or row.get("IsDeleted"):
        return None
    title = row.get("Name") or " ".join(str(row[part]) for part in ("FirstName", "LastName") if row.get(part))
    fields = [
        (each.label, each.name, _shown(store, each.name, row[each.name]))
        for each in sobject.visible()
        if row.get(each.name) not in (None, "")
    ]
    return RecordView(sobject.name, record_id, str(title), fields, _FOREMOST)


def _shown(store: Store, field: str, value: Any) -> str:
    """A value as the page has it; the owner with the name."""
    sobject = store.schema.of_id(value) if field == "OwnerId" else None
    owner = store.row(sobject, value) if sobject else None
    return f"{owner['Name']} ({value})" if owner and owner.get("Name") else str(value)
