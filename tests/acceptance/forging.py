"""A proxy between crmsync and a practice CRM that replaces what a test names, and passes all else on."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from rehearsal import Rehearsal

from crmsync.values import replace

_HOP = {"connection", "content-length", "transfer-encoding", "server", "date"}


@dataclass(frozen=True)
class Passing:
    """An answer on its way. `path`: of the request, with its query, decoded."""

    method: str
    path: str
    asked: bytes
    status: int
    headers: dict[str, str]
    body: bytes

    def with_body(self, body: bytes) -> Passing:
        """The same with another body."""
        return replace(self, body=body)


Forge = Callable[[Passing], Passing | None]
"""Gives the answer that goes on instead; none leaves it as it is."""
Instead = Callable[[str, str, bytes], tuple[int, bytes] | None]
"""Of a request's method, path and body: status and JSON to answer at once, so that the CRM never sees it."""


@contextmanager
def forged(
    here: Rehearsal, crm: str, forge: Forge = lambda _: None, *, instead: Instead = lambda *_: None
) -> Iterator[None]:
    """Commands given inside reach this CRM through the proxy."""
    target = urlsplit(here.urls[crm])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

        def _any(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if at_once := instead(self.command, unquote_plus(self.path), asked):
                date = {"Date": self.date_time_string(), "Content-Type": "application/json"}
                self._send(Passing(self.command, self.path, asked, at_once[0], date, at_once[1]))
                return
            onward = http.client.HTTPConnection(str(target.hostname), target.port, timeout=300)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            onward.request(self.command, self.path, asked, headers)
            answer = onward.getresponse()
            # Salesforce's sign-in names the address that all calls go to.
            body = answer.read().replace(here.urls[crm].encode(), url.encode())
            onward.close()
            passing = Passing(
                self.command, unquote_plus(self.path), asked, answer.status, dict(answer.getheaders()), body
            )
            self._send(forge(passing) or passing)

        def _send(self, passing: Passing) -> None:
            self.send_response_only(passing.status)
            told = {name: value for name, value in passing.headers.items() if name.lower() not in _HOP - {"date"}}
            for name, value in told.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(passing.body)))
            self.end_headers()
            self.wfile.write(passing.body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815 - the names http.server looks for

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # the client has had enough
    url = f"http://127.0.0.1:{server.server_address[1]}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    here.change("crmsync.yaml", lambda data: data["connections"][crm]["options"].update(url=url))
    try:
        yield
    finally:
        here.change("crmsync.yaml", lambda data: data["connections"][crm]["options"].update(url=here.urls[crm]))
        server.shutdown()
        server.server_close()
