"""aiosalesforce, unmodified: an asynchronous client with a Bulk API 2.0 of its own."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from aiosalesforce import ClientCredentialsFlow, Salesforce
from aiosalesforce.exceptions import SalesforceError

MADE = 300


class ToThePractice(httpx.AsyncBaseTransport):
    """The client takes a My Domain address only: what goes there goes to the practice org."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        request.headers["Host"] = f"127.0.0.1:{self._port}"
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def work(port: int, secret: str = "s") -> dict[str, Any]:
    async with httpx.AsyncClient(transport=ToThePractice(port)) as http:
        way = ClientCredentialsFlow(client_id="k", client_secret=secret)
        client = Salesforce(http, base_url="https://practice.my.salesforce.com", auth=way)
        before = [lead["Id"] async for lead in client.query("SELECT Id FROM Lead")]
        made = await client.sobject.create("Lead", {"LastName": "Aio", "Company": "Acme"})
        await client.sobject.update("Lead", made, {"Title": "CTO"})
        told = await client.sobject.get("Lead", made, fields=["Title", "Status"])
        await client.sobject.delete("Lead", made)
        new = [{"LastName": f"Bulk {number}", "Company": "Acme, “Ltd”"} for number in range(MADE)]
        done = await client.bulk_v2.insert("Lead", new)
        named = "SELECT Id, Company FROM Lead WHERE LastName LIKE 'Bulk %'"
        found = [lead async for lead in client.query(named)]
        return {
            "read": (len(before), len(set(before))),
            "told": (told["Title"], told["Status"]),
            "bulk": (len(done.successful_results), len(done.failed_results)),
            "found": (len(found), {lead["Company"] for lead in found}),
        }


def test_a_whole_sync(fresh: Any) -> None:
    there = fresh.query("SELECT COUNT(Id) n FROM Lead")[0]["n"]
    assert asyncio.run(work(fresh.port)) == {
        "read": (there, there),
        "told": ("CTO", "Open - Not Contacted"),
        "bulk": (MADE, 0),
        "found": (MADE, {"Acme, “Ltd”"}),
    }


def test_a_refused_sign_in_is_told(fresh: Any) -> None:
    try:
        asyncio.run(work(fresh.port, "invalid"))
    except (SalesforceError, httpx.HTTPStatusError) as refused:
        assert "400" in str(refused) or "invalid" in str(refused)
    else:
        raise AssertionError("a refused sign-in went through")
