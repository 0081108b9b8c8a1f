"""Making tasks over forged answers: what is looked at first, what is sent, and what no answer means."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from crmsync.contract import Creation
from crmsync.errors import CrmUnreachable, RunStopped, UsageError
from crmsync_salesforce.connection import SalesforceConnector

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"
MANY = f"{DATA}/composite/sobjects"
Open = Callable[..., SalesforceConnector]

NOTHING = {"records": [], "done": True, "totalSize": 0}


def lead_id(number: int) -> str:
    return f"00Q5g{number:010d}EAA"


def task_id(number: int) -> str:
    return f"00T5g{number:010d}AAA"


def task(number: int, subject: str = "Take over", **more: str) -> Creation:
    return Creation(lead_id(number), {"Subject": subject, **more}, known_by=("Subject",))


def yes(number: int) -> dict[str, Any]:
    return {"id": task_id(number), "success": True, "errors": []}


def no(code: str, message: str = "") -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def page(*tasks: tuple[int, int, str]) -> dict[str, Any]:
    """A query's answer: (task, lead, subject)."""
    records = [{"Id": task_id(n), "WhoId": lead_id(lead), "Subject": text} for n, lead, text in tasks]
    return {"records": records, "done": True, "totalSize": len(records)}


def described(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": name, "updateable": True, "createable": True, **more}


@pytest.fixture
def org(lead: responses.RequestsMock) -> responses.RequestsMock:
    """Tasks are described, and every lead that is asked for stands."""
    lead.get(
        f"{DATA}/sobjects/Task/describe",
        json={
            "name": "Task",
            "replicateable": True,
            "fields": [
                described("Id", "id", createable=False),
                described("IsDeleted", "boolean", createable=False),
                described("IsArchived", "boolean", createable=False),
                described("IsClosed", "boolean", createable=False),
                described("WhoId", "reference", relationshipName="Who"),
                described("OwnerId", "reference", relationshipName="Owner"),
                described("Subject", "combobox"),
                described("Description", "textarea", filterable=False),
                described("ActivityDate", "date"),
                described("IsReminderSet", "boolean"),
                described("CallDurationInSeconds", "int"),
            ],
        },
    )

    def standing(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = json.loads(request.body or "")["ids"]
        return 200, {}, json.dumps([{"Id": each, "IsConverted": False, "SystemModstamp": None} for each in ids])

    lead.add_callback(responses.POST, f"{MANY}/Lead", standing)
    return lead


def queried(crm: responses.RequestsMock) -> list[str]:
    addresses = [urlsplit(str(call.request.url)) for call in crm.calls]
    return [parse_qs(each.query)["q"][0] for each in addresses if each.path.rstrip("/").endswith("/queryAll")]


def posted(crm: responses.RequestsMock) -> list[list[dict[str, Any]]]:
    """The records of each creating call."""
    return [json.loads(call.request.body or "")["records"] for call in crm.calls if call.request.url == MANY]


def test_it_looks_first_and_makes_what_is_missing(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=page((7, 1, "TAKE OVER"), (8, 2, "Take over"), (9, 3, "Take over")))
    org.post(MANY, json=[yes(1), yes(3)])
    results = open_connector().create("Task", "Lead", [task(1), task(2), task(4), task(2)])
    assert [(result.lead, result.outcome, result.id) for result in results] == [
        (lead_id(1), "made", task_id(1)),
        (lead_id(2), "there", task_id(8)),
        (lead_id(4), "made", task_id(3)),
        (lead_id(2), "there", task_id(8)),
    ]
    assert queried(org) == [
        f"SELECT Id, WhoId, Subject FROM Task WHERE WhoId IN ('{lead_id(1)}','{lead_id(2)}','{lead_id(4)}') "
        "AND Subject IN ('Take over') AND IsDeleted = false ORDER BY Id"
    ]
    assert [[record["WhoId"] for record in records] for records in posted(org)] == [[lead_id(1), lead_id(4)]]


@pytest.mark.parametrize("torn", ["Subject", "WhoId"])
def test_beside_a_task_whose_entry_is_torn_none_is_made_that_it_may_be(
    org: responses.RequestsMock, open_connector: Open, torn: str
) -> None:
    """Salesforce writes an empty field as null: one that is missing was not told."""
    answer = page((1, 1, "Take over"))
    del answer["records"][0][torn]
    org.get(f"{DATA}/query/", json=answer)
    org.get(f"{DATA}/queryAll/", json=answer)
    [result] = open_connector().create("Task", "Lead", [task(1)])
    assert (result.outcome, result.message) == ("uncertain", "what is there already could not be read")


def test_values_go_out_in_the_types_of_their_fields_and_no_rule_reassigns(
    org: responses.RequestsMock, open_connector: Open
) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, json=[yes(1)])
    values = {"isreminderset": "true", "CallDurationInSeconds": "60", "ActivityDate": "2026-12-01"}
    open_connector().create("Task", "Lead", [task(1, **values)])
    (records,) = posted(org)
    assert records == [
        {
            "attributes": {"type": "Task"},
            "Subject": "Take over",
            "IsReminderSet": True,
            "CallDurationInSeconds": 60,
            "ActivityDate": "2026-12-01",
            "WhoId": lead_id(1),
        }
    ]
    request = next(call.request for call in org.calls if call.request.url == MANY)
    assert request.headers["Sforce-Auto-Assign"] == "FALSE"
    assert json.loads(request.body or "")["allOrNone"] is False


def test_texts_are_quoted(org: responses.RequestsMock, open_connector: Open) -> None:
    nasty = "O'Brien') OR (Id != '\\"
    org.get(f"{DATA}/queryAll/", json=page((7, 1, nasty)))
    (result,) = open_connector().create("Task", "Lead", [task(1, nasty)])
    assert result.outcome == "there"
    (soql,) = queried(org)
    assert r"Subject IN ('O\'Brien\') OR (Id != \'\\')" in soql


def test_a_field_that_cannot_be_filtered_is_compared_here(org: responses.RequestsMock, open_connector: Open) -> None:
    record = {"Id": task_id(7), "WhoId": lead_id(1), "Description": "text\nof lines"}
    org.get(f"{DATA}/queryAll/", json={"records": [record], "done": True, "totalSize": 1})
    org.post(MANY, json=[yes(2)])
    one, two = (
        Creation(lead_id(n), {"Subject": "x", "Description": "text\nof lines"}, known_by=("Description",))
        for n in (1, 2)
    )
    results = open_connector().create("Task", "Lead", [one, two])
    assert [result.outcome for result in results] == ["there", "made"]
    (soql,) = queried(org)
    assert "Description" not in soql.partition("WHERE")[2]


def test_addresses_stay_short_however_long_the_texts_are(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, json=[yes(n) for n in range(200)])
    creations = [task(n, f"{n} " + "ä" * 240) for n in range(200)]
    results = open_connector().create("Task", "Lead", creations)
    assert {result.outcome for result in results} == {"made"}
    assert max(len(str(call.request.url)) for call in org.calls) < 16_000
    asked = queried(org)
    assert all(sum(lead_id(n) in soql for soql in asked) == 1 for n in range(200))


def test_a_look_of_several_pages_is_read_to_its_end(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(
        f"{DATA}/queryAll/",
        json={
            **page((7, 1, "other")),
            "done": False,
            "nextRecordsUrl": "/services/data/v62.0/query/01g-2000",
        },
    )
    org.get(f"{DATA}/query/01g-2000", json=page((8, 1, "Take over")))
    (result,) = open_connector().create("Task", "Lead", [task(1)])
    assert (result.outcome, result.id) == ("there", task_id(8))


def test_short_ids_of_leads_are_known_by_their_long_ones(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=page((7, 1, "Take over")))
    short = Creation(lead_id(1)[:15], {"Subject": "Take over"}, known_by=("Subject",))
    (result,) = open_connector().create("Task", "Lead", [short])
    assert (result.lead, result.outcome, result.id) == (lead_id(1)[:15], "there", task_id(7))


def test_leads_that_are_gone_have_nothing_made(lead: responses.RequestsMock, open_connector: Open) -> None:
    lead.get(
        f"{DATA}/sobjects/Task/describe", json={"name": "Task", "fields": [described("WhoId"), described("Subject")]}
    )
    lead.post(f"{MANY}/Lead", json=[{"Id": lead_id(1), "IsConverted": True, "SystemModstamp": None}, None])
    lead.get(f"{DATA}/queryAll/", json={**NOTHING, "records": [{"Id": lead_id(2), "MasterRecordId": lead_id(3)}]})
    results = open_connector().create(
        "Task", "Lead", [task(1), task(2), Creation("x'", {"Subject": "y"}, ("Subject",))]
    )
    assert [(result.outcome, result.message.split()[0]) for result in results] == [
        ("gone", "converted"),
        ("gone", "merged"),
        ("gone", "not"),
    ]
    assert posted(lead) == []


def test_refused_rows_do_not_stop_others_and_say_why(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, json=[no("INACTIVE_OWNER_OR_USER", "inactive user ann@example.com"), yes(2)])
    results = open_connector().create("Task", "Lead", [task(1), task(2)])
    assert [result.outcome for result in results] == ["refused", "made"]
    assert results[0].message == "INACTIVE_OWNER_OR_USER: the new owner is no longer active"


def test_a_lead_that_left_between_looking_and_making_is_gone(
    lead: responses.RequestsMock, open_connector: Open
) -> None:
    lead.get(
        f"{DATA}/sobjects/Task/describe", json={"name": "Task", "fields": [described("WhoId"), described("Subject")]}
    )
    lead.post(f"{MANY}/Lead", json=[{"Id": lead_id(1), "IsConverted": False, "SystemModstamp": None}])
    lead.post(f"{MANY}/Lead", json=[None])
    lead.get(f"{DATA}/query/", json=NOTHING)
    lead.get(f"{DATA}/queryAll/", json={**NOTHING, "records": [{"Id": lead_id(1), "IsDeleted": True}]})
    lead.post(MANY, json=[no("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")])
    (result,) = open_connector().create("Task", "Lead", [task(1)])
    assert (result.outcome, result.message) == ("gone", "deleted")


def test_locked_rows_are_sent_again_without_the_others(
    org: responses.RequestsMock, open_connector: Open, waits: list[float]
) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, json=[yes(1), no("UNABLE_TO_LOCK_ROW", "locked")])
    org.post(MANY, json=[yes(2)])
    results = open_connector().create("Task", "Lead", [task(1), task(2)])
    assert [result.outcome for result in results] == ["made", "made"]
    assert [[record["WhoId"] for record in records] for records in posted(org)] == [
        [lead_id(1), lead_id(2)],
        [lead_id(2)],
    ]
    assert len(waits) == 1


def test_rows_that_stay_locked_are_refused(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, json=[no("UNABLE_TO_LOCK_ROW", "locked")])
    (result,) = open_connector(attempts=3).create("Task", "Lead", [task(1)])
    assert (result.outcome, result.message) == ("refused", "UNABLE_TO_LOCK_ROW: somebody else holds the record")
    assert len(posted(org)) == 3


def test_a_batch_refused_as_a_whole_is_halved(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        records = json.loads(request.body or "")["records"]
        if any(record["WhoId"] == lead_id(5) for record in records):
            return 400, {}, json.dumps([{"errorCode": "JSON_PARSER_ERROR", "message": "bad value"}])
        return 200, {}, json.dumps([yes(int(record["WhoId"][5:15])) for record in records])

    org.add_callback(responses.POST, MANY, answer)
    results = open_connector().create("Task", "Lead", [task(n) for n in range(16)])
    assert [result.lead for result in results if result.outcome == "refused"] == [lead_id(5)]
    assert [result.id for result in results if result.outcome == "made"] == [task_id(n) for n in range(16) if n != 5]


LOST = [
    {"body": requests.ReadTimeout("late")},
    {"body": requests.ConnectionError("reset by peer")},
    {"status": 502, "body": "<html>"},
    {"status": 200, "body": "[{"},
    {"status": 200, "json": [yes(1)]},
    {"status": 200, "json": {"hasErrors": False}},
    {"status": 200, "json": [{"success": True, "errors": []}] * 2},
]


@pytest.mark.parametrize("lost", LOST)
def test_after_a_lost_answer_it_looks_again_and_never_posts_twice(
    org: responses.RequestsMock, open_connector: Open, lost: dict[str, Any]
) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.get(f"{DATA}/queryAll/", json=page((1, 1, "Take over")))
    org.get(f"{DATA}/queryAll/", json=page((2, 2, "Take over")))
    org.post(MANY, **lost)
    results = open_connector().create("Task", "Lead", [task(1), task(2)])
    assert [(result.outcome, result.id) for result in results] == [("made", task_id(1)), ("made", task_id(2))]
    assert len(posted(org)) == 1


@pytest.mark.parametrize("lost", LOST)
def test_what_does_not_come_to_be_seen_is_uncertain(
    org: responses.RequestsMock, open_connector: Open, lost: dict[str, Any]
) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, **lost)
    results = open_connector(attempts=3).create("Task", "Lead", [task(1), task(2)])
    assert [(result.outcome, result.id) for result in results] == [("uncertain", None)] * 2
    assert len(posted(org)) == 1
    assert len(queried(org)) == 4


@pytest.mark.parametrize(
    "busy",
    [
        {"status": 503, "body": "<html>"},
        {"status": 403, "json": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests Limit"}]},
        {"body": requests.ConnectTimeout("no connection")},
    ],
)
def test_what_was_surely_not_taken_is_sent_again(
    org: responses.RequestsMock, open_connector: Open, busy: dict[str, Any]
) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, **busy)
    org.post(MANY, json=[yes(1)])
    (result,) = open_connector().create("Task", "Lead", [task(1)])
    assert result.outcome == "made"
    assert len(posted(org)) == 2
    org.remove(responses.POST, MANY)
    org.post(MANY, **busy)
    with pytest.raises(CrmUnreachable):
        open_connector(attempts=2).create("Task", "Lead", [task(1)])


def test_a_refusal_that_is_not_about_records_stops_the_run(org: responses.RequestsMock, open_connector: Open) -> None:
    org.get(f"{DATA}/queryAll/", json=NOTHING)
    org.post(MANY, status=403, json=[{"errorCode": "API_DISABLED_FOR_ORG", "message": ""}])
    with pytest.raises(RunStopped, match="API_DISABLED_FOR_ORG"):
        open_connector().create("Task", "Lead", [task(1), task(2)])
    assert len(posted(org)) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Subjekt", r"no field 'Subjekt' \(close: Subject\)"),
        ("IsClosed", r"may not set Task\.IsClosed"),
        ("Who.Name", "no field"),
    ],
)
def test_fields_that_cannot_be_set_are_told_before_anything_is_sent(
    org: responses.RequestsMock, open_connector: Open, name: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        open_connector().create("Task", "Lead", [task(1, **{name: "x"})])
    assert posted(org) == []


@pytest.mark.parametrize(("object_name", "leads_object"), [("Lead", "Lead"), ("Task", "Task")])
def test_other_objects_are_told_to_be_beyond_it(
    org: responses.RequestsMock, open_connector: Open, object_name: str, leads_object: str
) -> None:
    with pytest.raises(UsageError, match=f"cannot make {object_name} records that belong to a {leads_object}"):
        open_connector().create(object_name, leads_object, [Creation("x", {"Company": "y"}, ("Company",))])
