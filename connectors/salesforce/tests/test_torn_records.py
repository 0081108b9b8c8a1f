"""Records that come without a field that was asked for: what is missing is not empty."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from forged_org import Forged, ForgedOrg, Seen, forged

from crmsync.clock import now
from crmsync.contract import STILL_THERE, PullRequest
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings

NAMES = ("Id", "IsConverted", "IsDeleted", "SystemModstamp", "Title", "Company", "Hands_Off__c", "OwnerId")
FIELDS = [{"name": name, "type": "string", "label": name, "filterable": True} for name in NAMES]
LEAD = {"name": "Lead", "replicateable": False, "fields": [*FIELDS[:-1], {**FIELDS[-1], "relationshipName": "Owner"}]}
ASKED = ("Title", "Hands_Off__c", "Owner.Email")
ONE, TWO = "00Q000000000001AAA", "00Q000000000002AAA"


def an_hour_ago() -> str:
    """Where a read ended that the bin still tells of: the forged org answers with today's time."""
    return f"{now() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"


def whole(number: str) -> dict[str, Any]:
    facts = {"Title": number[-4], "Hands_Off__c": "yes", "Owner": {"attributes": {"type": "User"}, "Email": None}}
    return {"Id": number, **dict.fromkeys(("IsConverted", "IsDeleted"), False), "SystemModstamp": None, **facts}


TORN = [
    {name: value for name, value in whole(TWO).items() if name != "Hands_Off__c"},
    {name: value for name, value in whole(TWO).items() if name != "Owner"},
    {name: value for name, value in whole(TWO).items() if name != "IsConverted"},
    {**whole(TWO), "Owner": {"attributes": {"type": "User"}}},
    {**whole(TWO), "Owner": "Ann"},
]


@pytest.fixture
def org() -> Iterator[ForgedOrg]:
    yield from forged()


def lists(org: ForgedOrg, listed: dict[str, Any], again: dict[str, Any]) -> None:
    """What the forged org tells of the second lead: in listings, and when it is asked for by its id."""

    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        if "/query" not in seen.path:
            return None
        found = [again] if f"Id IN ('{TWO}')" in unquote_plus(seen.path) else [whole(ONE), listed]
        return Forged({"totalSize": len(found), "done": True, "records": found})

    org.answer = answer


def opened(org: ForgedOrg, folder: Path) -> SalesforceConnector:
    given = {
        "url": org.url,
        "client_id": "app",
        "client_secret": "s3cret",
        "refresh_token_file": folder / "kept.json",
    }
    return SalesforceConnector(SalesforceSettings(**given), sleep=lambda _: None, jitter=random.Random(1))


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize("again", [False, True])
def test_a_torn_one_is_read_by_its_id(org: ForgedOrg, tmp_path: Path, torn: dict[str, Any], again: bool) -> None:
    cursor = an_hour_ago() if again else None
    lists(org, torn, whole(TWO))
    connector = opened(org, tmp_path)
    (page,) = connector.pull(PullRequest("Lead", ASKED, cursor=cursor))
    assert page.records.drop("@changed", strict=False).rows() == [(ONE, "1", "yes", None), (TWO, "2", "yes", None)]
    assert connector.left_out() == ()
    assert page.cursor != cursor


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize(
    ("again", "then"), [(False, "run again with --full"), (True, "the next run reads them again")]
)
def test_one_that_stays_torn_is_left_out_and_told_and_not_passed_by(
    org: ForgedOrg, tmp_path: Path, torn: dict[str, Any], again: bool, then: str
) -> None:
    cursor = an_hour_ago() if again else None
    lists(org, torn, torn)
    connector = opened(org, tmp_path)
    (page,) = connector.pull(PullRequest("Lead", ASKED, cursor=cursor))
    assert page.records["@id"].to_list() == [ONE]
    assert page.gone == ()
    [told] = connector.left_out()
    assert told.startswith("1 of the Lead records came without all of the fields that were asked for")
    assert then in told
    if cursor:
        assert page.cursor == cursor


@pytest.mark.parametrize("torn", [TORN[0], TORN[2]])
def test_one_that_is_read_by_id_is_there_and_not_empty(org: ForgedOrg, tmp_path: Path, torn: dict[str, Any]) -> None:
    told: list[dict[str, Any]] = []

    def answer(seen: Seen) -> Forged | None:
        if seen.path.endswith("/describe"):
            return Forged(LEAD)
        wanted = seen.json["ids"] if seen.path.endswith("/composite/sobjects/Lead") else ()
        return Forged([told.pop(0) if each == TWO else whole(each) for each in wanted]) if wanted else None

    org.answer = answer
    connector = opened(org, tmp_path)
    told[:] = [torn, whole(TWO)]
    assert connector.read("Lead", [ONE, TWO], ASKED[:2]).records["Hands_Off__c"].to_list() == ["yes", "yes"]
    told[:] = [torn, torn]
    reading = connector.read("Lead", [ONE, TWO], ASKED[:2])
    assert reading.records["@id"].to_list() == [ONE]
    assert reading.gone[TWO].startswith(STILL_THERE)


@pytest.mark.parametrize("stays", [False, True])
def test_nobodys_leads_are_taken_as_an_answer_does_not_say_who_is_active(
    org: ForgedOrg, tmp_path: Path, stays: bool
) -> None:
    ann = {
        **{"Id": "005000000000001AAA", "Name": "Ann", "Email": "a@x", "IsActive": False, "UserRoleId": None},
        **{"UserRole": None, "Department": None, "TimeZoneSidKey": None},
    }
    torn = {name: value for name, value in ann.items() if name != "IsActive"}
    told = [torn, torn if stays else ann]

    def answer(seen: Seen) -> Forged | None:
        if "/query" not in seen.path:
            return None
        found = [told.pop(0)] if "FROM User " in unquote_plus(seen.path) else []
        return Forged({"totalSize": len(found), "done": True, "records": found})

    org.answer = answer
    connector = opened(org, tmp_path)
    assert [user.active for user in connector.users()] == [stays]
    words = "1 of the records in Salesforce's answer to the query on User came without all of the fields"
    assert [each.startswith(words) for each in connector.left_out()] == [True] * stays
