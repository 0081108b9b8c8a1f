"""A connector that never really waits, forged answers of Salesforce, and practice orgs."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

sys.path.insert(0, str(Path(__file__).parent))

from practice_org import CALM, PracticeOrg, served

from crmsync_salesforce.connection import SalesforceConnector
from crmsync_salesforce.settings import SalesforceSettings

HOST = "https://acme.my.salesforce.com"
DATA = f"{HOST}/services/data/v62.0"

Open = Callable[..., SalesforceConnector]


@pytest.fixture
def waits() -> list[float]:
    """Seconds that the connector wished to wait."""
    return []


@pytest.fixture
def open_connector(waits: list[float], tmp_path: Path) -> Iterator[Open]:
    """Opens connectors to `HOST` with client credentials; keywords change the settings."""
    opened: list[SalesforceConnector] = []

    def open_(**options: Any) -> SalesforceConnector:
        kept = tmp_path / "refresh-tokens.json"
        given = {"url": HOST, "client_id": "key", "client_secret": "s3cret", "refresh_token_file": kept, **options}
        opened.append(
            SalesforceConnector(
                SalesforceSettings(**{name: value for name, value in given.items() if value is not None}),
                sleep=waits.append,
                jitter=random.Random(1),
            )
        )
        return opened[-1]

    yield open_
    for connector in opened:
        connector.close()


@pytest.fixture
def crm() -> Iterator[responses.RequestsMock]:
    """Forged answers; a request that none is forged for fails like a dead connection."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as forged:
        yield forged


@pytest.fixture
def token(crm: responses.RequestsMock) -> responses.RequestsMock:
    """The same, with a sign-in that always succeeds."""
    crm.post(f"{HOST}/services/oauth2/token", json={"access_token": "00D!t", "instance_url": HOST})
    return crm


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """A described field."""
    return {"name": name, "type": kind, "label": name, "updateable": True, **more}


@pytest.fixture
def lead(token: responses.RequestsMock) -> responses.RequestsMock:
    """The same, with a small Lead object described, a watermark, and no composite requests."""
    token.get(
        f"{DATA}/sobjects/Lead/describe",
        json={
            "name": "Lead",
            "replicateable": True,
            "fields": [
                field("Id", "id", updateable=False),
                field("IsDeleted", "boolean", updateable=False),
                field("IsConverted", "boolean", updateable=False),
                field("MasterRecordId", "reference", updateable=False),
                field("SystemModstamp", "datetime", updateable=False),
                field("CreatedDate", "datetime", updateable=False),
                field("Status", "picklist", picklistValues=[{"value": "Open", "active": True}]),
                field("OwnerId", "reference", relationshipName="Owner"),
                field("Company"),
                field("AnnualRevenue", "currency"),
                field("NumberOfEmployees", "int"),
                field("Score__c", "double", calculated=True),
                field("DoNotCall", "boolean"),
            ],
        },
        headers={"Date": "Sat, 21 Nov 2026 12:00:30 GMT"},
    )
    token.post(f"{DATA}/composite", status=404, json=[{"errorCode": "NOT_FOUND", "message": "no such resource"}])
    token.get(f"{DATA}/sobjects/Lead/updated/", json={"ids": [], "latestDateCovered": "2026-11-21T11:58:00.000+0000"})
    return token


@pytest.fixture(scope="module")
def small_org() -> Iterator[PracticeOrg]:
    yield from served(60)


@pytest.fixture(scope="module")
def large_org() -> Iterator[PracticeOrg]:
    yield from served(2001)


@pytest.fixture
def org(small_org: PracticeOrg) -> Iterator[PracticeOrg]:
    yield small_org
    small_org.control("DELETE", "faults")
    small_org.control("PUT", "clock", {"now": None})
    small_org.control("PUT", "switches", {**CALM, "late_visibility_seconds": 0})


@pytest.fixture
def open_to() -> Iterator[Open]:
    """Opens connectors to a practice org; they wait a thousandth of what they mean to."""
    opened: list[SalesforceConnector] = []

    def open_(org: PracticeOrg, **options: Any) -> SalesforceConnector:
        given = {"url": org.url, "client_id": "app", "client_secret": "s3cret-of-the-app", **options}
        opened.append(SalesforceConnector(SalesforceSettings(**given), sleep=lambda _: None))
        return opened[-1]

    yield open_
    for connector in opened:
        connector.close()


@pytest.fixture
def connector(open_to: Open, org: PracticeOrg) -> SalesforceConnector:
    return open_to(org)
