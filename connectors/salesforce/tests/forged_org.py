"""A server on this machine that answers as a Salesforce org might, byte by byte as a test wants it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote_plus


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Forged:
    """An answer. `body`: bytes as they go out, or what becomes JSON. `drip_seconds`: between two bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_seconds: float = 0.0

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Answer = Callable[[Seen], Forged | None]


class ForgedOrg:
    """Signs everybody in; `answer` decides on every other request (none = 404)."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Answer = lambda _: None
        self.token: Answer = lambda _: Forged({"access_token": "00D!t", "instance_url": self.url})
        org = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                seen = Seen(self.command, unquote_plus(self.path), dict(self.headers.items()), body)
                org.seen.append(seen)
                asked = org.token if seen.path.endswith("/oauth2/token") else org.answer
                missing = Forged([{"errorCode": "NOT_FOUND", "message": "not forged"}], 404)
                self._send(asked(seen) or missing)

            def _send(self, forged: Forged) -> None:
                self.send_response(forged.status)
                headers = {"Content-Type": "application/json;charset=UTF-8", **forged.headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(forged.raw)))
                self.end_headers()
                try:
                    if not forged.drip_seconds:
                        self.wfile.write(forged.raw)
                        return
                    for byte in forged.raw:
                        self.wfile.write(bytes([byte]))
                        time.sleep(forged.drip_seconds)
                except OSError:
                    self.close_connection = True  # the client has had enough

            do_GET = do_POST = do_PATCH = _any  # noqa: N815 - the names http.server looks for

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # the client has had enough
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def calls(self, part: str) -> list[Seen]:
        """The requests whose address holds this."""
        return [seen for seen in self.seen if part in seen.path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def forged() -> Iterator[ForgedOrg]:
    """For a fixture."""
    org = ForgedOrg()
    yield org
    org.close()
