"""The conformance check can fail: planted faults in a right exchange are all found."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

RECORD = {
    "id": "51",
    "properties": {"email": "a@x.example", "lastname": None},
    "createdAt": "2026-10-01T08:00:00.250Z",
    "updatedAt": "2026-10-01T08:00:00.250Z",
    "archived": False,
}
BATCH = {
    "status": "COMPLETE",
    "results": [RECORD],
    "startedAt": RECORD["createdAt"],
    "completedAt": RECORD["createdAt"],
}
REFUSAL = {"status": "error", "message": "no", "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf"}


def _exchange(**changes: Any) -> dict[str, Any]:
    exchange = {
        "method": "POST",
        "path": "/crm/v3/objects/contacts/batch/update",
        "query": "",
        "status": 200,
        "request_headers": {"content-type": "application/json"},
        "request_body": json.dumps({"inputs": [{"id": "51", "properties": {"email": "a@x.example"}}]}),
        "response_headers": {"x-hubspot-correlation-id": REFUSAL["correlationId"]},
        "response_body": json.dumps(BATCH),
    }
    return {**exchange, **changes}


def _batch(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    batch = copy.deepcopy(BATCH)
    change(batch)
    return _exchange(response_body=json.dumps(batch))


def _refusal(status: int = 400, **changes: Any) -> dict[str, Any]:
    return _exchange(status=status, response_body=json.dumps({**REFUSAL, **changes}))


RIGHT = {
    "batch": _exchange(),
    "dated path": _exchange(path="/crm/objects/2026-03/contacts/batch/update"),
    "refusal": _refusal(),
    "gateway page": _exchange(status=502, response_body="<html></html>"),
    "dropped": _exchange(status=None),
}
WRONG = {
    "missing field": _batch(lambda batch: batch["results"][0].pop("createdAt")),
    "integer id": _batch(lambda batch: batch["results"][0].update(id=51)),
    "number as value": _batch(lambda batch: batch["results"][0]["properties"].update(age=3)),
    "boolean as text": _batch(lambda batch: batch["results"][0].update(archived="false")),
    "time without zone": _batch(lambda batch: batch["results"][0].update(updatedAt="2026-10-01 08:00")),
    "unknown batch status": _batch(lambda batch: batch.update(status="DONE")),
    "wrong status": _exchange(status=202),
    "created instead of updated": _exchange(status=201),
    "misspelt request": _exchange(request_body=json.dumps({"input": []})),
    "request value of the wrong type": _exchange(request_body=json.dumps({"inputs": [{"id": 51, "properties": {}}]})),
    "not JSON": _exchange(response_body="oops"),
    "body after an archive": _exchange(path="/crm/v3/objects/contacts/batch/archive", status=204, response_body="{}"),
    "search without a total": _exchange(
        path="/crm/v3/objects/contacts/search", request_body="{}", response_body='{"results": []}'
    ),
    "refusal without a message": _refusal(message=None),
    "refusal with another id in the header": _exchange(
        status=400, response_body=json.dumps(REFUSAL), response_headers={"x-hubspot-correlation-id": "other"}
    ),
    "gateway answer in JSON": _refusal(502),
    "owner id as a number": _exchange(
        method="GET",
        path="/crm/v3/owners/",
        response_body=json.dumps({"results": [{"id": 7, "type": "PERSON", "archived": False}]}),
    ),
    "odd boolean in the query": _exchange(
        method="GET", path="/crm/v3/objects/contacts", query="archived=no", response_body='{"results": []}'
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_exchange_passes(hubspot_schemas: ModuleType, name: str) -> None:
    assert hubspot_schemas.check_exchange(hubspot_schemas.Schemas(), RIGHT[name]) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_planted_fault_is_found(hubspot_schemas: ModuleType, name: str) -> None:
    assert hubspot_schemas.check_exchange(hubspot_schemas.Schemas(), WRONG[name]) != []


def test_the_client_yields_enough_operations(hubspot_schemas: ModuleType) -> None:
    operations = hubspot_schemas.operations()
    assert len(operations) > 150 and sum(each.body is not None for each in operations) > 80
