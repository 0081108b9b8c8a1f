"""Two servers for the tests: one that forges answers, and the practice CRM. All traffic goes over sockets."""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crmsync_hubspot.connection import HubSpotConnector
from crmsync_hubspot.settings import HubSpotSettings
from suite.practice import PracticeServer

sys.path.append(str(Path(__file__).parent))  # for what stands beside the tests

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
            disable_nagle_algorithm = True

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
def connect(tmp_path: Path) -> Iterator[Callable[..., HubSpotConnector]]:
    """Opens connectors with quick settings: `connect(url, **other_settings)`; closes them after the test."""
    opened: list[HubSpotConnector] = []
    kept = {"refresh_token_file": tmp_path / "refresh-tokens.json"}

    def open_(url: str, **settings: Any) -> HubSpotConnector:
        opened.append(HubSpotConnector(HubSpotSettings(**{**QUICK, "url": url, **kept, **settings})))
        return opened[-1]

    yield open_
    for connector in opened:
        connector.close()


@pytest.fixture
def knowing(forge: Forge, connect: Callable[..., HubSpotConnector]) -> Callable[..., HubSpotConnector]:
    """Opens connectors that have read already which properties contacts have: `knowing("jobtitle", …)`."""

    def open_(*names: str, **settings: Any) -> HubSpotConnector:
        told = Reply(200, {"results": [{"name": name} for name in names]}, headers={"Connection": "close"})
        answer, forge.answer = forge.answer, lambda _: told
        connector = connect(forge.url, **settings)
        connector.fields("contacts")
        forge.answer = answer
        forge.seen.clear()
        return connector

    return open_


class Practice:
    """The practice CRM as a process of its own, seen from behind: control API and plain requests."""

    def __init__(self, *arguments: str) -> None:
        self._server = PracticeServer("--crm", "hubspot", *arguments)
        self.url = self._server.urls["hubspot"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded answer to a request that the connector has no part in."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer pat-eu1-somebody-else", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            raw = answer.read()
        return json.loads(raw) if raw else None

    def edit(self, by: str | None = None, **tables: list[dict[str, Any]]) -> None:
        """Somebody edits users, leads or activities, in the import's shape."""
        self.call("POST", "/_practice/edit", {**tables, "by": by})

    def faults(self, *rules: dict[str, Any]) -> None:
        """These faults, and no others."""
        self.call("PUT", "/_practice/faults", list(rules))

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Users, leads and activities with their native ids."""
        return self.call("GET", "/_practice/state")

    def tasks(self, contact: str) -> dict[str, str | None]:
        """Subjects of a contact's tasks by id."""
        state = self.state()
        name = next((lead["id"] for lead in state["leads"] if lead["native_id"] == contact), None)
        return {
            task["native_id"]: task["subject"]
            for task in state["activities"]
            if task["kind"] == "task" and task["lead"] == name
        }

    def now(self) -> str:
        """The portal's clock."""
        return self.call("GET", "/_practice/clock")["now"]

    def date(self) -> str:
        """The `Date` header of an answer."""
        request = urllib.request.Request(
            self.url + "/crm/v3/owners?limit=1", headers={"Authorization": "Bearer pat-eu1-somebody-else"}
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return str(answer.headers["Date"])

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """Every request since."""
        return self.call("GET", f"/_practice/requests?after={after}")

    def writes(self) -> list[dict[str, Any]]:
        """Every write."""
        return self.call("GET", "/_practice/log")

    def contacts(self, *names: str) -> dict[str, dict[str, str | None]]:
        """All live contacts' properties by id, by plain list requests."""
        found: dict[str, dict[str, str | None]] = {}
        after = ""
        while True:
            page = self.call(
                "GET",
                f"/crm/v3/objects/contacts?limit=100&properties={','.join(names)}"
                + (f"&after={after}" if after else ""),
            )
            found.update({each["id"]: each["properties"] for each in page["results"]})
            if not page.get("paging"):
                return found
            after = page["paging"]["next"]["after"]

    def close(self) -> None:
        self._server.end()


@pytest.fixture
def start_practice() -> Iterator[Callable[..., Practice]]:
    """Starts practice CRMs: `start_practice("--leads", "200")`; they end with the test."""
    started: list[Practice] = []

    def start(*arguments: str) -> Practice:
        started.append(Practice(*arguments))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture(scope="module")
def shared_practice() -> Iterator[Practice]:
    """One practice CRM of 230 leads for all tests of a module."""
    practice = Practice("--leads", "230", "--seed", "7")
    yield practice
    practice.close()


@pytest.fixture(scope="module")
def leads_practice() -> Iterator[Practice]:
    """One practice CRM whose leads are records of the Leads object, for all tests of a module."""
    practice = Practice("--leads", "60", "--seed", "7", "--hubspot-leads", "leads")
    yield practice
    practice.close()


@pytest.fixture
def practice(shared_practice: Practice) -> Iterator[Practice]:
    """The module's practice CRM, calm again after each test."""
    yield shared_practice
    shared_practice.call("DELETE", "/_practice/faults")
    shared_practice.call("PUT", "/_practice/clock", {"now": None})


@pytest.fixture
def import_directory(tmp_path: Path) -> Callable[..., str]:
    """Writes an import: `import_directory(leads=[…], activities=[…])` gives the directory."""

    def write(**tables: list[dict[str, Any]]) -> str:
        for name in ("users", "leads", "activities"):
            lines = "".join(json.dumps(row) + "\n" for row in tables.get(name, []))
            (tmp_path / f"{name}.jsonl").write_text(lines, encoding="utf-8")
        return str(tmp_path)

    return write
