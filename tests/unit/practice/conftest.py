"""A Salesforce side in this process, called as an ASGI app."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest

from crmsync_practice.backend import PracticeContext
from crmsync_practice.generate import generate_world
from crmsync_practice.salesforce import SalesforceSide
from crmsync_practice.serve import application
from crmsync_practice.world import World

TODAY = date(2026, 11, 20)


@dataclass
class Answered:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class InProcess:
    """A side behind its middleware, without sockets."""

    def __init__(self, world: World, timezone: str = "UTC", lead_object: str | None = None) -> None:
        self.context = PracticeContext("salesforce", timezone, TODAY, lead_object=lead_object)
        self.side = SalesforceSide(self.context)
        self.side.load(world)
        self.app = application(self.side, self.context)

    def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, query: str = ""
    ) -> Answered:
        """Sends one request; `path` and `query` as they would stand on the wire."""
        given = {"authorization": "Bearer token", **(headers or {})}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "headers": [
                (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
                for name, value in given.items()
            ],
            "server": ("127.0.0.1", 80),
            "root_path": "",
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        headers_out = {name.decode().lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answered(sent[0]["status"], headers_out, b"".join(each.get("body", b"") for each in sent[1:]))

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """All records of a statement that fits one page."""
        where = "queryAll" if everything else "query"
        answer = self.call("GET", f"/services/data/v59.0/{where}", query=f"q={quote(soql)}")
        assert answer.status == 200, answer.body
        records: list[dict[str, Any]] = answer.json()["records"]
        return records


@pytest.fixture(scope="session")
def org() -> InProcess:
    """A made-up org with 400 leads; tests that share it do not change it."""
    return InProcess(generate_world(400, 11, TODAY, "UTC"))
