"""Whatever stands in a field of a CRM's answer, a connector says what is wrong, or goes on without the one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import crmsync_hubspot.transport as hubspot
import crmsync_salesforce.transport as salesforce
import crmsync_salesforce.write as salesforce_write
from crmsync.contract import Connector, Creation, PullRequest, Write
from crmsync.errors import CrmsyncError
from crmsync_hubspot.connection import HubSpotConnector
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings
from suite.practice import PracticeServer
from suite.spoilt import Spoiler, check_shape


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    server = PracticeServer("--crm", "both", "--leads", "12", "--seed", "5")
    yield server.urls
    server.end()


@pytest.fixture
def spoiler(monkeypatch: pytest.MonkeyPatch) -> Spoiler:
    """Between both connectors and their answers."""
    spoiler = Spoiler()
    once, attempt, look = hubspot.Transport._once, salesforce.Transport._attempt, salesforce_write.read_write_read

    def answered(self: Any, doing: str, *rest: Any) -> hubspot.Answer:
        headers = {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}
        return hubspot.Answer(spoiler(doing, lambda: once(self, doing, *rest).body), headers)

    def attempted(self: Any, what: str, function: Callable[[Any], Any], *rest: Any) -> Any:
        if what.startswith("a write to"):  # its parts are spoilt as they come
            return attempt(self, what, function, *rest)
        return attempt(self, what, lambda client: spoiler(what, lambda: function(client)), *rest)

    monkeypatch.setattr(hubspot.Transport, "_once", answered)
    monkeypatch.setattr(salesforce.Transport, "_attempt", attempted)
    monkeypatch.setattr(
        salesforce_write, "read_write_read", lambda *it: spoiler("read, write, read", lambda: look(*it))
    )
    return spoiler


def small_run(
    connector: Connector, lead: str, fields: tuple[str, ...], stage: str, subject: str, activities: tuple[str, ...]
) -> None:
    """What a run asks of a connector, and the shape of all that it gives."""
    task = "Task" if lead == "Lead" else "tasks"
    try:
        for told in (connector.org(), connector.currencies(), connector.users(), connector.fields(lead)):
            check_shape(told)
        kinds = {lead: fields}
        kinds |= dict.fromkeys(activities, ())
        ids: list[str] = []
        for name, wanted in kinds.items():
            leads_object = None if name == lead else lead
            pages = list(connector.pull(PullRequest(name, wanted, leads_object)))
            if name == lead:
                ids = [id_ for page in pages for id_ in page.records["@id"]][:3]
            list(connector.pull(PullRequest(name, wanted, leads_object, pages[-1].cursor)))
        held = connector.read(lead, ids, (stage,))
        writes = [
            Write(row["@id"], {stage: row[stage]}, {stage: row[stage]}) for row in held.records.iter_rows(named=True)
        ]
        connector.push(lead, writes)
        connector.create(task, lead, [Creation(id_, {subject: "Call"}, (subject,)) for id_ in ids])
    finally:
        connector.close()


def test_salesforce(urls: dict[str, str], spoiler: Spoiler) -> None:
    given: Any = {"url": urls["salesforce"], "access_token": "00D!practice", "attempts": 1}

    def work() -> None:
        connector = SalesforceConnector(SalesforceSettings(**given), sleep=lambda _: None)
        small_run(connector, "Lead", ("Status", "OwnerId", "CreatedDate"), "Status", "Subject", ("Task",))

    work()
    assert len(spoiler.cases()) > 1_000
    assert list(spoiler.faults(work, CrmsyncError)) == []


def test_hubspot(urls: dict[str, str], spoiler: Spoiler, tmp_path: Path) -> None:
    given: Any = {
        "url": urls["hubspot"],
        "access_token": "pat-eu1-practice",
        "attempts": 1,
        "calls_per_10_seconds": 10_000,
        "searches_per_second": 10_000,
        "refresh_token_file": tmp_path / "tokens.json",
    }

    def work() -> None:
        connector = HubSpotConnector(HubSpotSettings(**given))
        small_run(
            connector,
            "contacts",
            ("lifecyclestage", "createdate"),
            "lifecyclestage",
            "hs_task_subject",
            ("tasks", "form_submissions"),
        )

    work()
    assert len(spoiler.cases()) > 1_000
    assert list(spoiler.faults(work, CrmsyncError)) == []
