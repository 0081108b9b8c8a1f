"""Who is in which public group and queue. A team of the import is a public group of the same name.

A queue's members are the people of its team; a queue without a team has none.
"""

from __future__ import annotations

import msgspec

from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.storage import Store


def join_groups(store: Store, person: str, team: str | None, stamp: str) -> None:
    """Makes a person a member of their team's group and queues, and of no others."""
    member = store.schema["GroupMember"]
    wanted = {_group_of(store, team, stamp), *_queues_of(store, team)} if team else set()
    for row in store.rows_where(member, "UserOrGroupId", person):
        if row["GroupId"] in wanted:
            wanted.remove(row["GroupId"])
        else:
            store.delete_row(member, row["Id"])
    for group in sorted(wanted):
        _add(store, group, person, stamp)


def fill_queue(store: Store, queue: str, team: str | None, stamp: str) -> None:
    """Makes the people of a team, and nobody else, members of a queue."""
    member = store.schema["GroupMember"]
    people = {row["Id"] for row in store.rows_where(store.schema["User"], "Department", team)} if team else set()
    for row in store.rows_where(member, "GroupId", queue):
        if row["UserOrGroupId"] in people:
            people.remove(row["UserOrGroupId"])
        else:
            store.delete_row(member, row["Id"])
    for person in sorted(people):
        _add(store, queue, person, stamp)


def _add(store: Store, group: str, person: str, stamp: str) -> None:
    values = {"GroupId": group, "UserOrGroupId": person, "SystemModstamp": stamp}
    store.insert(store.schema["GroupMember"], values)


def _group_of(store: Store, team: str, stamp: str) -> str:
    sobject = store.schema["Group"]
    for row in store.rows_where(sobject, "Type", "Regular"):
        if row["Name"] == team:
            return str(row["Id"])
    values = {
        "Name": team,
        "DeveloperName": "".join(each if each.isalnum() else "_" for each in team),
        "Type": "Regular",
        "CreatedDate": stamp,
        "CreatedById": INTEGRATION_USER_ID,
        "LastModifiedDate": stamp,
        "LastModifiedById": INTEGRATION_USER_ID,
        "SystemModstamp": stamp,
    }
    return store.insert(sobject, values)


def _queues_of(store: Store, team: str) -> set[str]:
    queues = store.rows_where(store.schema["Group"], "Type", "Queue")
    return {row["Id"] for row in queues if msgspec.json.decode(row["_extra"] or "{}").get("team") == team}
