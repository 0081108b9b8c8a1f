"""One HTTP exchange as the practice CRM's middleware handles it: a buffered request, a captured answer,
and the means to break the connection for real.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONNECTION = "practice.connection"
"""Key in `scope["extensions"]` under which the server puts the asyncio transport."""

LARGEST_BODY_BYTES = 256 * 1024 * 1024


@dataclass
class Answer:
    """A complete response, not yet sent."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def send(self, send: Send) -> None:
        """Sends it whole."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def read_body(receive: Receive) -> bytes | None:
    """The whole request body; None when the client went away or the body is beyond all sense."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def run(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Runs the app on a buffered body and captures its answer."""
    answer = Answer()
    parts: list[bytes] = []
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    answer.body = b"".join(parts)
    return answer


def retry_after(seconds: float) -> str:
    """The value of a Retry-After header: whole seconds, upwards, because clients break on fractions."""
    return str(math.ceil(max(seconds, 0)))


def abort(scope: Scope) -> None:
    """Resets the connection: the client sees it closed without an answer."""
    _transport(scope).abort()


async def send_cut(scope: Scope, send: Send, answer: Answer, keep_bytes: int) -> None:
    """Announces the whole body, sends only its beginning, then closes the connection."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    headers.append((b"content-length", str(max(len(answer.body), keep_bytes + 1)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body[:keep_bytes], "more_body": True})
    _transport(scope).close()


def _transport(scope: Scope) -> asyncio.Transport:
    transport = (scope.get("extensions") or {}).get(CONNECTION)
    if transport is None:
        raise ConnectionAbortedError("this server cannot break connections")
    return cast(asyncio.Transport, transport)
