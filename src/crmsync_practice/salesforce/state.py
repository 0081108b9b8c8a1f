"""The org's content in the import shape, for the control API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.records import time_to_json
from crmsync_practice.salesforce import activity_rows
from crmsync_practice.salesforce.carriers import Carrier, with_account
from crmsync_practice.salesforce.custom_fields import Home
from crmsync_practice.salesforce.instants import from_stamp
from crmsync_practice.salesforce.people import user_state
from crmsync_practice.salesforce.storage import Store


def read_state(
    store: Store, carrier: Carrier, homes: Sequence[Home], zone: ZoneInfo
) -> dict[str, list[dict[str, Any]]]:
    """`{users, leads, activities}`; deleted records are left out, a record that a client made has its native id."""
    users = user_state(store)
    imports = {each["native_id"]: each["id"] for each in users}
    rows = store.rows_where(store.schema[carrier.object], "IsDeleted", 0)
    if carrier.has_account:
        rows = [with_account(store, row, homes) for row in rows]
    leads = [_lead(row, carrier.stage, homes, imports) for row in rows]
    imports |= {each["native_id"]: each["id"] for each in leads}
    activities = [
        _activity(row, imports, zone, event=name == "Event")
        for name in ("Task", "Event")
        for row in store.rows_where(store.schema[name], "IsDeleted", 0)
        if row["WhoId"] in imports
    ]
    return {"users": users, "leads": leads, "activities": activities}


def _lead(row: dict[str, Any], stage: str, homes: Sequence[Home], imports: dict[str, str]) -> dict[str, Any]:
    attributes = {home.attribute: home.from_native(row[home.field]) for home in homes if row[home.field] is not None}
    return {
        "id": row["_import_id"] or row["Id"],
        "email": row["Email"],
        "first_name": row["FirstName"],
        "last_name": row["LastName"],
        "company": row["Company"],
        "owner": imports.get(row["OwnerId"], row["OwnerId"]),
        "stage": row[stage],
        "created_at": _time(row["CreatedDate"]),
        "modified_at": _time(row["LastModifiedDate"]),
        "attributes": attributes,
        "native_id": row["Id"],
    }


def _activity(row: dict[str, Any], imports: dict[str, str], zone: ZoneInfo, *, event: bool) -> dict[str, Any]:
    return {
        "id": row["_import_id"] or row["Id"],
        "lead": imports[row["WhoId"]],
        "kind": activity_rows.kind_of(row, event=event),
        "at": time_to_json(activity_rows.at_of(row, zone, event=event)),
        "direction": activity_rows.direction_of(row),
        "outcome": activity_rows.outcome_of(row),
        "by": imports.get(row["OwnerId"], row["OwnerId"]),
        "subject": row["Subject"],
        "native_id": row["Id"],
    }


def _time(stamp: str) -> str:
    return time_to_json(from_stamp(stamp))
