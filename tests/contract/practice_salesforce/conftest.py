"""A practice Salesforce org as a real process, and simple-salesforce unmodified in front of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from suite.practice import PracticeServer

DATA = "/services/data/v59.0"


class Loopback(HTTPAdapter):
    """Sends what simple-salesforce addresses to https:// to a port on this machine (it knows no other scheme)."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.headers.setdefault("Host", parts.netloc)
        request.url = urlunsplit(("http", f"127.0.0.1:{self.port}", parts.path, parts.query, ""))
        kwargs["proxies"] = {}
        kwargs["timeout"] = kwargs.get("timeout") or (3, 60)
        return super().send(request, *args, **kwargs)


@dataclass
class Org:
    """One running org."""

    url: str

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def session(self) -> requests.Session:
        """A session whose https:// leads to this org."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", Loopback(self.port))
        return session

    def client(self, **options: Any) -> Salesforce:
        """simple-salesforce, signed in with a token unless told otherwise."""
        given = options or {"instance_url": f"https://127.0.0.1:{self.port}", "session_id": "00Dpractice!token"}
        return Salesforce(session=self.session(), **given)

    def request(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """A plain request with a token; `path` is whole, or relative to the data API."""
        headers = {"Authorization": "Bearer 00Dpractice!token", **kwargs.pop("headers", {})}
        where = path if path.startswith("/") else f"{DATA}/{path}"
        return requests.request(method, self.url + where, headers=headers, timeout=300, **kwargs)

    def query(self, soql: str, *, everything: bool = False) -> list[dict[str, Any]]:
        """All records of a statement."""
        answer = self.request("GET", "queryAll" if everything else "query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        assert answer.json()["done"]
        return records

    def control(self, method: str, path: str, **kwargs: Any) -> Any:
        """The control API's answer; anything but 200 fails."""
        answer = requests.request(method, f"{self.url}/_practice/{path}", timeout=300, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, **payload: Any) -> Any:
        """A person's change in the CRM's own screens."""
        return self.control("POST", "edit", json=payload)

    def switch(self, **switches: Any) -> None:
        """Turns behaviours of the org."""
        self.control("PUT", "switches", json=switches)

    def lead(self, condition: str = "IsConverted = false") -> dict[str, Any]:
        """Some lead."""
        fields = "Id, LastName, Status, OwnerId, LastModifiedDate, SystemModstamp, LastActivityDate"
        return self.query(f"SELECT {fields} FROM Lead WHERE {condition} LIMIT 1")[0]


def start(*options: str) -> tuple[PracticeServer, Org]:
    """Starts an org; the caller ends it with `stop`."""
    server = PracticeServer("--crm", "salesforce", *options)
    return server, Org(server.urls["salesforce"])


def stop(server: PracticeServer) -> None:
    """Ends an org as an operator would, and sees that it ends well and said nothing more."""
    server.end()


Starter = Callable[..., Org]


@pytest.fixture
def start_org() -> Iterator[Starter]:
    """Starts orgs with options; they end with the test."""
    running = []

    def starter(*options: str) -> Org:
        server, org = start(*options)
        running.append(server)
        return org

    yield starter
    for server in running:
        stop(server)


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    """A made-up org with 2,500 leads, shared by the tests of a module."""
    server, org = start("--leads", "2500", "--seed", "7")
    yield org
    stop(server)


@pytest.fixture
def fresh(start_org: Starter) -> Org:
    """A small org of the test's own."""
    return start_org("--leads", "60", "--seed", "3")


def write_world(directory: Path, users: list[Any], leads: list[Any], activities: list[Any]) -> Path:
    """An import directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, rows in (("users", users), ("leads", leads), ("activities", activities)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (directory / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return directory
