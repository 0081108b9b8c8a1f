"""Who set properties of records, by their histories. At most 50 records a call: HubSpot's limit with histories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from crmsync.sdk import Edit, replace
from crmsync_hubspot.compared import set_by
from crmsync_hubspot.gateway import HISTORY_BATCH, Gateway
from crmsync_hubspot.instants import from_text

ENTRIES = 20
"""HubSpot gives no more of a property's entries than this (of contacts 45): so many may be cut off."""


def read_edits(gateway: Gateway, object_name: str, ids: Sequence[str], properties: Sequence[str]) -> list[Edit]:
    """What the histories tell, newest first. A person is told by the owner's id, as owners are."""
    names = list(dict.fromkeys(properties))
    found: list[Edit] = []
    for start in range(0, len(ids), HISTORY_BATCH):
        part = ids[start : start + HISTORY_BATCH]
        for record in gateway.read_batch(object_name, part, names, with_history=names).results:
            histories = record.get("propertiesWithHistory")
            if isinstance(histories, Mapping):
                found += (edit for name in names for edit in _edits(str(record["id"]), name, histories.get(name)))
    if any(edit.user for edit in found):
        owners = _owner_of_user(gateway)
        found = [_with_owner(edit, owners) for edit in found]
    return sorted(found, key=lambda edit: edit.at, reverse=True)


def _edits(record: str, name: str, entries: Any) -> Iterator[Edit]:
    """Newest first, as they come. The oldest has set a property that was empty, unless older ones are cut off."""
    listed = entries if isinstance(entries, list) else []
    for entry, older in zip(listed, (*listed[1:], None), strict=False):
        with suppress(AttributeError, ValueError, TypeError):
            told, user = set_by(entry), entry.get("updatedByUserId")
            at, whole = from_text(entry.get("timestamp")), older is not None or len(listed) < ENTRIES
            before = None if older is None else _value(older)
            by = str(user) if user else None
            yield Edit(record, name, _value(entry), at, told.by, by, told.source, before, before_told=whole)


def _value(entry: Any) -> str | None:
    return str(entry.get("value") or "") or None


def _owner_of_user(gateway: Gateway) -> dict[str, str]:
    """User's number → owner's id, which is another."""
    return {
        str(owner["userId"]): str(owner["id"])
        for archived in (False, True)
        for page in gateway.owners(archived=archived)
        for owner in page.results
        if owner.get("userId") and owner.get("id")
    }


def _with_owner(edit: Edit, owners: Mapping[str, str]) -> Edit:
    owner = owners.get(edit.user or "")
    return replace(edit, user=owner)
