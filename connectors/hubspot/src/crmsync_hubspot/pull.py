"""Pulling leads: everything through the list endpoint, changes through search.

A full pull costs one call per 100 records and reads HubSpot's own store; its cursor is the server's time at the first
page, so whatever changes during the pull comes again. An incremental pull searches from `cursor − overlap` on, as the
search index lags behind, and leaves `server's time − settle` as its cursor. It also finds what left: records
archived since then, and the ids merged into changed records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from crmsync.sdk import RECORD_ID, Page, PullRequest, UsageError, native_frame
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import Gateway, JsonObject, Records
from crmsync_hubspot.instants import from_text
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.records import MERGED_IDS, Walk, cursor_text, merged_ids
from crmsync_hubspot.settings import HubSpotSettings

ROWS_PER_PAGE = 1_000
"""Rows handed on at once: ten calls' worth, so that the hops behind work on frames and not on scraps."""

Row = Mapping[str, Any]


def pull_records(
    gateway: Gateway, properties: Properties, settings: HubSpotSettings, request: PullRequest
) -> Iterator[Page]:
    """The pages of a pull of leads (or of any object without leads of its own)."""
    paging = Paging(request)
    if request.cursor is None:
        properties.check(request.object, request.fields)
        walk = Walk(gateway, request.object, request.fields)
        total = walk.count() if request.progress else None
        for page in walk.everything():
            paging.began(page.server_time)
            yield from paging.add(map(_row, page.results), len(page.results), total)
        yield paging.last()
        return

    since = window_start(request.cursor, settings)
    gone: dict[str, None] = {}
    walk = Walk(gateway, request.object, (*request.fields, MERGED_IDS))
    for page in changed_pages(walk, since, properties, request):
        paging.began(page.server_time - timedelta(seconds=settings.settle_seconds))
        for record in page.results:
            gone.update(dict.fromkeys(merged_ids(record)))
        yield from paging.add(map(_row, page.results), len(page.results), page.total)
    gone.update(dict.fromkeys(walk.archived(since)))
    yield paging.last(gone)


def changed_pages(walk: Walk, since: datetime, properties: Properties, request: PullRequest) -> Iterator[Records]:
    """`walk.changed`, with an object or a property that does not exist told as `UsageError`.

    Search leaves out properties that do not exist and gives null for empty ones, so only a missing one makes it
    worth a call to look the definitions up.
    """
    checked = False
    try:
        for page in walk.changed(since):
            if not checked and page.results:
                checked = True
                if not page.results[0]["properties"].keys() >= set(request.fields):
                    properties.check(request.object, request.fields)
            yield page
    except HubSpotRefused as refused:
        if refused.status in {400, 404}:
            properties.check(request.object, request.fields)
        raise


def window_start(cursor: str, settings: HubSpotSettings) -> datetime:
    """From when on to read. Raises `UsageError` for a cursor that this connector did not give."""
    try:
        return from_text(cursor) - timedelta(seconds=settings.overlap_seconds)
    except ValueError as error:
        raise UsageError(
            "the stored cursor is not one of the HubSpot connector", hint="run once with --full"
        ) from error


class Paging:
    """Gathers rows into pages of a useful size, reports progress, and remembers the cursor."""

    def __init__(self, request: PullRequest, *, leads: bool = False) -> None:
        """`leads`: rows carry `@lead`."""
        self._fields = request.fields
        self._leads = leads
        self._progress: Callable[[int, int | None], None] | None = request.progress
        self._rows: list[Row] = []
        self._records = 0
        self._cursor: datetime | None = None

    def began(self, moment: datetime) -> None:
        """The cursor this pull will leave: only the first call counts."""
        self._cursor = self._cursor or moment

    def add(self, rows: Iterable[Row], records: int, total: int | None) -> Iterator[Page]:
        """Take the rows of so many records in; give a page when there are enough."""
        self._rows.extend(rows)
        self._records += records
        if self._progress is not None:
            self._progress(self._records, total)
        while len(self._rows) >= ROWS_PER_PAGE:
            yield Page(self._frame_of(ROWS_PER_PAGE))

    def last(self, gone: Iterable[str] = ()) -> Page:
        """The last page with what is left, the ids that are gone and the cursor."""
        assert self._cursor is not None
        return Page(self._frame_of(len(self._rows)), gone=tuple(gone), cursor=cursor_text(self._cursor))

    def _frame_of(self, count: int) -> Any:
        rows, self._rows = self._rows[:count], self._rows[count:]
        return native_frame(rows, self._fields, leads=self._leads)


def _row(record: JsonObject) -> Row:
    return {**record["properties"], RECORD_ID: str(record["id"])}
