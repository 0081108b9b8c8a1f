"""HubSpot's webhooks: who is believed, and what they are about."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crmsync.sdk import ALL_ACTIVITIES, Delivery, Telling
from crmsync_hubspot import HubSpotSettings
from crmsync_hubspot.tellings import WebhookReader, reader

SECRET = "app-secret"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://crmsync.example/hooks/hubspot?a=b%40c"
SIGNED_URL = "https://crmsync.example/hooks/hubspot?a=b@c"
AT = datetime(2026, 3, 1, 11, 59, 59, 500_000, tzinfo=UTC)
EVENT = {"objectId": 51, "portalId": 7, "subscriptionType": "contact.propertyChange", "propertyName": "firstname",
         "propertyValue": "X", "occurredAt": int(AT.timestamp() * 1000)}  # fmt: skip


def delivery(
    body: bytes, *, sent: datetime = NOW, secret: str = SECRET, url: str = SIGNED_URL, **headers: str
) -> Any:
    timestamp = str(int(sent.timestamp() * 1000))
    text = b"POST" + url.encode() + body + timestamp.encode()
    signature = base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()
    proof = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": timestamp, **headers}
    return Delivery("POST", URL, proof, body, NOW)


def read(*events: Any) -> Any:
    return WebhookReader(SECRET).read(delivery(json.dumps(events).encode()))


def test_a_changed_property_is_a_telling_without_its_value() -> None:
    assert read(EVENT) == (Telling("7", "contacts", ("51",), AT, ()),)


@pytest.mark.parametrize(("seconds", "answer"), [(0, ()), (-300, ()), (300, ()), (-300.001, "old"), (300.001, "old")])
def test_five_minutes_either_way_are_believed(seconds: float, answer: Any) -> None:
    assert WebhookReader(SECRET).read(delivery(b"[]", sent=NOW + timedelta(seconds=seconds))) == answer


@pytest.mark.parametrize(
    ("wrong", "doubt"),
    [
        ({"secret": "another"}, "wrong_signature"),
        ({"url": URL}, "wrong_signature"),
        ({"x-hubspot-signature-v3": ""}, "unsigned"),
        ({"x-hubspot-signature-v3": "é"}, "wrong_signature"),
        ({"x-hubspot-request-timestamp": ""}, "unsigned"),
        ({"x-hubspot-request-timestamp": "soon"}, "wrong_signature"),
    ],
)
def test_what_proves_nothing_is_not_believed(wrong: dict[str, str], doubt: str) -> None:
    assert WebhookReader(SECRET).read(delivery(b"[]", **wrong)) == doubt


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b"[[]]", b"\xff", b"[" * 100_000, json.dumps([EVENT] * 1001).encode()]
)
def test_what_holds_no_events_is_told_as_such(body: bytes) -> None:
    assert WebhookReader(SECRET).read(delivery(body)) == "not_readable"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"subscriptionType": "contact.creation"}, ("contacts", ("51",), ALL_ACTIVITIES)),
        ({"subscriptionType": "object.deletion", "objectTypeId": "0-27"}, ("tasks", ("51",), ())),
        ({"propertyName": "recent_conversion_date"}, ("contacts", ("51",), ("form_submissions",))),
        (
            {"propertyName": "notes_last_updated"},
            ("contacts", ("51",), ("calls", "meetings", "emails", "notes", "tasks")),
        ),
        (
            {
                "subscriptionType": "contact.merge",
                "primaryObjectId": 51,
                "mergedObjectIds": [52, 53],
                "newObjectId": 54,
            },
            ("contacts", ("51", "54", "52", "53"), ALL_ACTIVITIES),
        ),
    ],
)
def test_each_kind_of_event_names_its_records(event: dict[str, Any], told: tuple[Any, ...]) -> None:
    [found] = read({**EVENT, **event})
    assert (found.object, found.ids, found.activities) == told


def test_an_association_names_both_its_ends() -> None:
    by_name = {"subscriptionType": "contact.associationChange", "associationType": "CONTACT_TO_CALL",
               "fromObjectId": 51, "toObjectId": 9, "portalId": 7}  # fmt: skip
    by_type = {**by_name, "associationType": "", "fromObjectTypeId": "0-27", "toObjectTypeId": "0-1"}
    assert [(each.object, each.ids) for each in read(by_name)] == [("contacts", ("51",)), ("calls", ("9",))]
    assert [(each.object, each.ids) for each in read(by_type)] == [("tasks", ("51",)), ("contacts", ("9",))]


@pytest.mark.parametrize(
    "odd", [{"objectId": True}, {"objectId": None}, {"objectId": "x"}, {"portalId": None}, {"subscriptionType": "?"},
            {"objectId": "9" * 21}, {"objectId": [1]}],
)  # fmt: skip
def test_events_of_another_kind_tell_nothing(odd: dict[str, Any]) -> None:
    assert read({**EVENT, **odd}) == ()


def test_without_a_secret_there_is_no_reader() -> None:
    assert reader(HubSpotSettings(access_token="t")) is None
    assert reader(HubSpotSettings(access_token="t", webhook_secret="s")) is not None
    oauth = HubSpotSettings(client_id="i", client_secret="s", refresh_token="r")
    assert oauth.signing_secret == "s"
