"""Writes between two readings, over forged answers: what was met, and every way in which the call goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses

from crmsync.contract import Write
from crmsync.errors import RunStopped
from crmsync_salesforce.connection import SalesforceConnector

DATA = "https://acme.my.salesforce.com/services/data/v62.0"
COMPOSITE, MANY = f"{DATA}/composite", f"{DATA}/composite/sobjects"
FIRST, SECOND = "00Q5g0000000001AAA", "00Q5g0000000002AAA"
YES = {"success": True, "errors": []}
Open = Callable[..., SalesforceConnector]


def part(body: object, status: int = 200) -> dict[str, Any]:
    return {"httpStatusCode": status, "body": body, "httpHeaders": {}, "referenceId": "x"}


def held(**statuses: str | None) -> list[dict[str, Any] | None]:
    ids = {"first": FIRST, "second": SECOND}
    return [{"Id": ids[name], "Status": status, "OwnerId": None} for name, status in statuses.items()]


def composite(crm: responses.RequestsMock, *answers: Any) -> None:
    """Forge the composite resource in place of the one that is not there."""
    crm.remove(responses.POST, COMPOSITE)
    for answer in answers:
        crm.post(COMPOSITE, **answer)


def parts(*of: dict[str, Any]) -> dict[str, Any]:
    return {"json": {"compositeResponse": list(of)}}


def moves() -> list[Write]:
    expected = {"Status": "Open", "OwnerId": None}
    return [Write(id_, {"Status": "Working"}, expected) for id_ in (FIRST, SECOND)]


def sent(crm: responses.RequestsMock) -> list[Any]:
    return [json.loads(call.request.body or "") for call in crm.calls if call.request.url == COMPOSITE]


def test_what_was_there_before_and_after_comes_with_each_result(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    composite(
        lead,
        parts(
            part(held(second="Closed", first="Open")),
            part([YES, YES]),
            part(held(first="Working", second="Working")),
        ),
    )
    first, second = open_connector().push("Lead", moves())
    assert first.seen is not None
    assert first.seen.before == {"Status": "Open", "OwnerId": None}
    assert second.seen is not None
    assert second.seen.before["Status"] == "Closed"
    assert second.seen.after == {"Status": "Working", "OwnerId": None}
    [body] = sent(lead)
    before, write, after = body["compositeRequest"]
    assert body["collateSubrequests"] is False, "else Salesforce does them in an order of its own"
    assert body["allOrNone"] is False
    assert write["httpHeaders"] == {"Sforce-Auto-Assign": "FALSE"}
    assert write["body"]["records"][0]["Status"] == "Working"
    assert before["body"] == after["body"] == {"ids": [FIRST, SECOND], "fields": ["Id", "Status", "OwnerId"]}


@pytest.mark.parametrize(
    "unread",
    [
        part([{"errorCode": "INVALID_FIELD", "message": "x"}], 400),
        part("words"),
        part([None, None]),
        part([{"Status": "Open"}, 7]),
    ],
)
def test_a_reading_that_failed_tells_nothing_and_the_write_counts(
    lead: responses.RequestsMock, open_connector: Open, unread: dict[str, Any]
) -> None:
    composite(lead, parts(unread, part([YES, YES]), part(held(first="Working", second="Working"))))
    results = open_connector().push("Lead", moves())
    assert [(result.outcome, result.seen) for result in results] == [("accepted", None)] * 2


def test_a_write_refused_as_a_whole_is_halved_as_if_it_had_come_alone(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    refusal = part([{"errorCode": "JSON_PARSER_ERROR", "message": "bad value"}], 400)
    good = parts(part(held(first="Open")), part([YES]), part(held(first="Working")))
    bad = parts(part(held(second="Open")), refusal, part(held(second="Open")))
    composite(lead, parts(part([]), refusal, part([])), good, bad)
    first, second = open_connector().push("Lead", moves())
    assert first.outcome == "accepted"
    assert (second.outcome, second.message) == (
        "refused",
        "JSON_PARSER_ERROR: a value that Salesforce cannot take in",
    )


def test_a_refusal_of_the_person_stops_the_run(lead: responses.RequestsMock, open_connector: Open) -> None:
    refusal = part([{"errorCode": "API_DISABLED_FOR_ORG", "message": ""}], 403)
    composite(lead, parts(part([]), refusal, part([])))
    with pytest.raises(RunStopped, match="API_DISABLED_FOR_ORG"):
        open_connector().push("Lead", moves())


@pytest.mark.parametrize("status", [404, 405])
def test_an_org_without_composite_requests_is_asked_for_one_only_once(
    lead: responses.RequestsMock, open_connector: Open, status: int
) -> None:
    composite(lead, {"status": status, "json": [{"errorCode": "NOT_FOUND", "message": "x"}]})
    lead.patch(MANY, json=[YES, YES])
    connector = open_connector()
    for _ in range(2):
        results = connector.push("Lead", moves())
        assert [(result.outcome, result.seen) for result in results] == [("accepted", None)] * 2
    assert len(sent(lead)) == 1


@pytest.mark.parametrize(
    "torn",
    [
        parts(part([]), part([YES, YES])),
        parts(part([]), part([YES]), part([])),
        parts(part([]), part({"success": True}), part([])),
        {"json": {"compositeResponse": "x"}},
        {"json": []},
        parts(part([]), part("<html>", 502), part([])),
        {"status": 502, "body": "<html>"},
        {"body": requests.ReadTimeout("late")},
    ],
)
def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(
    lead: responses.RequestsMock, open_connector: Open, torn: dict[str, Any]
) -> None:
    """The first write had arrived, the second had not."""
    composite(lead, torn, parts(part(held(second="Open")), part([YES]), part(held(second="Working"))))
    stamp = {"IsConverted": False, "SystemModstamp": "2026-11-21T12:00:00.000+0000"}
    records = [{**record, **stamp} for record in held(first="Working", second="Open") if record]
    lead.post(f"{MANY}/Lead", json=records)
    results = open_connector().push("Lead", moves())
    assert [result.outcome for result in results] == ["accepted", "accepted"]
    assert [len(body["compositeRequest"][1]["body"]["records"]) for body in sent(lead)] == [2, 1]
