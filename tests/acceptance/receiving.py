"""Hooks of a rehearsal: a free address for them, and what is sent there as CRMs and others send it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rehearsal import Rehearsal

WEBHOOK_SECRET = "practice-client-secret"  # of `practice serve --hooks`
MESSAGE_KEY = "practice-outbound-key"
TOUCH_SECRET = "practice-touch-secret"
PORTAL, ORGANIZATION = 24_601_377, "00DKp0000000001MAA"


@contextmanager
def hooks_at() -> Iterator[str]:
    """An address that is free now, and is not given to anybody else by the system while the block runs."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def address(here: Rehearsal) -> str:
    """Where the service takes hooks."""
    text = here.file("crmsync.yaml").read_text(encoding="utf-8")
    return f"http://{text.partition('listen: ')[2].partition('}')[0].split()[0].strip()}"


def posted(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def touched(here: Rehearsal, connection: str, leads: Sequence[str], **wrong: Any) -> int:
    """The status of a signed touch. `wrong`: `secret`, `at` (seconds since 1970)."""
    body = json.dumps({"connection": connection, "leads": list(leads)}).encode()
    timestamp = str(int(wrong.get("at", time.time())))
    secret = wrong.get("secret", TOUCH_SECRET).encode()
    signature = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Crmsync-Timestamp": timestamp, "X-Crmsync-Signature": signature}
    return posted(f"{address(here)}/hooks/touch", body, headers)[0]


def event(number: str, **more: Any) -> dict[str, Any]:
    """A webhook event of HubSpot's."""
    return {
        "eventId": 1,
        "subscriptionId": 25,
        "portalId": PORTAL,
        "appId": 1,
        "occurredAt": int(time.time() * 1000),
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": int(number),
        "propertyName": "firstname",
        "propertyValue": "Somebody else",
        "changeSource": "CRM_UI",
        **more,
    }


def signed(url: str, body: bytes, secret: str = WEBHOOK_SECRET, at: float | None = None) -> dict[str, str]:
    """The headers by which HubSpot says that it is HubSpot."""
    timestamp = str(int((time.time() if at is None else at) * 1000))
    digest = hmac.new(secret.encode(), b"POST" + url.encode() + body + timestamp.encode(), hashlib.sha256).digest()
    return {
        "X-HubSpot-Request-Timestamp": timestamp,
        "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
    }


def webhook(here: Rehearsal, events: Sequence[Mapping[str, Any]], **wrong: Any) -> int:
    """The status of a delivery of HubSpot's. `wrong`: `secret`, `at` (seconds since 1970)."""
    url, body = f"{address(here)}/hooks/hubspot", json.dumps(list(events)).encode()
    return posted(url, body, signed(url, body, **wrong))[0]


def message(records: Sequence[tuple[str, str]], organization: str = ORGANIZATION) -> bytes:
    """An outbound message of Salesforce's about these (object, id)."""
    notifications = "".join(
        f"<Notification><Id>04l{place:012d}AAA</Id>"
        f'<sObject xsi:type="sf:{name}" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>{number}</sf:Id>'
        "<sf:LastName>Somebody else</sf:LastName></sObject></Notification>"
        for place, (name, number) in enumerate(records)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">'
        f"<OrganizationId>{organization}</OrganizationId><ActionId>04k000000000001AAA</ActionId>"
        f"<SessionId>00DSECRETSESSION</SessionId>{notifications}</notifications></soapenv:Body></soapenv:Envelope>"
    ).encode()


def outbound(here: Rehearsal, body: bytes, key: str | None = MESSAGE_KEY) -> tuple[int, bytes]:
    """Status and body of the answer to an outbound message."""
    query = "" if key is None else f"?key={key}"
    return posted(f"{address(here)}/hooks/salesforce{query}", body, {"Content-Type": "text/xml; charset=utf-8"})
