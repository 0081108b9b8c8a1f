"""Several queries in one call: a composite request counts once against the org's calls, whatever it holds.

Source: REST API Developer Guide, "Composite": up to 25 subrequests, 5 of them queries, done one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote_plus

import msgspec
from simple_salesforce.api import Salesforce

from crmsync_salesforce.replies import CompositeAnswer, QueryPage

FRESH_SECONDS = 60.0
"""How long an answer may wait for the question it belongs to."""


class Prefetched:
    """First pages of queries that are about to be asked; each is handed out once, and only while it is fresh."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._pages: dict[str, QueryPage] = {}
        self._at = 0.0

    def keep(self, queries: Sequence[str], answer: CompositeAnswer) -> None:
        """Keep what was answered well; the others are asked again by themselves, and then tell what is wrong."""
        self._at = self._clock()
        self._pages = {}
        for soql, part in zip(queries, answer.composite_response, strict=False):
            if part.http_status_code == HTTPStatus.OK:
                with suppress(msgspec.ValidationError):
                    self._pages[soql] = msgspec.convert(part.body, QueryPage)

    def take(self, soql: str) -> QueryPage | None:
        """The first page of this query, if it is here."""
        page = self._pages.pop(soql, None)
        return page if self._clock() - self._at <= FRESH_SECONDS else None


def composite(client: Salesforce, queries: Sequence[str], *, api_version: str, page_size: int) -> object:
    """Send these queries as one composite request."""
    parts = [
        {
            "method": "GET",
            "url": f"/services/data/v{api_version}/query/?q={quote_plus(soql)}",
            "referenceId": f"query{number}",
            "httpHeaders": {"Sforce-Query-Options": f"batchSize={page_size}"},
        }
        for number, soql in enumerate(queries)
    ]
    return client.restful("composite", method="POST", json={"allOrNone": False, "compositeRequest": parts})
