"""Who is in a group: directly, through groups within groups in circles, and through roles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.groups import read_groups
from crmsync_salesforce.replies import Record

PEOPLE = [
    {"Id": "005ann", "UserRoleId": "00Eboss"},
    {"Id": "005bea", "UserRoleId": "00Eae"},
    {"Id": "005cid", "UserRoleId": "00Eae"},
    {"Id": "005dan", "UserRoleId": None},
]
GROUPS = [
    {"Id": "00Gqueue", "Name": "Inbound", "Type": "Queue", "RelatedId": None},
    {"Id": "00Gemea", "Name": "EMEA", "Type": "Regular", "RelatedId": None},
    {"Id": "00Gdach", "Name": "DACH", "Type": "Regular", "RelatedId": None},
    {"Id": "00Gempty", "Name": "Empty", "Type": "Regular", "RelatedId": None},
    {"Id": "00Grole", "Name": None, "Type": "Role", "RelatedId": "00Eae"},
    {"Id": "00Gbelow", "Name": None, "Type": "RoleAndSubordinates", "RelatedId": "00Eboss"},
]
ROLES = [
    {"Id": "00Eboss", "ParentRoleId": None},
    {"Id": "00Elead", "ParentRoleId": "00Eboss"},
    {"Id": "00Eae", "ParentRoleId": "00Elead"},
]

MEMBERSHIPS = [
    # (group, member) …, whom each group holds then, calls
    ([("00Gemea", "005ann")], {"EMEA": {"005ann"}}, 2),
    ([("00Gemea", "00Gdach"), ("00Gdach", "005bea")], {"EMEA": {"005bea"}, "DACH": {"005bea"}}, 2),
    (
        [("00Gemea", "00Gdach"), ("00Gdach", "00Gemea"), ("00Gdach", "005dan")],
        {"EMEA": {"005dan"}, "DACH": {"005dan"}},
        2,
    ),
    (
        [("00Gqueue", "00Gemea"), ("00Gemea", "00Grole")],
        {"Inbound": {"005bea", "005cid"}, "EMEA": {"005bea", "005cid"}},
        2,
    ),
    ([("00Gemea", "00Gbelow")], {"EMEA": {"005ann", "005bea", "005cid"}}, 3),
    ([("00Gemea", "00Gmanager"), ("00Gemea", "005gone"), ("00Gemea", "005cid")], {"EMEA": {"005cid"}}, 2),
]


class Org:
    """Answers the three queries and counts them."""

    def __init__(self, members: list[tuple[str, str]] | None) -> None:
        self.members = members
        self.calls: list[str] = []

    def query(self, soql: str, object_name: str) -> Iterator[Record]:
        self.calls.append(object_name)
        assert f"FROM {object_name}" in soql
        if object_name == "GroupMember" and self.members is None:
            raise Refusal(400, "INVALID_TYPE", "sObject type 'GroupMember' is not supported.", "the query")
        told = {
            "Group": GROUPS,
            "GroupMember": [
                {"Id": str(number), "GroupId": group, "UserOrGroupId": member}
                for number, (group, member) in enumerate(self.members or [])
            ],
            "UserRole": ROLES,
        }
        yield from told[object_name]


@pytest.mark.parametrize(("members", "expected", "calls"), MEMBERSHIPS)
def test_members(members: list[tuple[str, str]], expected: dict[str, set[str]], calls: int) -> None:
    org = Org(members)
    told: list[str] = []
    groups = read_groups(org.query, PEOPLE, told.append)
    found = {
        group["Name"]: {person["Id"] for person in PEOPLE if groups.names_of(person["Id"], [group])}
        for group in (*groups.queues, *groups.public)
    }
    assert found == {"Inbound": set(), "EMEA": set(), "DACH": set(), "Empty": set(), **expected}
    assert len(org.calls) == calls
    assert told == []


def test_an_integration_user_who_may_not_see_members() -> None:
    told: list[str] = []
    groups = read_groups(Org(None).query, PEOPLE, told.append)
    assert [group["Name"] for group in groups.public] == ["EMEA", "DACH", "Empty"]
    assert not any(groups.members.values())
    (words,) = told
    assert words.startswith("queues and public groups are taken for empty: this user may not read GroupMember")
