"""Users and queues between the import shape and User, UserRole, Group and QueueSobject rows.

A person's roles are the name of their UserRole (`ae`, or `ae;manager`), the team is Department and a
public group. What Salesforce has no place for on a queue (team, territories …) is kept beside the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from crmsync_practice.records import User
from crmsync_practice.salesforce.groups import fill_queue, join_groups
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID, STANDARD_PROFILE_ID
from crmsync_practice.salesforce.storage import Store

_TITLES = {"ae": "Account Executive", "bdr": "Business Development Representative", "manager": "Sales Manager"}
_NEW_PERSON = {
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "ProfileId": STANDARD_PROFILE_ID,
    "UserType": "Standard",
}


def save_user(store: Store, user: User, stamp: str, modifier: str = INTEGRATION_USER_ID) -> str:
    """Inserts a user or queue, or brings the imported one up to date; gives its native id."""
    queue = user.type == "queue"
    sobject = store.schema["Group" if queue else "User"]
    system = {"LastModifiedDate": stamp, "LastModifiedById": modifier, "SystemModstamp": stamp}
    created = {"CreatedDate": stamp, "CreatedById": modifier}
    values = {**(_queue_values(user) if queue else _person_values(store, user, stamp)), **system}
    found = store.row_of_import(sobject, user.id)
    if found is not None:
        record_id = str(found["Id"])
        store.update(sobject, record_id, values)
    elif queue:
        record_id = store.insert(sobject, {**values, **created}, user.id)
        for kind in ("Lead", "Task"):
            use = {"QueueId": record_id, "SobjectType": kind, "CreatedById": modifier, "SystemModstamp": stamp}
            store.insert(store.schema["QueueSobject"], use)
    else:
        record_id = store.insert(sobject, {**values, **_NEW_PERSON, **created}, user.id)
    (fill_queue if queue else join_groups)(store, record_id, user.team, stamp)
    return record_id


def user_state(store: Store) -> list[dict[str, Any]]:
    """All imported users and queues in the import shape with `native_id`."""
    roles = {row["Id"]: row["Name"] for row in store.all_rows(store.schema["UserRole"])}
    people = [
        {
            "id": row["_import_id"],
            "type": "person",
            "name": row["Name"],
            "email": row["Email"],
            "roles": roles[row["UserRoleId"]].split(";") if row["UserRoleId"] in roles else [],
            "active": bool(row["IsActive"]),
            "team": row["Department"],
            "territories": row["Territories__c"].split(";") if row["Territories__c"] else [],
            "timezone": row["TimeZoneSidKey"],
            "native_id": row["Id"],
        }
        for row in store.all_rows(store.schema["User"])
        if row["_import_id"] is not None
    ]
    queues = [
        {
            "id": row["_import_id"],
            "type": "queue",
            **msgspec.json.decode(row["_extra"] or "{}"),
            "email": row["Email"],
            "native_id": row["Id"],
        }
        for row in store.all_rows(store.schema["Group"])
        if row["_import_id"] is not None
    ]
    return people + queues


def merged_user(store: Store, changes: Mapping[str, Any]) -> User:
    """The user that a partial record describes: what is known of it with the changes laid over."""
    known = next((each for each in user_state(store) if changes["id"] in {each["id"], each["native_id"]}), None)
    base = {key: value for key, value in (known or {}).items() if key != "native_id"}
    given = {key: value for key, value in changes.items() if key != "id"}
    merged = {"id": changes["id"], "type": "person", **base, **given}
    return User(
        id=merged["id"],
        type=merged["type"],
        name=merged.get("name"),
        email=merged.get("email"),
        roles=tuple(merged.get("roles") or ()),
        active=merged.get("active") is not False,
        team=merged.get("team"),
        territories=tuple(merged.get("territories") or ()),
        timezone=merged.get("timezone"),
    )


def _queue_values(user: User) -> dict[str, Any]:
    beside = {
        "name": user.name,
        "roles": user.roles,
        "active": user.active,
        "team": user.team,
        "territories": user.territories,
        "timezone": user.timezone,
    }
    name = user.name or user.id
    return {
        "Name": name,
        "DeveloperName": _developer_name(name),
        "Type": "Queue",
        "Email": user.email,
        "_extra": msgspec.json.encode(beside).decode(),
    }


def _developer_name(name: str) -> str:
    return "".join(each if each.isalnum() else "_" for each in name)


def _person_values(store: Store, user: User, stamp: str) -> dict[str, Any]:
    first, _, last = (user.name or user.id).rpartition(" ")
    return {
        "Username": user.email or f"{user.id}@ourfirm.example",
        "FirstName": first or None,
        "LastName": last,
        "Name": user.name,
        "Department": user.team,
        "Title": _TITLES.get(user.roles[0], user.roles[0]) if user.roles else None,
        "Email": user.email,
        "Alias": (user.email or user.id)[:8],
        "IsActive": int(user.active),
        "TimeZoneSidKey": user.timezone,
        "UserRoleId": _role_id(store, user.roles, stamp),
        "Territories__c": ";".join(user.territories) or None,
    }


def _role_id(store: Store, roles: tuple[str, ...], stamp: str) -> str | None:
    if not roles:
        return None
    sobject = store.schema["UserRole"]
    name = ";".join(roles)
    for row in store.all_rows(sobject):
        if row["Name"] == name:
            return str(row["Id"])
    return store.insert(
        sobject,
        {
            "Name": name,
            "DeveloperName": _developer_name(name),
            "LastModifiedDate": stamp,
            "LastModifiedById": INTEGRATION_USER_ID,
            "SystemModstamp": stamp,
        },
    )
