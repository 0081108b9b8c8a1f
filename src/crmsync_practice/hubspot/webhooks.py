"""Sends webhook events the way HubSpot does: batches, v3 signatures, retries, now and then a duplicate.

Wire notes, section 7.3 (DOC): a POST of a JSON array of fewer than 100 events, answered with 2xx within five seconds,
else tried again up to ten times; no order is promised. One thread of its own sends, so that a slow receiver never
holds up the portal. Only receivers on loopback are served.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crmsync_practice.hubspot.settings import Settings

MOST_EVENTS = 99
MOST_RETRIES = 10
TIMEOUT_SECONDS = 5.0
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


def on_loopback(url: str) -> bool:
    """Whether an address is plain HTTP to this machine, in ASCII and with a port that exists."""
    try:
        parts = urlsplit(url)
        port_exists = parts.port is None or parts.port > 0
    except ValueError:
        return False
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return here and port_exists and url.isascii() and url.isprintable() and " " not in url


@dataclass
class _Delivery:
    events: list[dict[str, Any]]
    attempt: int
    due: float


class Sender:
    """Queues events and delivers them in the background; `now_ms` is the practice clock."""

    def __init__(self, settings: Settings, seed: int, now_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._queue: queue.SimpleQueue[_Delivery] = queue.SimpleQueue()
        self._draws = random.Random(seed)  # noqa: S311 - repeatable duplicates, not secrets
        self._thread: threading.Thread | None = None
        self._events = 3_816_279_000

    def send(self, events: list[dict[str, Any]]) -> None:
        """Takes events over; returns at once."""
        for event in events:
            self._events += 1
            event["eventId"] = self._events
        for start in range(0, len(events), MOST_EVENTS):
            part = events[start : start + MOST_EVENTS]
            self._queue.put(_Delivery(part, 0, 0.0))
            if self._draws.random() < self._settings.webhook_duplicates:
                self._queue.put(_Delivery(part, 0, 0.0))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="hubspot-webhooks", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        waiting: list[_Delivery] = []
        while True:
            try:
                wait = max(min(each.due for each in waiting) - time.monotonic(), 0.0) if waiting else None
                waiting.append(self._queue.get(timeout=wait))
            except queue.Empty:
                pass
            now = time.monotonic()
            for delivery in [each for each in waiting if each.due <= now]:
                waiting.remove(delivery)
                if not self._deliver(delivery) and delivery.attempt < MOST_RETRIES:
                    pause = self._settings.webhook_retry_seconds * (1 + delivery.attempt)
                    waiting.append(_Delivery(delivery.events, delivery.attempt + 1, time.monotonic() + pause))

    def _deliver(self, delivery: _Delivery) -> bool:
        """One POST; whether it was answered with 2xx in time."""
        url = self._settings.webhook_url
        if url is None:
            return True
        body = msgspec.json.encode([{**event, "attemptNumber": delivery.attempt} for event in delivery.events])
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
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_SECONDS)
            try:
                connection.request("POST", target, body, headers)
                return 200 <= connection.getresponse().status < 300
            finally:
                connection.close()
        except (OSError, http.client.HTTPException):
            return False
