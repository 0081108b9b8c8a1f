"""Writes over forged answers: outcomes by position, locked rows, halving, lost answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
import responses

from crmsync.contract import Write
from crmsync.errors import CrmUnreachable, RunStopped, UsageError
from crmsync_salesforce.connection import SalesforceConnector

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
MANY = f"{DATA}/composite/sobjects"
Open = Callable[..., SalesforceConnector]

YES = {"success": True, "errors": []}
LOCKED = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": []}]}


def ids(count: int) -> list[str]:
    return [f"00Q5g{n:010d}AAA" for n in range(count)]


def writes(count: int, **values: str | None) -> list[Write]:
    return [Write(id_, values or {"Status": "Open"}, {}) for id_ in ids(count)]


def no(code: str, message: str = "") -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def sent(crm: responses.RequestsMock) -> list[list[str]]:
    """Ids of each write call."""
    bodies = [json.loads(call.request.body or "") for call in crm.calls if call.request.method == "PATCH"]
    return [[record["id"] for record in body["records"]] for body in bodies]


def test_outcomes_are_by_position_since_failures_lack_their_id(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    answers = [
        YES,
        no("ENTITY_IS_DELETED", "entity is deleted"),
        no("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead"),
        no("INACTIVE_OWNER_OR_USER", "operation performed with inactive user [005xx] ann@example.com"),
        no("FIELD_CUSTOM_VALIDATION_EXCEPTION", "call +49 170 1234567"),
    ]
    lead.patch(MANY, json=answers)
    results = open_connector().push("Lead", writes(5))
    assert [result.id for result in results] == ids(5)
    assert [result.outcome for result in results] == ["accepted", "gone", "gone", "refused", "refused"]
    assert results[3].message == "INACTIVE_OWNER_OR_USER: the new owner is no longer active"
    assert results[4].message == "FIELD_CUSTOM_VALIDATION_EXCEPTION: a validation rule of the org refuses the record"


def test_values_go_out_in_the_types_of_their_fields(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.patch(MANY, json=[YES])
    values = {
        "status": "Open",
        "AnnualRevenue": "250.5",
        "NumberOfEmployees": "12",
        "DoNotCall": "true",
        "Company": None,
    }
    open_connector().push("Lead", writes(1, **values))
    body = json.loads(lead.calls[-1].request.body or "")
    assert body["allOrNone"] is False
    assert body["records"] == [
        {
            "attributes": {"type": "Lead"},
            "id": ids(1)[0],
            "Status": "Open",
            "AnnualRevenue": 250.5,
            "NumberOfEmployees": 12,
            "DoNotCall": True,
            "Company": None,
        }
    ]


def test_locked_rows_are_tried_again_without_the_others(
    lead: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    lead.patch(MANY, json=[YES, LOCKED, LOCKED])
    lead.patch(MANY, json=[LOCKED, YES])
    lead.patch(MANY, json=[YES])
    results = open_connector().push("Lead", writes(3))
    assert [result.outcome for result in results] == ["accepted"] * 3
    assert sent(lead) == [ids(3), ids(3)[1:], ids(3)[1:2]]
    assert len(waits) == 2


def test_rows_that_stay_locked_are_refused_with_the_reason(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.patch(MANY, json=[YES, LOCKED])
    lead.patch(MANY, json=[LOCKED])
    results = open_connector(attempts=3).push("Lead", writes(2))
    assert [(result.outcome, result.message) for result in results] == [
        ("accepted", ""),
        ("refused", "UNABLE_TO_LOCK_ROW: somebody else holds the record"),
    ]
    assert len(sent(lead)) == 3


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_record_stands_alone(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    bad = ids(200)[77]

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        records = json.loads(request.body or "")["records"]
        if any(record["id"] == bad for record in records):
            return 400, {}, json.dumps([{"errorCode": "JSON_PARSER_ERROR", "message": "bad value"}])
        return 200, {}, json.dumps([YES] * len(records))

    lead.add_callback(responses.PATCH, MANY, answer)
    results = open_connector().push("Lead", writes(200))
    assert [result.id for result in results if result.outcome == "refused"] == [bad]
    assert sum(result.outcome == "accepted" for result in results) == 199
    assert results[77].message == "JSON_PARSER_ERROR: a value that Salesforce cannot take in"
    assert len(sent(lead)) <= 17


def test_a_refusal_that_is_not_about_records_stops_the_run(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.patch(MANY, status=403, json=[{"errorCode": "API_DISABLED_FOR_ORG", "message": ""}])
    with pytest.raises(RunStopped, match="API_DISABLED_FOR_ORG"):
        open_connector().push("Lead", writes(4))
    assert len(sent(lead)) == 1


LOST: list[dict[str, Any]] = [
    {"body": requests.ReadTimeout("late")},
    {"body": requests.ConnectionError("reset by peer")},
    {"status": 502, "body": "<html>"},
    {"status": 200, "body": "[{"},
    {"status": 200, "json": [YES]},
    {"status": 200, "json": {"hasErrors": False}},
    {"status": 200, "json": [{"id": "x"}, {"id": "y"}]},
]
FIRST, LATER = "2026-11-21T12:00:00.000+0000", "2026-11-21T12:00:07.000+0000"


def move(count: int) -> list[Write]:
    """From Open to Working."""
    return [Write(id_, {"Status": "Working"}, {"Status": "Open"}) for id_ in ids(count)]


def reads(crm: responses.RequestsMock, *held: tuple[str, str] | None) -> None:
    """Forge the records as they are found by id: (Status, SystemModstamp), or none."""
    records = [
        row and {"Id": id_, "IsConverted": False, "Status": row[0], "SystemModstamp": row[1]}
        for id_, row in zip(ids(len(held)), held, strict=True)
    ]
    crm.post(f"{MANY}/Lead", json=records)


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_only_untouched_records_are_sent_again(
    lead: responses.RequestsMock, open_connector: Open, lost: dict[str, Any]
) -> None:
    """The write arrived at the second record; somebody closed the third; the first never saw it."""
    lead.patch(MANY, **lost)
    lead.patch(MANY, json=[YES])
    reads(lead, ("Open", FIRST), ("Working", LATER), ("Closed", LATER))
    results = open_connector().push("Lead", move(3))
    assert [result.outcome for result in results] == ["accepted", "accepted", "conflict"]
    assert sent(lead) == [ids(3), ids(1)]


def test_a_record_that_was_touched_and_put_back_is_left_to_whoever_did_it(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    """The write arrived, and a person took it back before it was looked up: only the stamp shows it."""
    connector = open_connector()
    reads(lead, ("Open", FIRST), ("Open", FIRST))
    connector.read("Lead", ids(2), ["Status"])
    reads(lead, ("Open", LATER), ("Open", FIRST))
    lead.patch(MANY, body=requests.ConnectionError("reset by peer"))
    lead.patch(MANY, json=[YES])
    results = connector.push("Lead", move(2))
    assert [result.outcome for result in results] == ["conflict", "accepted"]
    assert sent(lead) == [ids(2), ids(2)[1:]]


def test_a_record_that_went_away_meanwhile_is_gone(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.patch(MANY, body=requests.ReadTimeout("late"))
    reads(lead, None)
    deleted = {"Id": ids(1)[0], "IsDeleted": True, "MasterRecordId": None}
    lead.get(f"{DATA}/queryAll/", json={"records": [deleted], "done": True, "totalSize": 1})
    (result,) = open_connector().push("Lead", move(1))
    assert (result.outcome, result.message) == ("gone", "deleted")


def test_without_a_word_on_what_was_there_before_nothing_is_sent_twice(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.patch(MANY, body=requests.ReadTimeout("late"))
    reads(lead, ("Closed", LATER))
    assert [result.outcome for result in open_connector().push("Lead", writes(1))] == ["uncertain"]
    assert len(sent(lead)) == 1


@pytest.mark.parametrize("lost", LOST)
def test_an_answer_that_stays_lost_leaves_the_outcome_uncertain(
    lead: responses.RequestsMock, open_connector: Open, lost: dict[str, Any]
) -> None:
    lead.patch(MANY, **lost)
    reads(lead, ("Open", FIRST), ("Open", FIRST))
    results = open_connector(attempts=2).push("Lead", move(2))
    assert [(result.id, result.outcome) for result in results] == [(id_, "uncertain") for id_ in ids(2)]
    assert len(sent(lead)) == 2


def test_records_that_cannot_be_looked_up_are_uncertain(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.patch(MANY, body=requests.ReadTimeout("late"))
    lead.post(f"{MANY}/Lead", status=503, body="<html>")
    results = open_connector(attempts=2).push("Lead", move(2))
    assert [result.outcome for result in results] == ["uncertain"] * 2
    assert len(sent(lead)) == 1


def test_a_crm_that_never_took_the_write_stops_the_run(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.patch(MANY, status=503, body="<html>")
    with pytest.raises(CrmUnreachable):
        open_connector(attempts=2).push("Lead", writes(2))


@pytest.mark.parametrize(
    ("name", "words"), [("Statuss", r"no field 'Statuss' \(close: Status\)"), ("IsConverted", "may not write")]
)
def test_fields_that_cannot_be_written_are_told_before_sending(
    lead: responses.RequestsMock, open_connector: Open, name: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        open_connector().push("Lead", writes(1, **{name: "x"}))
    assert sent(lead) == []


def test_no_writes_no_call(lead: responses.RequestsMock, open_connector: Open) -> None:
    assert open_connector().push("Lead", []) == []
    assert sent(lead) == []
