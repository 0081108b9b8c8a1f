"""A HubSpot side in this process, and requests to it without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from starlette.requests import Request

from crmsync_practice.backend import PracticeContext
from crmsync_practice.generate import generate_world
from crmsync_practice.hubspot import HubSpotSide
from crmsync_practice.hubspot.settings import Settings
from crmsync_practice.records import Activity, Lead, User, World

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


class Inside:
    """A side with a shortcut past the server; exceptions come through."""

    def __init__(self, side: HubSpotSide) -> None:
        self.side = side

    def raw(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of one request; `path` is percent-encoded."""
        sent = {"authorization": "Bearer x", "host": "127.0.0.1:9", **(headers or {})}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode("latin-1", "replace"),
            "query_string": query.encode("latin-1", "replace"),
            "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()],
        }
        response = self.side.dispatcher.respond(Request(scope), body)
        return response.status_code, bytes(response.body)

    def ask(self, method: str, path: str, body: Any = None, query: str = "") -> Any:
        """The decoded answer of a request that must succeed."""
        status, text = self.raw(method, path, query, b"" if body is None else json.dumps(body).encode())
        assert status < 300, text
        return json.loads(text) if text else None

    def search(self, kind: str, *filters: dict[str, Any], **more: Any) -> list[str]:
        """Ids a search finds, in order."""
        body = {"filterGroups": [{"filters": list(filters)}] if filters else [], "limit": 200, **more}
        found: list[str] = [
            each["id"] for each in self.ask("POST", f"/crm/v3/objects/{kind}/search", body)["results"]
        ]
        return found


Build = Callable[..., Inside]


@pytest.fixture(scope="session")
def build() -> Build:
    """Makes a side with the given leads, activities and users."""

    def make(
        leads: list[Lead] | None = None,
        activities: list[Activity] | None = None,
        users: list[User] | None = None,
        lead_object: str | None = None,
        **settings: Any,
    ) -> Inside:
        context = PracticeContext(crm="hubspot", timezone="UTC", today=TODAY, lead_object=lead_object)
        side = HubSpotSide(context, Settings(**settings))
        side.load(World(tuple(users or ()), tuple(leads or ()), tuple(activities or ())))
        return Inside(side)

    return make


@pytest.fixture(scope="module")
def generated() -> Inside:
    """A side with 400 generated leads, for reading."""
    context = PracticeContext(crm="hubspot", timezone="Europe/Berlin", today=TODAY)
    side = HubSpotSide(context)
    side.load(generate_world(400, 3, TODAY, "Europe/Berlin"))
    return Inside(side)


@pytest.fixture(scope="session")
def lead() -> Callable[..., Lead]:
    """Makes a lead with little on it."""

    def make(number: int = 1, **fields: Any) -> Lead:
        given: dict[str, Any] = {
            "id": f"L{number}",
            "email": f"l{number}@x.example",
            "first_name": "F",
            "last_name": "L",
            "company": None,
            "owner": None,
            "stage": None,
            "created_at": AT,
            "modified_at": AT,
            **fields,
        }
        return Lead(**given)

    return make
