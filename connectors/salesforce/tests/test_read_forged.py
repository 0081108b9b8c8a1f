"""Reads by id over forged answers, ids, and descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import requests
import responses

from crmsync.errors import UsageError
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.ids import is_id, long_id
from crmsync_salesforce.prefetch import FRESH_SECONDS, Prefetched
from crmsync_salesforce.replies import CompositeAnswer

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
Open = Callable[..., SalesforceConnector]
UNSTAMPED = {"IsConverted": False, "SystemModstamp": None}


def id_(number: int) -> str:
    return f"00Q5g{number:010d}AAA"[:15] + "AAA"


def test_short_ids_have_one_long_form() -> None:
    assert long_id("001A000000006Vm") == "001A000000006VmIAI"
    assert long_id("001A000000006VmIAI") == "001A000000006VmIAI"
    assert [is_id(text) for text in ("001A000000006Vm", "x", "001A000000006V'", "")] == [True, False, False, False]


def test_missing_ids_get_their_reason(lead: responses.RequestsMock, open_connector: Open) -> None:
    short = "001A000000006Vm"
    stays, converted, deleted, merged, unseen = (id_(n) for n in range(5))
    lead.post(
        f"{DATA}/composite/sobjects/Lead",
        json=[
            {"Id": stays, **UNSTAMPED, "Status": "Open"},
            {"Id": converted, **UNSTAMPED, "IsConverted": True, "Status": "Closed"},
            None,
            None,
            None,
            {"Id": long_id(short), **UNSTAMPED, "Status": None},
        ],
    )
    lead.get(
        f"{DATA}/queryAll/",
        json={
            "records": [
                {"Id": deleted, "IsDeleted": True, "MasterRecordId": None},
                {"Id": merged, "IsDeleted": True, "MasterRecordId": stays},
            ],
            "done": True,
            "totalSize": 2,
        },
    )
    ids = [stays, converted, deleted, merged, unseen, short, "no id at all"]
    reading = open_connector().read("Lead", ids, ["Status"])
    assert reading.records.rows() == [(stays, "Open"), (long_id(short), None)]
    assert reading.gone == {
        converted: "converted",
        deleted: "deleted",
        merged: f"merged into {stays}",
        unseen: "not there, or not visible to this user",
        "no id at all": "not there, or not visible to this user",
    }
    body = json.loads(lead.calls[2].request.body or "")
    assert body == {"ids": [*ids[:5], long_id(short)], "fields": ["Id", "IsConverted", "SystemModstamp", "Status"]}


def test_many_ids_are_read_two_thousand_at_a_time(lead: responses.RequestsMock, open_connector: Open) -> None:
    sizes: list[int] = []

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = json.loads(request.body or "")["ids"]
        sizes.append(len(ids))
        return 200, {}, json.dumps([{"Id": each, "IsConverted": False, "SystemModstamp": None} for each in ids])

    lead.add_callback(responses.POST, f"{DATA}/composite/sobjects/Lead", answer)
    assert open_connector().read("Lead", [id_(n) for n in range(4001)], []).records.height == 4001
    assert sizes == [2000, 2000, 1]


def test_one_id_that_spoils_the_call_is_found(lead: responses.RequestsMock, open_connector: Open) -> None:
    foreign = "0035g0000000001AAA"

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = json.loads(request.body or "")["ids"]
        if foreign in ids:
            return 400, {}, json.dumps([{"errorCode": "MALFORMED_ID", "message": "id value of incorrect type"}])
        return 200, {}, json.dumps([{"Id": each, "IsConverted": False, "SystemModstamp": None} for each in ids])

    lead.add_callback(responses.POST, f"{DATA}/composite/sobjects/Lead", answer)
    lead.get(f"{DATA}/queryAll/", json={"records": [], "done": True, "totalSize": 0})
    reading = open_connector().read("Lead", [id_(1), foreign, id_(2), id_(3)], [])
    assert reading.records["@id"].to_list() == [id_(1), id_(2), id_(3)]
    assert list(reading.gone) == [foreign]


def test_fields_of_parents_are_read_by_query(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(
        f"{DATA}/query/",
        json={
            "records": [{"Id": id_(1), **UNSTAMPED, "Owner": {"Name": "Ann"}}],
            "done": True,
            "totalSize": 1,
        },
    )
    assert open_connector().read("Lead", [id_(1)], ["Owner.Name"]).records.rows() == [(id_(1), "Ann")]


@pytest.mark.parametrize("name", ["Nope__c", "Lead/../User", "Lead WHERE"])
def test_an_object_that_is_not_there(token: responses.RequestsMock, open_connector: Open, name: str) -> None:
    refused = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    token.get(f"{DATA}/sobjects/Nope__c/describe", status=404, json=refused)
    with pytest.raises(UsageError, match="no object"):
        open_connector().fields(name)


def test_converted_statuses_are_no_choice_for_writing(lead: responses.RequestsMock, open_connector: Open) -> None:
    statuses = [{"ApiName": "Open", "IsConverted": True}, {"ApiName": "Else", "IsConverted": False}]
    lead.post(
        f"{DATA}/composite", status=400, json=[{"errorCode": "INVALID_REQUEST", "message": "no composite here"}]
    )
    lead.get(f"{DATA}/query/", json={"records": statuses, "done": True, "totalSize": 2})
    fields = {field.name: field for field in open_connector().fields("Lead")}
    assert [(choice.value, choice.active) for choice in fields["Status"].choices] == [("Open", False)]
    assert fields["Status"].open_choices
    assert fields["Status"].writable
    assert not fields["IsConverted"].writable
    assert not fields["Score__c"].writable


NO_MORE = dict.fromkeys(("UserRoleId", "UserRole", "Department", "TimeZoneSidKey"))


def answered(*records: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """One subrequest's answer in a composite one."""
    body: object = {"records": list(records), "done": True, "totalSize": len(records)}
    return {
        "httpStatusCode": status,
        "body": body if status == 200 else [{"errorCode": "INVALID_TYPE", "message": "x"}],
    }


def test_statuses_and_users_come_in_one_call_and_are_used_once(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    statuses = answered({"ApiName": "Open", "IsConverted": False})
    people = answered({"Id": "00500000000000A", "Name": "A", "Email": "a@firm.example", "IsActive": True, **NO_MORE})
    parts = [statuses, people, answered(), answered(status=400)]
    lead.upsert(responses.POST, f"{DATA}/composite", json={"compositeResponse": parts})
    lead.get(f"{DATA}/query/", json={"records": [], "done": True, "totalSize": 0})
    connector = open_connector()
    connector.fields("Lead")
    first = connector.usage().calls
    assert [user.id for user in connector.users()] == ["00500000000000A"]
    assert connector.usage().calls == first + 1, "only what failed in the composite call is asked again"
    assert connector.users() == (), "what was answered before is not believed for ever"
    (sent,) = [json.loads(call.request.body or "") for call in lead.calls if "composite" in str(call.request.url)]
    assert [part["method"] for part in sent["compositeRequest"]] == ["GET"] * 4
    assert sent["allOrNone"] is False


def test_answers_that_waited_too_long_are_asked_again() -> None:
    now = 0.0
    kept = Prefetched(clock=lambda: now)
    answer = msgspec.convert({"compositeResponse": [answered(), answered()]}, CompositeAnswer)
    kept.keep(["a", "b"], answer)
    now = FRESH_SECONDS
    assert kept.take("a") is not None
    now = FRESH_SECONDS + 1
    assert kept.take("b") is None
