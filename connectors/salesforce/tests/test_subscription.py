"""Change events as they come over the bus: what they tell, and what refusals mean."""

from __future__ import annotations

import io
from collections import namedtuple
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import fastavro
import grpc
import msgspec
import pytest
from pydantic import ValidationError

from crmsync.sdk import CrmUnreachable, PositionLost, RunStopped, Telling
from crmsync_salesforce import SalesforceSettings, connector
from crmsync_salesforce.change_events import ChangeEvents
from crmsync_salesforce.subscription import ChangeSubscription

LEAD, OTHER, EMPTY = "00QKp0000000001MAA", "00QKp0000000002MAA", "000000000000000AAA"
SCHEMA = {
    "type": "record",
    "name": "LeadChangeEvent",
    "fields": [
        {
            "name": "ChangeEventHeader",
            "type": {
                "type": "record",
                "name": "Header",
                "fields": [
                    {"name": "entityName", "type": "string"},
                    {"name": "recordIds", "type": {"type": "array", "items": "string"}},
                    {"name": "changeType", "type": "string"},
                    {"name": "commitTimestamp", "type": "long"},
                ],
            },
        },
        {"name": "LastName", "type": ["null", "string"]},
    ],
}
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def event(ids: list[str], kind: str = "UPDATE", name: str = "Lead", payload: bytes | None = None) -> Any:
    """An event as the bus brings it."""
    header = {"entityName": name, "recordIds": ids, "changeType": kind, "commitTimestamp": int(AT.timestamp() * 1000)}
    written = io.BytesIO()
    fastavro.schemaless_writer(written, SCHEMA, {"ChangeEventHeader": header, "LastName": "Somebody"})
    return SimpleNamespace(event=SimpleNamespace(schema_id="1", payload=payload or written.getvalue()))


def heard(*events: Any) -> Any:
    return ChangeEvents("00D1", lambda _: msgspec.json.encode(SCHEMA).decode()).heard(events, b"\x01\x02")


def test_events_tell_records_and_when() -> None:
    """Of a gap event no more is known, and no more is asked. Ids are long ones."""
    found = heard(event([LEAD[:15], OTHER]), event(["00TKp0000000001MAA"], "GAP_UPDATE", "Task"))
    assert found.tellings == (
        Telling("00D1", "Lead", (LEAD, OTHER), AT),
        Telling("00D1", "Task", ("00TKp0000000001MAA",), AT),
    )
    assert (found.position, found.untold) == ("0102", False)


@pytest.mark.parametrize(
    "strange",
    [
        event([EMPTY], "GAP_OVERFLOW"),
        event([OTHER], "GAP_OVERFLOW"),
        event([]),
        event([EMPTY]),
        event(["no id"]),
        event([LEAD], name="Lead; DROP"),
        event([LEAD], payload=b"\x08Le"),
        event([LEAD], payload=b"\xff" * 40),
    ],
    ids=["overflow", "overflow with an id", "none", "empty", "no id", "no object", "torn", "rubbish"],
)
def test_an_event_that_names_no_record_says_that_something_changed(strange: Any) -> None:
    """And keeps none of the others from being heard."""
    found = heard(strange, event([LEAD]))
    assert found.untold
    assert [each.ids for each in found.tellings] == [(LEAD,)]


def settings(**more: Any) -> SalesforceSettings:
    return SalesforceSettings(url="https://acme.my.salesforce.com", client_id="a", client_secret="b", **more)


class _Refused(grpc.RpcError):
    def __init__(self, status: Any, code: str | None) -> None:
        self._status, self._code = status, code

    def code(self) -> Any:
        return self._status

    def trailing_metadata(self) -> Any:
        pair = namedtuple("pair", "key value")
        return () if self._code is None else (pair("rpc-id", "Somebody"), pair("error-code", self._code))


FAMILY = "sfdc.platform.eventbus.grpc."


@pytest.mark.parametrize(
    ("status", "code", "meaning"),
    [
        ("INVALID_ARGUMENT", f"{FAMILY}subscription.fetch.replayid.validation.failed", PositionLost),
        ("INVALID_ARGUMENT", f"{FAMILY}subscription.fetch.replayid.corrupted", PositionLost),
        ("INVALID_ARGUMENT", f"{FAMILY}topic.not.found", RunStopped),
        ("PERMISSION_DENIED", f"{FAMILY}subscription.no.permission", RunStopped),
        ("UNAUTHENTICATED", f"{FAMILY}service.auth.error", CrmUnreachable),
        ("UNAVAILABLE", f"{FAMILY}service.unavailable", CrmUnreachable),
        ("INTERNAL", None, CrmUnreachable),
    ],
)
def test_what_a_refusal_means(status: str, code: str | None, meaning: type[Exception]) -> None:
    subscription = ChangeSubscription(settings(change_channel="/data/ChangeEvents"))
    words = subscription._words(_Refused(grpc.StatusCode[status], code))
    assert type(words) is meaning
    assert (code or status).removeprefix(FAMILY) in str(words)


@pytest.mark.parametrize(
    "wrong",
    [
        {"change_channel": "ChangeEvents"},
        {"change_channel": "/event/Order__e"},
        {"event_bus": "pubsub.example:7443"},
        {"event_bus": "evilpubsub.salesforce.com.example:443"},
        {"event_bus": "api.pubsub.salesforce.com"},
        {"event_bus": "127.0.0.1:7443", "change_channel": "/data/ChangeEvents"},
    ],
)
def test_the_session_is_shown_to_salesforce_only(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(**wrong)


def test_who_names_no_channel_subscribes_to_none() -> None:
    assert connector.subscription is not None
    assert connector.subscription(settings()) is None
    made = connector.subscription(
        settings(change_channel="/data/crmsync__chn", event_bus="api.deu.pubsub.salesforce.com:443")
    )
    assert made is not None
    assert made.channel == "/data/crmsync__chn"
