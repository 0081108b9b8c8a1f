"""Many leads with their activities, ten pages of a query: all are reached, once, by every way; written in bulk."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .conftest import DATA, start, stop

LEADS = 20_000
"""A page has 2,000."""


class Reader:
    """Reads and writes over one kept connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers.update({"Authorization": "Bearer 00Dpractice!token", "Sforce-Auto-Assign": "FALSE"})

    def call(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        """A request that must succeed."""
        where = path if path.startswith("/") else f"{DATA}/{path}"
        answer = self.session.request(method, self.url + where, timeout=300, **kwargs)
        assert answer.status_code < 300, answer.text
        return answer

    def everything(self, soql: str) -> list[dict[str, Any]]:
        """All records of a statement, page by page."""
        page = json.loads(self.call("GET", "query", params={"q": soql}).content)
        found = page["records"]
        while not page["done"]:
            page = json.loads(self.call("GET", page["nextRecordsUrl"]).content)
            found += page["records"]
        assert len(found) == page["totalSize"]
        return list(found)

    def bulk(self, soql: str) -> list[list[str]]:
        """All rows of a bulk query, in pages of 8,000."""
        job = self.call("POST", "jobs/query", json={"operation": "query", "query": soql}).json()["id"]
        assert self.call("GET", f"jobs/query/{job}").json()["state"] == "JobComplete"
        rows: list[list[str]] = []
        locator = ""
        while locator != "null":
            where = {"maxRecords": "8000", **({"locator": locator} if locator else {})}
            answer = self.call("GET", f"jobs/query/{job}/results", params=where)
            rows += list(csv.reader(io.StringIO(answer.content.decode(), newline="")))[1:]
            locator = answer.headers["Sforce-Locator"]
        return rows


@pytest.fixture
def large() -> Iterator[Any]:
    """An org of its own with many generated leads and their activities."""
    server, org = start("--leads", str(LEADS), "--today", "2026-11-20")
    org.control("PUT", "clock", json={"now": "2026-11-20T12:00:00Z"})  # after a year tasks are put away
    yield org
    stop(server)


@pytest.mark.breadth
def test_many_leads(large: Any) -> None:
    reader = Reader(large.url)
    leads = {each["Id"]: each["Status"] for each in reader.everything("SELECT Id, Status FROM Lead")}
    assert len(leads) == LEADS
    rows = reader.bulk("SELECT Id, Status FROM Lead")
    assert len(rows) == LEADS and {row[0]: row[1] or None for row in rows} == leads

    tasks = reader.everything("SELECT Id, WhoId FROM Task WHERE Who.Type = 'Lead'")
    assert len(tasks) == len({each["Id"] for each in tasks}) > LEADS
    having = Counter(each["WhoId"] for each in tasks)
    busy = reader.call("GET", "query", params={"q": "SELECT COUNT() FROM Lead WHERE Id IN (SELECT WhoId FROM Task)"})
    assert busy.json()["totalSize"] == len(having)

    open_leads = [
        each["Id"] for each in reader.everything("SELECT Id FROM Lead WHERE IsConverted = false LIMIT 5000")
    ]
    job = reader.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "update"}).json()["id"]
    text = "Id,Status\n" + "".join(f"{each},Moved in bulk\n" for each in open_leads)
    reader.call("PUT", f"jobs/ingest/{job}/batches", data=text, headers={"Content-Type": "text/csv"})
    reader.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})
    done = reader.call("GET", f"jobs/ingest/{job}").json()
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (len(open_leads), 0)
    moved = reader.everything("SELECT Id FROM Lead WHERE Status = 'Moved in bulk'")
    assert {each["Id"] for each in moved} == set(open_leads)
