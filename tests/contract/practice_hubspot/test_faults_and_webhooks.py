"""Lost answers, gateway trouble, and webhooks with their signatures, retries and duplicates."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import hubspot
import pytest
import requests
from hubspot.crm.contacts import SimplePublicObjectInput
from hubspot.utils.signature import Signature
from urllib3.util.retry import Retry


def test_a_write_whose_answer_is_lost_has_happened(practice: Any) -> None:
    contact = practice.native()["L0"]
    practice.control("PUT", "faults", json=[{"method": "PATCH", "drop": "after", "times": 1}])
    with pytest.raises(requests.ConnectionError):
        practice.request("PATCH", f"/crm/v3/objects/contacts/{contact}", json={"properties": {"firstname": "Lost"}})
    shown = practice.request("GET", f"/crm/v3/objects/contacts/{contact}").json()
    assert shown["properties"]["firstname"] == "Lost"
    assert [entry["after"] for entry in practice.control("GET", "log")] == [{"firstname": "Lost"}]


@pytest.mark.parametrize(
    ("status", "html"),
    [(423, False), (429, False), (477, False), (500, False), (502, True), (503, False), (504, True)],
)
def test_injected_failures_look_like_hubspots(practice: Any, status: int, html: bool) -> None:
    practice.control("PUT", "faults", json=[{"path": "/crm/*", "status": status, "retry_after_seconds": 7}])
    answer = practice.request("GET", "/crm/v3/objects/contacts")
    assert answer.status_code == status and answer.headers["Retry-After"] == "7"
    assert answer.text.startswith("<html>") == html
    if status == 429:
        assert answer.json()["policyName"] == "TEN_SECONDLY_ROLLING"


def test_an_injected_429_of_a_search_names_the_limit_of_searches(practice: Any) -> None:
    practice.control("PUT", "faults", json=[{"status": 429}])
    for path in ("/crm/v3/objects/contacts/search", "/crm/objects/2026-03/0-1/search"):
        refused = practice.request("POST", path, json={}).json()
        assert refused["message"] == "You have reached your secondly limit."
        assert (refused["errorType"], refused["policyName"]) == ("RATE_LIMIT", "SECONDLY")
    created = practice.request("POST", "/crm/v3/objects/contacts", json={}).json()
    assert (created["message"], created["policyName"]) == (
        "You have reached your ten_secondly_rolling limit.",
        "TEN_SECONDLY_ROLLING",
    )


def test_the_clients_retry_gets_through(practice: Any) -> None:
    practice.control("PUT", "faults", json=[{"method": "PATCH", "status": 429, "times": 2, "retry_after_seconds": 0}])
    retry = Retry(total=5, allowed_methods=None, status_forcelist=(429,), raise_on_status=False)
    client = hubspot.Client.create(access_token="x", host=practice.url, retry=retry)
    contact = practice.native()["L0"]
    changed = client.crm.contacts.basic_api.update(contact, SimplePublicObjectInput(properties={"phone": "1"}))
    assert changed.properties["phone"] == "1"


class Receiver:
    """Takes webhook deliveries; answers with the statuses it was given, then 200."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Semaphore(0)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append((dict(self.headers), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
                self.end_headers()
                receiver.arrived.release()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook%3Fa?b=c"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> list[list[dict[str, Any]]]:
        """The decoded deliveries once so many have come."""
        for _ in range(count):
            assert self.arrived.acquire(timeout=300)
        return [json.loads(body) for _, body in self.deliveries]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_webhooks_are_signed_and_batched(practice: Any, receiver: Receiver) -> None:
    practice.set(webhook_url=receiver.url, webhook_secret="s3cret")
    native = practice.native()
    inputs = [{"id": each, "properties": {"city": "Rome", "zip": "1"}} for each in list(native.values())[:18]]
    inputs += [{"id": native["L0"], "properties": {"city": "Oslo"}}]
    practice.request("POST", "/crm/v3/objects/contacts/batch/update", json={"inputs": inputs[:18]})
    events = receiver.wait(1)[0]
    assert len(events) == 36 and {event["subscriptionType"] for event in events} == {"contact.propertyChange"}
    assert {event["propertyName"] for event in events} == {"city", "zip"}
    assert all({"objectId", "eventId", "portalId", "occurredAt", "attemptNumber"} <= set(event) for event in events)
    headers, body = receiver.deliveries[0]
    stamp = headers["X-HubSpot-Request-Timestamp"]
    uri = receiver.url.replace("%3F", "?")
    message = b"POST" + uri.encode() + body + stamp.encode()
    expected = base64.b64encode(hmac.new(b"s3cret", message, hashlib.sha256).digest()).decode()
    assert headers["X-HubSpot-Signature-v3"] == expected
    assert headers["X-HubSpot-Signature"] == hashlib.sha256(b"s3cret" + body).hexdigest()


def test_the_clients_own_check_accepts_the_signature(practice: Any, receiver: Receiver) -> None:
    url = receiver.url.split("/hook")[0] + "/hook"
    practice.set(webhook_url=url, webhook_secret="s3cret")
    practice.edit(by="u-ada", leads=[{"id": "L1", "stage": "customer"}])
    events = receiver.wait(1)[0]
    assert {event["changeSource"] for event in events} == {"CRM_UI"}
    headers, body = receiver.deliveries[0]
    assert Signature.is_valid(
        signature=headers["X-HubSpot-Signature-v3"],
        client_secret="s3cret",
        request_body=body.decode(),
        http_uri=url,
        signature_version="v3",
        timestamp=headers["X-HubSpot-Request-Timestamp"],
    )


def test_webhooks_are_tried_again_and_can_come_twice(practice: Any, receiver: Receiver) -> None:
    receiver.statuses = [500, 500]
    practice.set(webhook_url=receiver.url, webhook_retry_seconds=0.01)
    contact = practice.native()["L0"]
    practice.request("DELETE", f"/crm/v3/objects/contacts/{contact}")
    tries = receiver.wait(3)
    assert [batch[0]["attemptNumber"] for batch in tries] == [0, 1, 2]
    assert {batch[0]["subscriptionType"] for batch in tries} == {"contact.deletion"}
    practice.set(webhook_duplicates=1.0)
    practice.request("POST", "/crm/v3/objects/contacts", json={"properties": {"email": "w@x.example"}})
    twice = receiver.wait(2)[-2:]
    assert [event["eventId"] for event in twice[0]] == [event["eventId"] for event in twice[1]]
    assert twice[0][0]["subscriptionType"] == "contact.creation"


def test_a_refused_write_tells_nobody(practice: Any, receiver: Receiver) -> None:
    practice.set(webhook_url=receiver.url)
    contact = practice.native()["L0"]
    rows = [{"id": contact, "properties": {"nonsense": "1"}}, {"id": contact + "0000", "properties": {"city": "x"}}]
    practice.request("POST", "/crm/v3/objects/contacts/batch/update", json={"inputs": rows})
    practice.request("PATCH", f"/crm/v3/objects/contacts/{contact}", json={"properties": {"nonsense": "1"}})
    practice.request("PATCH", f"/crm/v3/objects/contacts/{contact}", json={"properties": {"city": "Bern"}})
    assert [event["propertyValue"] for event in receiver.wait(1)[0]] == ["Bern"]


def test_profiles(serve: Callable[..., Any]) -> None:
    poor = serve("--leads", "5", "--profile", "quota-poor")
    assert poor.request("GET", "/crm/v3/objects/contacts").headers["X-HubSpot-RateLimit-Daily"] == "400"
