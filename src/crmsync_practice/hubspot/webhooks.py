"""Sends webhook events the way HubSpot does: batches, v3 signatures, retries, now and then a duplicate.

Wire notes, section 7.3 (DOC): a POST of a JSON array of fewer than 100 events, answered with 2xx within five seconds,
else tried again up to ten times; no order is promised. One thread of its own sends, so that a slow receiver never
holds up the portal. Only receivers on loopback are served.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Callable
from typing import Any

import msgspec

from crmsync_practice.deliveries import Deliveries, posted
from crmsync_practice.hubspot.settings import Settings

MOST_EVENTS = 99
MOST_RETRIES = 10
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
    "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip


def signature_v3(secret: str, method: str, uri: str, body: bytes, timestamp_ms: str) -> str:
    """`X-HubSpot-Signature-v3`: base64 of HMAC-SHA256 over method, address, raw body and timestamp.

    In the address only the documented escapes are decoded before hashing.
    """
    for escaped, plain in _DECODED.items():
        uri = uri.replace(escaped, plain).replace(escaped.lower(), plain)
    message = method.encode() + uri.encode() + body + timestamp_ms.encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


class Sender:
    """Queues events and delivers them in the background; `now_ms` is the practice clock."""

    def __init__(self, settings: Settings, seed: int, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._draws = random.Random(seed)  # noqa: S311 - repeatable duplicates, not secrets
        self._deliveries = Deliveries("hubspot-webhooks", lambda: settings.webhook_retry_seconds, MOST_RETRIES)
        self._events = 3_816_279_000

    def send(self, events: list[dict[str, Any]]) -> None:
        """Takes events over; returns at once."""
        for event in events:
            self._events += 1
            event["eventId"] = self._events
        for start in range(0, len(events), MOST_EVENTS):
            part = events[start : start + MOST_EVENTS]
            for _ in range(2 if self._draws.random() < self._settings.webhook_duplicates else 1):
                self._deliveries.put(lambda attempt, part=part: self._deliver(part, attempt))  # type: ignore[misc]

    def _deliver(self, events: list[dict[str, Any]], attempt: int) -> bool:
        """One POST; whether it was answered with 2xx in time."""
        url = self._settings.webhook_url
        if url is None:
            return True
        body = msgspec.json.encode([{**event, "attemptNumber": attempt} for event in events])
        timestamp = str(self._now_ms())
        secret = self._settings.webhook_secret
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/) - WebHooks",
            "X-HubSpot-Request-Timestamp": timestamp,
            "X-HubSpot-Signature-v3": signature_v3(secret, "POST", url, body, timestamp),
            "X-HubSpot-Signature": hashlib.sha256(secret.encode() + body).hexdigest(),
            "X-HubSpot-Signature-Version": "v1",
        }
        answer = posted(url, body, headers)
        return answer is not None and 200 <= answer[0] < 300
