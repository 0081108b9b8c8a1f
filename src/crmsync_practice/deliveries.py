"""What a CRM sends by itself: posted to a receiver on loopback, and tried again when it is not taken.

One thread of its own sends, so that a slow receiver never holds up the CRM.
"""

from __future__ import annotations

import http.client
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5.0


def on_loopback(url: str) -> bool:
    """Whether an address is plain HTTP to this machine, in ASCII and with a port that exists."""
    try:
        parts = urlsplit(url)
        port_exists = parts.port is None or parts.port > 0
    except ValueError:
        return False
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return here and port_exists and url.isascii() and url.isprintable() and " " not in url


def posted(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes] | None:
    """One POST: status and body of the answer; None when none came in time."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", target, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return None


@dataclass
class _Delivery:
    send: Callable[[int], bool]
    attempt: int
    due: float


class Deliveries:
    """Deliveries of one CRM. `retry_seconds`: until the first new try; each further one takes so much longer."""

    def __init__(self, name: str, retry_seconds: Callable[[], float], most_retries: int) -> None:
        self._name = name
        self._retry_seconds = retry_seconds
        self._most_retries = most_retries
        self._queue: queue.SimpleQueue[_Delivery] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, send: Callable[[int], bool]) -> None:
        """Takes a delivery over. `send` is told how often it was tried; it says if it was taken."""
        self._queue.put(_Delivery(send, 0, 0.0))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
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
                if not delivery.send(delivery.attempt) and delivery.attempt < self._most_retries:
                    pause = self._retry_seconds() * (1 + delivery.attempt)
                    waiting.append(_Delivery(delivery.send, delivery.attempt + 1, time.monotonic() + pause))
