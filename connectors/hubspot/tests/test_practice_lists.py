"""Membership in lists as a field of contacts, against the practice portal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crmsync.contract import PullRequest
from crmsync.errors import CrmUnreachable, UsageError
from crmsync_hubspot.lists import ListMembers


def people(count):
    known = {"first_name": "P", "created_at": "2026-01-05T10:00:00Z", "modified_at": "2026-02-05T10:00:00Z"}
    return [
        {"id": f"p{number}", "email": f"p{number}@example.com", "last_name": f"N{number}", **known}
        for number in range(count)
    ]


@pytest.fixture
def portal(start_practice, import_directory):
    return start_practice("--import", import_directory(leads=people(260)))


def pulled(connector, fields, cursor=None):
    pages = list(connector.pull(PullRequest("contacts", ("lastname", *fields), cursor=cursor)))
    return {row["lastname"]: row for page in pages for row in page.records.iter_rows(named=True)}, pages[-1].cursor


def made(portal, name):
    body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
    return portal.call("POST", "/crm/v3/lists", body)["list"]["listId"]


def an_hour_later(portal):
    """Beyond the overlap of one reading with the next."""
    later = datetime.fromisoformat(portal.now()) + timedelta(hours=1)
    portal.call("PUT", "/_practice/clock", {"now": later.isoformat()})


def test_members_are_told_page_by_page_and_again_when_all_is_read(portal, connect):
    connector = connect(portal.url)
    number, empty = made(portal, "Guests"), made(portal, "Nobody")
    fields = (f"list:{number}", f"list:{empty}")
    ids = {name: row["@id"] for name, row in pulled(connector, ())[0].items()}
    guests = {name for name in ids if name not in {"N3", "N4"}}
    portal.call("PUT", f"/crm/v3/lists/{number}/memberships/add", [ids[name] for name in guests])
    an_hour_later(portal)
    before = connector.usage().calls
    rows, cursor = pulled(connector, fields)
    assert connector.usage().calls - before == 3 + 3 + 2, "contacts, a list of 258, an empty one"
    assert {name for name, row in rows.items() if row[fields[0]] == "true"} == guests
    assert {row[fields[0]] for name, row in rows.items() if name not in guests} == {"false"}
    assert {row[fields[1]] for row in rows.values()} == {"false"}
    assert connector.read("contacts", [ids["N4"], ids["N5"]], fields[:1]).records.rows() == [
        (ids["N4"], "false"),
        (ids["N5"], "true"),
    ]

    an_hour_later(portal)
    portal.call("PUT", f"/crm/v3/lists/{number}/memberships/remove", [ids["N5"], ids["N6"]])
    before = connector.usage().calls
    assert pulled(connector, fields, cursor)[0] == {}, "nothing tells of it"
    assert connector.usage().calls - before == 2, "no contact came, so no list is read"
    portal.call("PATCH", f"/crm/v3/objects/contacts/{ids['N5']}", {"properties": {"firstname": "Else"}})
    assert {name: row[fields[0]] for name, row in pulled(connector, fields, cursor)[0].items()} == {"N5": "false"}
    assert pulled(connector, fields)[0]["N6"][fields[0]] == "false"


@pytest.mark.parametrize("number", ["4711", "guests", "../owners"])
def test_a_list_that_is_not_there_is_named(portal, connect, number):
    with pytest.raises(UsageError, match="HubSpot has no list"):
        pulled(connect(portal.url), (f"list:{number}",))


def test_a_list_of_other_records_is_refused(portal, connect):
    """A company may have a contact's number."""
    body = {"name": "Firms", "objectTypeId": "0-2", "processingType": "MANUAL"}
    number = portal.call("POST", "/crm/v3/lists", body)["list"]["listId"]
    with pytest.raises(UsageError, match=f"list {number} of HubSpot holds no contacts"):
        pulled(connect(portal.url), (f"list:{number}",))


@pytest.mark.parametrize(
    ("told", "error", "words"),
    [
        ({"objectTypeId": "0-1", "deletedAt": "2026-01-05T10:00:00Z"}, UsageError, "HubSpot has no list '12'"),
        ({"objectTypeId": "0-1", "processingStatus": "PROCESSING"}, CrmUnreachable, "still filling list 12"),
    ],
)
def test_a_list_that_is_deleted_or_not_filled_yet_decides_nothing(told, error, words):
    """HubSpot shows a deleted list by its number, and members of one that it is filling as far as it is."""

    class Gateway:
        def list_itself(self, number):
            return told

        def list_members(self, number, *, after=None):
            raise AssertionError("nobody is to be asked for")

    with pytest.raises(error, match=words):
        ListMembers(Gateway()).filled([{"id": "1", "properties": {}}], ("list:12",))
