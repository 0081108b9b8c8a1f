"""Queues and public groups, and who is in them: directly, through groups within groups, or through roles.

Followed: users, public groups and queues as members, roles, and roles with those below them. Not followed: groups of
managers and their subordinates, of territories, of all internal users and of portal users.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.replies import Record

Query = Callable[[str, str], Iterator[Record]]
"""(SOQL, object) → its records."""

_BELOW = ("RoleAndSubordinates", "RoleAndSubordinatesInternal")
GROUPS = (
    "SELECT Id, Name, Email, Type, RelatedId FROM Group WHERE Type IN "
    "('Queue', 'Regular', 'Role', 'RoleAndSubordinates', 'RoleAndSubordinatesInternal') ORDER BY Id"
)
MEMBERS = "SELECT Id, GroupId, UserOrGroupId FROM GroupMember ORDER BY Id"
_ROLES = "SELECT Id, ParentRoleId FROM UserRole ORDER BY Id"


@dataclass(frozen=True, slots=True)
class Groups:
    """The org's queues and public groups. `members`: ids of users by id of the group."""

    queues: Sequence[Record]
    public: Sequence[Record]
    members: Mapping[str, frozenset[str]]

    def names_of(self, user: str, among: Sequence[Record]) -> tuple[str, ...]:
        """Names of those of `among` that the user belongs to."""
        return tuple(
            group["Name"]
            for group in among
            if user in self.members[group["Id"]] and isinstance(group.get("Name"), str)
        )


def read_groups(query: Query, people: Sequence[Record], leave_out: Callable[[str], None]) -> Groups:
    """Two calls, and a third when a group has a role with those below it. `people`: with `Id` and `UserRoleId`.

    A user that may not see who is in a group sees all groups empty; `leave_out` is told.
    """

    def seen(soql: str, object_name: str, without: str) -> list[Record]:
        try:
            return list(query(soql, object_name))
        except Refusal as refusal:
            leave_out(f"{without}: this user may not read {object_name} ({refusal.code})")
            return []

    groups = seen(GROUPS, "Group", "queues and public groups are taken for none")
    within = _within(seen(MEMBERS, "GroupMember", "queues and public groups are taken for empty"))
    by_id = {group["Id"]: group for group in groups}
    used = {_kind(by_id[each]) for listed in within.values() for each in listed if each in by_id}
    below = {}
    if used & set(_BELOW):
        below = _below(seen(_ROLES, "UserRole", "roles below a group's role are taken for none"))
    holders = defaultdict(set)
    for person in people:
        if role := _reference(person, "UserRoleId"):
            holders[role].add(person["Id"])
    users = frozenset(person["Id"] for person in people)

    def members(group: Record) -> frozenset[str]:
        found: set[str] = set()
        for each in _reached(group["Id"], within):
            inner = by_id.get(each)
            if each in users:
                found.add(each)
            elif inner is not None and _kind(inner) == "Role":
                found |= holders[_reference(inner, "RelatedId")]
            elif inner is not None and _kind(inner) in _BELOW:
                roles = _reached(_reference(inner, "RelatedId"), below)
                found |= {user for role in roles for user in holders[role]}
        return frozenset(found)

    return Groups(
        queues=[group for group in groups if _kind(group) == "Queue"],
        public=[group for group in groups if _kind(group) == "Regular"],
        members={group["Id"]: members(group) for group in groups if _kind(group) in ("Queue", "Regular")},
    )


def _kind(group: Record) -> str:
    return str(group.get("Type"))


def _reference(record: Record, name: str) -> str:
    """Another record's id; empty for none, and for what is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def _within(records: Sequence[Record]) -> dict[str, list[str]]:
    within: dict[str, list[str]] = defaultdict(list)
    for record in records:
        within[_reference(record, "GroupId")].append(_reference(record, "UserOrGroupId"))
    return dict(within)


def _below(records: Sequence[Record]) -> dict[str, list[str]]:
    below: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if parent := _reference(record, "ParentRoleId"):
            below[parent].append(record["Id"])
    return dict(below)


def _reached(start: str, steps: Mapping[str, Sequence[str]]) -> set[str]:
    """`start` and whatever is reached from it; groups may hold each other in a circle."""
    reached, open_ = {start}, [start]
    while open_:
        for following in steps.get(open_.pop(), ()):
            if following not in reached:
                reached.add(following)
                open_.append(following)
    return reached
