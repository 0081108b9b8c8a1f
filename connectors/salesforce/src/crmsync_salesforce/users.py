"""The org, and who can own its leads."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.sdk import CrmUser, Org, PagingGuard, RunStopped
from crmsync_salesforce.groups import GROUPS, MEMBERS, Groups, read_groups
from crmsync_salesforce.replies import Record
from crmsync_salesforce.transport import Transport

_ORG = "SELECT Id, Name, TimeZoneSidKey FROM Organization"
_PEOPLE = (
    "SELECT Id, Name, Email, IsActive, UserRoleId, UserRole.Name, Department, TimeZoneSidKey FROM User ORDER BY Id"
)
USER_QUERIES = (_PEOPLE, GROUPS, MEMBERS)
"""What `read_users` always asks."""


def read_org(transport: Transport) -> Org:
    """The account behind the connection. `TimeZoneSidKey` is an IANA name."""
    records = transport.query(_ORG, what="the query on Organization").records
    if not records:
        raise RunStopped(
            "Salesforce shows this user no Organization",
            hint="give the user that crmsync signs in as the permission View Setup and Configuration",
        )
    return Org(id=records[0]["Id"], name=records[0]["Name"], time_zone=records[0]["TimeZoneSidKey"])


def read_users(transport: Transport) -> tuple[CrmUser, ...]:
    """All users, inactive ones too, then all queues, then the public groups."""
    people = list(_all(transport, _PEOPLE, "User"))
    groups = read_groups(lambda soql, object_name: _all(transport, soql, object_name), people)
    queues = tuple(
        CrmUser(id=record["Id"], name=record["Name"], email=record.get("Email") or None, active=True, kind="queue")
        for record in groups.queues
    )
    public = tuple(
        CrmUser(id=record["Id"], name=record["Name"], email=None, active=True, kind="group")
        for record in groups.public
    )
    return (*(_person(record, groups) for record in people), *queues, *public)


def _person(record: Record, groups: Groups) -> CrmUser:
    role = record.get("UserRole")
    return CrmUser(
        id=record["Id"],
        name=record["Name"],
        email=record.get("Email") or None,
        active=bool(record.get("IsActive")),
        role=role.get("Name") if isinstance(role, dict) else None,
        team=record.get("Department") or None,
        time_zone=record.get("TimeZoneSidKey") or None,
        groups=groups.names_of(record["Id"], groups.public),
        queues=groups.names_of(record["Id"], groups.queues),
    )


def _all(transport: Transport, soql: str, object_name: str) -> Iterator[Record]:
    what = f"the query on {object_name}"
    guard = PagingGuard(f"{object_name} records")
    page = transport.query(soql, what=what)
    yield from page.records
    while not page.done:
        page = transport.next_page(guard.check(page.next_records_url or ""), what=what)
        yield from page.records
