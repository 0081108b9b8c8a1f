"""A practice HubSpot as a real process, and the check that everything it said conforms to the client's schemas."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import hubspot
import pytest
import requests

from suite.practice import PracticeServer

TOKEN = "pat-na1-practice"


def _load(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def hubspot_schemas() -> ModuleType:
    """The schema checker."""
    return _load("hubspot_schemas")


@dataclass
class Practice:
    """One running portal."""

    url: str

    def request(self, method: str, path: str, *, token: str = TOKEN, **kwargs: Any) -> requests.Response:
        """A plain request with a token."""
        headers = {"Authorization": f"Bearer {token}", **kwargs.pop("headers", {})}
        return requests.request(method, self.url + path, headers=headers, timeout=300, **kwargs)

    def control(self, method: str, path: str, **kwargs: Any) -> Any:
        """The control API's answer; anything but 200 fails."""
        answer = requests.request(method, f"{self.url}/_practice/{path}", timeout=300, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, **payload: Any) -> Any:
        """A person's change in the CRM."""
        return self.control("POST", "edit", json=payload)

    def set(self, **settings: Any) -> None:
        """Turns the portal's switches."""
        self.control("PUT", "switches", json=settings)

    def native(self) -> dict[str, str]:
        """Native ids of leads by import id."""
        return {lead["id"]: lead["native_id"] for lead in self.control("GET", "state")["leads"]}


def _start(*arguments: str) -> tuple[PracticeServer, Practice]:
    server = PracticeServer("--crm", "hubspot", *arguments)
    return server, Practice(server.urls["hubspot"])


Serve = Callable[..., Practice]


def _serving(hubspot_schemas: ModuleType) -> Iterator[Serve]:
    running: list[tuple[PracticeServer, Practice]] = []

    def serve(*arguments: str) -> Practice:
        running.append(_start("--record", *arguments))
        return running[-1][1]

    yield serve
    problems: list[str] = []
    schemas = hubspot_schemas.Schemas()
    for server, practice in running:
        exchanges = practice.control("GET", "requests")
        injected = practice.control("GET", "faults")
        for exchange in exchanges:
            problems += hubspot_schemas.check_exchange(schemas, exchange)
            if (exchange["status"] or 0) >= 500 and not injected:
                problems.append(f"unasked {exchange['status']} at {exchange['method']} {exchange['path']}")
        stderr = server.end()
        if "Traceback" in stderr:
            problems.append(stderr)
    assert not problems, "\n".join(problems[:40])


@pytest.fixture
def large() -> Iterator[Practice]:
    """Many generated leads with their activities; nothing is recorded."""
    server, practice = _start("--leads", "20000", "--today", "2026-11-20")
    yield practice
    server.end()


@pytest.fixture
def serve(hubspot_schemas: ModuleType) -> Iterator[Serve]:
    """Starts portals with the given options; afterwards every exchange must conform."""
    yield from _serving(hubspot_schemas)


@pytest.fixture(scope="module")
def serve_module(hubspot_schemas: ModuleType) -> Iterator[Serve]:
    """The same for a whole module."""
    yield from _serving(hubspot_schemas)


@pytest.fixture
def practice(serve: Serve, world: Path) -> Practice:
    """A portal of one's own with the small world."""
    return serve("--import", str(world), "--today", "2026-11-20")


@pytest.fixture(scope="module")
def shared(serve_module: Serve) -> Practice:
    """A portal with 250 generated leads that a module's reading tests share."""
    return serve_module("--leads", "250", "--seed", "7", "--today", "2026-11-20")


def client_of(practice: Practice, token: str = TOKEN) -> hubspot.HubSpot:
    """The official client, unmodified."""
    return hubspot.Client.create(access_token=token, host=practice.url, base_url=practice.url)


@pytest.fixture
def client(practice: Practice) -> hubspot.HubSpot:
    """The official client on a portal of one's own."""
    return client_of(practice)


@pytest.fixture
def reader(shared: Practice) -> hubspot.HubSpot:
    """The official client on the shared portal."""
    return client_of(shared)


USERS: list[dict[str, Any]] = [
    {"id": "u-ada", "type": "person", "name": "Ada van Berg", "email": "ada@firm.example", "roles": ["bdr"],
     "active": True, "team": "North", "territories": ["NL"], "timezone": "Europe/Amsterdam"},
    {"id": "u-bo", "type": "person", "name": "Bo", "email": "bo@firm.example", "roles": ["ae"], "active": True,
     "team": "South", "territories": [], "timezone": None},
    {"id": "u-gone", "type": "person", "name": "Gus Gone", "email": "gus@firm.example", "roles": ["ae"],
     "active": False, "team": None, "territories": [], "timezone": None},
    {"id": "u-queue", "type": "queue", "name": "Inbound", "email": None, "roles": [], "active": True, "team": None,
     "territories": [], "timezone": None},
]  # fmt: skip


def lead(number: int, **fields: Any) -> dict[str, Any]:
    """A lead of the small world."""
    return {
        "id": f"L{number}",
        "email": f"p{number}@corp{number % 3}.example",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "company": f"Corp {number % 3}",
        "owner": ["u-ada", "u-bo", None][number % 3],
        "stage": ["lead", "mql", "sal", "sql", "sqo", "disqualified", None, "customer"][number % 8],
        "created_at": f"2026-10-{1 + number % 28:02d}T08:00:00.250Z",
        "modified_at": f"2026-11-{1 + number % 15:02d}T09:30:00Z",
        "attributes": {
            "industry": ["Software", "Retail"][number % 2],
            "employees": 10 * number,
            "title": "Head of Ops",
            "deal_urgency": ["high", "low", None][number % 3],
            "newsletter": [True, False, None][number % 3],
            "discount": 12.5,
            "goals": f"Goal number {number}",
        },
        **fields,
    }


def activity(number: int, kind: str, **fields: Any) -> dict[str, Any]:
    """An activity of the small world."""
    return {
        "id": f"A{number}",
        "lead": f"L{number % 16}",
        "kind": kind,
        "at": f"2026-11-{1 + number % 19:02d}T{number % 24:02d}:15:30.125Z",
        "direction": ["inbound", "outbound", None][number % 3],
        "outcome": None,
        "by": ["u-ada", None, "u-gone"][number % 3],
        "subject": f"Subject {number % 4}",
        **fields,
    }


KINDS = (
    "form_submission", "newsletter_signup", "content_download", "webinar", "event", "demo", "pricing_talk",
    "discovery_call", "discovery_workshop", "consultation_request", "call", "email", "meeting", "note", "task",
    "made up Kind",
)  # fmt: skip
OUTCOMES = (
    "connected",
    "no_answer",
    "left_voicemail",
    "completed",
    "scheduled",
    "no_show",
    "canceled",
    "replied",
    None,
)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An import directory: every stage, every kind with every outcome, doubles, a lead without an e-mail."""
    leads = [lead(number) for number in range(16)]
    leads.append(lead(16, email="p1@corp1.example"))
    leads.append(lead(17, email=None, owner="u-gone", attributes={}))
    pairs = [(kind, outcome) for kind in KINDS for outcome in OUTCOMES]
    activities = [activity(number, kind, outcome=outcome) for number, (kind, outcome) in enumerate(pairs)]
    activities.append(activity(900, "meeting", outcome="scheduled", at="2026-11-20T23:59:59Z"))
    directory = tmp_path_factory.mktemp("world")
    for name, rows in (("users", USERS), ("leads", leads), ("activities", activities)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (directory / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return directory
