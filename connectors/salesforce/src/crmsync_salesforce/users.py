"""The org, and who can own its leads."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.sdk import CrmUser, Org, RunStopped, replace
from crmsync_salesforce.errors import HIDDEN, Refusal
from crmsync_salesforce.groups import GROUPS, MEMBERS, Groups, read_groups
from crmsync_salesforce.ids import is_id
from crmsync_salesforce.replies import Record
from crmsync_salesforce.transport import Transport

_ORG = "SELECT Id, Name, TimeZoneSidKey FROM Organization"
_PEOPLE = (
    "SELECT Id, Name, Email, IsActive, UserRoleId, UserRole.Name, Department, TimeZoneSidKey FROM User ORDER BY Id"
)
_WITH_LESS = (
    (
        "SELECT Id, Name, Email, IsActive, Department, TimeZoneSidKey FROM User ORDER BY Id",
        "users are read without roles, which this user may not see: give it the permission View Roles and Role "
        "Hierarchy if the roster asks for them",
    ),
    (
        "SELECT Id, Name, Email, IsActive, TimeZoneSidKey FROM User ORDER BY Id",
        "users are read without departments, which this user may not see: give it Read access to User.Department if "
        "the roster asks for teams",
    ),
)
"""Queries on users for those who may not see all, and the words for what is missing then."""

USER_QUERIES = (_PEOPLE, GROUPS, MEMBERS)
"""What `read_users` always asks."""


def read_org(transport: Transport) -> Org:
    """The account behind the connection. `TimeZoneSidKey` is an IANA name: without it no day is known."""
    try:
        records = list(transport.facts(_ORG, what="the query on Organization"))
    except Refusal as refusal:
        if refusal.code not in HIDDEN:
            raise
        records = []
    found = records[0] if records else {}
    number, zone = _text(found, "Id"), _text(found, "TimeZoneSidKey")
    if number is None or zone is None:
        raise RunStopped(
            "Salesforce shows this user no Organization, or not its time zone",
            hint="give the user that crmsync signs in as the permission View Setup and Configuration",
        )
    return Org(id=number, name=_text(found, "Name") or number, time_zone=zone, pages=transport.pages)


def read_users(transport: Transport) -> tuple[CrmUser, ...]:
    """All users, inactive ones too, then all queues, then the public groups.

    What only some rosters ask for (roles, departments, groups) is gone without where the user may not see it.
    """
    people = _people(transport)
    groups = read_groups(lambda soql, object_name: _all(transport, soql, object_name), people, transport.leave_out)
    queues = tuple(
        CrmUser(
            id=record["Id"],
            name=_text(record, "Name") or str(record["Id"]),
            email=_text(record, "Email"),
            active=True,
            kind="queue",
        )
        for record in groups.queues
    )
    public = tuple(
        CrmUser(
            id=record["Id"], name=_text(record, "Name") or str(record["Id"]), email=None, active=True, kind="group"
        )
        for record in groups.public
    )
    return (*(_person(record, groups) for record in people), *queues, *public)


_WORK = "SELECT Id, Title, Profile.Name FROM User ORDER BY Id"


def read_staff(transport: Transport) -> tuple[CrmUser, ...]:
    """The same with titles and profiles, where the user may see them."""
    users = read_users(transport)
    try:
        known = {record["Id"]: record for record in _all(transport, _WORK, "User")}
    except Refusal as refusal:
        if refusal.code not in HIDDEN:
            raise
        transport.leave_out("titles and profiles of users are not known: this user may not read them")
        return users
    return tuple(_with_work(user, known.get(user.id, {})) for user in users)


def _with_work(user: CrmUser, record: Record) -> CrmUser:
    profile = record.get("Profile")
    name = _text(profile, "Name") if isinstance(profile, dict) else None
    return replace(user, title=_text(record, "Title"), profile=name)


def _text(record: Record, name: str) -> str | None:
    """A text of a record; null for none, and for what is no text."""
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def _people(transport: Transport) -> list[Record]:
    soql = _PEOPLE
    for less, words in _WITH_LESS:
        try:
            return list(_all(transport, soql, "User"))
        except Refusal as refusal:
            if refusal.code not in HIDDEN:
                raise
            transport.leave_out(words)
            soql = less
    return list(_all(transport, soql, "User"))


def _person(record: Record, groups: Groups) -> CrmUser:
    role = record.get("UserRole")
    return CrmUser(
        id=record["Id"],
        name=_text(record, "Name") or str(record["Id"]),
        email=_text(record, "Email"),
        # Where it is not told, nobody's leads are taken away; Salesforce itself refuses owners who are inactive.
        active=record.get("IsActive") is not False,
        role=_text(role, "Name") if isinstance(role, dict) else None,
        team=_text(record, "Department"),
        time_zone=_text(record, "TimeZoneSidKey"),
        groups=groups.names_of(record["Id"], groups.public),
        queues=groups.names_of(record["Id"], groups.queues),
    )


def _all(transport: Transport, soql: str, object_name: str) -> Iterator[Record]:
    """Records with an id; nothing can be assigned to one without."""
    found = transport.facts(soql, what=f"the query on {object_name}")
    return (record for record in found if is_id(record.get("Id")))
