"""A tiny loopback server that answers as a test tells it: the client's traffic goes over real sockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crmsync_hubspot.connector import HubSpotConnector
from crmsync_hubspot.settings import HubSpotSettings

CLOCK = "Sat, 21 Nov 2026 12:00:00 GMT"


@dataclass
class Seen:
    """A request as it came in. `json`: its decoded body, if it is JSON."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    port: int
    target: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """What to answer. `cut`: close after so many bytes of the body; `drop`: close without an answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    drop: bool = False
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0


class Forge:
    """The server. `answer` decides on every request; `seen` keeps them all."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Reply] = lambda _: Reply(404, {"status": "error", "message": "nothing here"})
        self.date = CLOCK
        forge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def date_time_string(self, timestamp: float | None = None) -> str:
                return forge.date

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                seen = Seen(
                    self.command,
                    parts.path,
                    parse_qs(parts.query, keep_blank_values=True),
                    {name.lower(): value for name, value in self.headers.items()},
                    body,
                    self.client_address[1],
                    self.path,
                )
                forge.seen.append(seen)
                self._send(forge.answer(seen))

            def _send(self, reply: Reply) -> None:
                time.sleep(reply.delay_seconds)
                self.close_connection = reply.drop or reply.cut is not None
                if reply.drop:
                    return
                raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body or {}).encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if reply.drip_seconds:
                    for byte in raw:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        time.sleep(reply.drip_seconds)
                    return
                self.wfile.write(raw if reply.cut is None else raw[: reply.cut])

            do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names http.server looks for

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def script(self, *replies: Reply) -> None:
        """Answer with these in turn, and with the last one ever after."""
        waiting = list(replies)
        self.answer = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def forge() -> Iterator[Forge]:
    """A fresh server."""
    server = Forge()
    yield server
    server.close()


@pytest.fixture
def reply() -> type[Reply]:
    """The answer class, for tests that forge answers."""
    return Reply


QUICK: dict[str, Any] = {
    "access_token": "pat-eu1-practice",
    "timeout_seconds": 5.0,
    "longest_wait_seconds": 0.02,
    "calls_per_10_seconds": 10_000,
    "searches_per_second": 10_000,
}
"""Settings that wait for nothing longer than a test should."""


@pytest.fixture
def connect() -> Iterator[Callable[..., HubSpotConnector]]:
    """Opens connectors with quick settings: `connect(url, **other_settings)`; closes them after the test."""
    opened: list[HubSpotConnector] = []

    def open_(url: str, **settings: Any) -> HubSpotConnector:
        opened.append(HubSpotConnector(HubSpotSettings(**{**QUICK, "url": url, **settings})))
        return opened[-1]

    yield open_
    for connector in opened:
        connector.close()
