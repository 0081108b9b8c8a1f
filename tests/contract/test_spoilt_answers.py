"""Whatever stands in a field of a CRM's answer, a connector says what is wrong, or goes on without the one record."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import crmsync_hubspot.transport as hubspot
import crmsync_salesforce.transport as salesforce
from crmsync.contract import Connector, Creation, PullRequest, Write
from crmsync.errors import CrmsyncError
from crmsync_hubspot.connection import HubSpotConnector
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings
from suite.breadth import broadly
from suite.practice import PracticeServer
from suite.spoilt import Spoiler, check_shape

EVERY = os.environ.get("CRMSYNC_SPOILT_EVERY")
"""Every so many-th case is tried; 1 tries all, which takes minutes."""


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    server = PracticeServer("--crm", "both", "--leads", "6", "--seed", "5")
    yield server.urls
    server.end()


@pytest.fixture
def spoiler(monkeypatch: pytest.MonkeyPatch) -> Spoiler:
    """Between both connectors and their answers."""
    spoiler = Spoiler()
    once, client = hubspot.Transport._once, salesforce.Salesforce
    restful, query = client.restful, client.query

    def answered(self: Any, doing: str, *rest: Any) -> hubspot.Answer:
        headers = {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}
        return hubspot.Answer(spoiler(doing, lambda: once(self, doing, *rest).body), headers)

    def rest(self: Any, path: str, *more: Any, **options: Any) -> Any:
        what = f"{options.get('method', 'GET')} {path.partition('?')[0]}"
        if path == "composite":
            what += f" of {options['json']['compositeRequest'][0]['referenceId']}"
        return spoiler(what, lambda: restful(self, path, *more, **options))

    def queried(self: Any, soql: str, *more: Any, **options: Any) -> Any:
        what = f"query on {soql.partition(' FROM ')[2].split()[0]}"
        return spoiler(what, lambda: query(self, soql, *more, **options))

    monkeypatch.setattr(hubspot.Transport, "_once", answered)
    monkeypatch.setattr(client, "restful", rest)
    monkeypatch.setattr(client, "query", queried)
    return spoiler


@dataclass(frozen=True)
class Small:
    """What a small run asks for."""

    lead: str
    fields: tuple[str, ...]
    stage: str
    activities: tuple[str, ...]
    task: tuple[str, str]
    ids: list[str]

    def work(self, connector: Connector) -> None:
        """Ask for all that a run asks for, and look at the shape of what comes; for the same leads each time."""
        try:
            for told in (connector.org(), connector.currencies(), connector.users(), connector.fields(self.lead)):
                check_shape(told)
            for name, wanted in {self.lead: self.fields, **dict.fromkeys(self.activities, ())}.items():
                leads_object = None if name == self.lead else self.lead
                pages = list(connector.pull(PullRequest(name, wanted, leads_object)))
                if name == self.lead and not self.ids:
                    self.ids.extend([id_ for page in pages for id_ in page.records["@id"]][:3])
                list(connector.pull(PullRequest(name, wanted, leads_object, pages[-1].cursor)))
            connector.read(self.lead, self.ids, (self.stage,))
            connector.push(self.lead, [Write(id_, {self.stage: "lead"}, {self.stage: "lead"}) for id_ in self.ids])
            task, subject = self.task
            connector.create(task, self.lead, [Creation(id_, {subject: "Call"}, (subject,)) for id_ in self.ids])
        finally:
            connector.close()


def check(spoiler: Spoiler, work: Callable[[], None], every: int) -> None:
    """Each place of each answer with one kind of wrong value after the other."""
    work()
    assert len(spoiler.cases()) > 4_000
    assert list(spoiler.faults(work, CrmsyncError, every=int(EVERY or every))) == []


@pytest.mark.parametrize("every", broadly([41, 13]))
def test_salesforce(urls: dict[str, str], spoiler: Spoiler, every: int) -> None:
    given: Any = {"url": urls["salesforce"], "access_token": "00D!practice", "attempts": 1}
    small = Small("Lead", ("Status", "OwnerId", "CreatedDate"), "Status", ("Task",), ("Task", "Subject"), [])
    check(spoiler, lambda: small.work(SalesforceConnector(SalesforceSettings(**given), sleep=lambda _: None)), every)


@pytest.mark.breadth
@pytest.mark.parametrize("every", [41, 13])
def test_hubspot(urls: dict[str, str], spoiler: Spoiler, tmp_path: Path, every: int) -> None:
    given: Any = {
        "url": urls["hubspot"],
        "access_token": "pat-eu1-practice",
        "attempts": 1,
        "calls_per_10_seconds": 10_000,
        "searches_per_second": 10_000,
        "refresh_token_file": tmp_path / "tokens.json",
    }
    small = Small(
        "contacts",
        ("lifecyclestage", "createdate"),
        "lifecyclestage",
        ("tasks", "form_submissions"),
        ("tasks", "hs_task_subject"),
        [],
    )
    check(spoiler, lambda: small.work(HubSpotConnector(HubSpotSettings(**given))), every)
