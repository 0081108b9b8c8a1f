"""Pulling leads: everything through the list endpoint, changes through search.

A full pull costs one call per 100 records and reads HubSpot's own store; its cursor is the server's time at the first
page, so whatever changes during the pull comes again. An incremental pull searches from `cursor − overlap` on, as the
search index lags behind, and leaves `server's time − settle` as its cursor. It also finds what left: records
archived since then, and the ids merged into changed records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from crmsync.sdk import CHANGED_AT, RECORD_ID, FullReadNeeded, Page, PullRequest, native_frame, replace
from crmsync_hubspot.cursor import Cursor
from crmsync_hubspot.errors import HubSpotRefused
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.lists import ListMembers
from crmsync_hubspot.object_names import LEADS, plural
from crmsync_hubspot.parents import parents_of
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.primary_contacts import PrimaryContacts
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.records import MERGED_IDS, Walk, merged_ids
from crmsync_hubspot.settings import HubSpotSettings
from crmsync_hubspot.told_records import Records
from crmsync_hubspot.unhurried import is_due

ROWS_PER_PAGE = 1_000
"""Rows handed on at once: ten calls' worth, so that the hops behind work on frames and not on scraps."""

RECYCLE_BIN = timedelta(days=89)
"""HubSpot lists archived records for 90 days; one is kept in hand."""

Row = Mapping[str, Any]


def pull_records(
    gateway: Gateway,
    properties: Properties,
    settings: HubSpotSettings,
    request: PullRequest,
    lists: ListMembers,
    people: PrimaryContacts,
) -> Iterator[Page]:
    """The pages of a pull of leads (or of any object without leads of its own)."""
    paging = Paging(request, gateway)
    lists.forget()
    if plural(request.object) == LEADS:
        people.forget()
    parents = parents_of(gateway, request.object, request.fields, lists, people)

    def rows(records: Sequence[JsonObject]) -> Iterator[Row]:
        return map(_row, lists.filled(parents.filled(records), request.fields))

    parents.check(properties)
    asked = replace(request, fields=parents.own)
    if request.cursor is None:
        properties.check(request.object, parents.own)
        walk = Walk(gateway, request.object, parents.own)
        total = walk.count() if request.progress else None
        everything: list[str] = []
        for page in walk.everything():
            paging.began(page.server_time)
            everything += (str(each["id"]) for each in page.results)
            yield from paging.add(rows(page.results), len(page.results), total)
        if plural(request.object) == LEADS:
            people.are_all(everything)
    else:
        walk = Walk(gateway, request.object, (*parents.own, MERGED_IDS))
        seen: set[str] = set()
        for page in changed_pages(walk, properties, settings, asked, paging):
            seen.update(str(record["id"]) for record in page.results)
            paging.gone(*(lost for record in page.results for lost in merged_ids(record)))
            yield from paging.add(rows(page.results), len(page.results), page.total)
        for records in parents.of_changed(window_start(request.cursor, settings), seen):
            yield from paging.add(rows(records), len(records), None)
    yield paging.last()


def changed_pages(
    walk: Walk, properties: Properties, settings: HubSpotSettings, request: PullRequest, paging: Paging
) -> Iterator[Records]:
    """The records changed since the request's cursor, with the archived ones and the new cursor told to `paging`.

    The archived ones are read first, so that a search index which still holds them cannot bring them back.
    An object or a property that does not exist is told as `UsageError`: search leaves such properties out and
    gives null for empty ones, so only a missing one makes it worth a call to look the definitions up.
    """
    since = window_start(request.cursor or "", settings)
    settle = timedelta(seconds=settings.settle_seconds)
    archived: set[str] = set()
    checked = False
    try:
        for page in _archived_pages(walk, settings, request, paging):
            refuse_future(request.object, since, page.server_time)
            paging.began(page.server_time - settle)
            archived.update(str(record["id"]) for record in page.results)
        paging.gone(*sorted(archived))
        for page in walk.changed(since):
            refuse_future(request.object, since, page.server_time)
            paging.began(page.server_time - settle)
            if not checked and page.results:
                checked = True
                if not page.results[0]["properties"].keys() >= set(request.fields):
                    properties.check(request.object, request.fields)
            changed = [each for each in page.results if str(each["id"]) not in archived]
            yield replace(page, results=[{**each, CHANGED_AT: each.get("updatedAt")} for each in changed])
    except HubSpotRefused as refused:
        if refused.status in {400, 404}:
            properties.check(request.object, request.fields)
        raise


def _archived_pages(walk: Walk, settings: HubSpotSettings, request: PullRequest, paging: Paging) -> Iterator[Records]:
    """The recycle bin's pages: of leads by every pull, of activities when due."""
    last = Cursor.from_text(request.cursor or "").recycle_bin
    if request.leads_object is not None and not is_due(last, walk.server_time, settings):
        paging.recycle_bin_waits(last)
        return
    since = last - timedelta(seconds=settings.overlap_seconds)
    for page in walk.archived(since):
        _refuse_forgotten(request.object, since, page.server_time)
        yield page


def _refuse_forgotten(object_name: str, since: datetime, now: datetime) -> None:
    if since < now - RECYCLE_BIN:
        raise FullReadNeeded(
            f"the last read of {object_name} was {(now - since).days} days ago, and HubSpot forgets deleted records "
            f"after {RECYCLE_BIN.days + 1}"
        )


def refuse_future(object_name: str, since: datetime, now: datetime) -> None:
    """A place in the future was written by a clock that ran ahead: what changes until then would be missed."""
    if since > now:
        raise FullReadNeeded(f"the last read of {object_name} lies in the future by HubSpot's clock")


def window_start(cursor: str, settings: HubSpotSettings) -> datetime:
    """From when on to read. Raises `FullReadNeeded` for a cursor that this connector did not give."""
    return Cursor.from_text(cursor).read - timedelta(seconds=settings.overlap_seconds)


class Paging:
    """Gathers rows into pages of a useful size, reports progress, and keeps what the last page must tell."""

    def __init__(self, request: PullRequest, gateway: Gateway | None = None, *, leads: bool = False) -> None:
        """`gateway`: by which torn answers are known; `leads`: rows carry `@lead`."""
        self._request = request
        self._torn: Mapping[str, int] = gateway.torn if gateway else {}
        self._torn_before = sum(self._torn.values())
        self._leads = leads
        self._rows: list[Row] = []
        self._records = 0
        self._cursor: datetime | None = None
        self._recycle_bin: datetime | None = None
        self._gone: dict[str, None] = {}
        self._behind: dict[str, datetime] = {}

    def stays_behind(self, form: str, since: datetime) -> None:
        """A form that could not be read; the next pull reads it from then on."""
        self._behind[form] = since

    def began(self, moment: datetime) -> None:
        """The cursor this pull will leave: only the first call counts."""
        self._cursor = self._cursor or moment

    def recycle_bin_waits(self, last: datetime) -> None:
        """The recycle bin was not looked into by this pull, but last then."""
        self._recycle_bin = last

    def gone(self, *ids: str) -> None:
        """Ids that are gone; told once each, in this order."""
        self._gone.update(dict.fromkeys(ids))

    def add(self, rows: Iterable[Row], records: int, total: int | None) -> Iterator[Page]:
        """Take the rows of so many records in; give a page when there are enough."""
        self._rows.extend(rows)
        self._records += records
        if self._request.progress is not None:
            self._request.progress(self._records, total)
        while len(self._rows) >= ROWS_PER_PAGE:
            yield Page(self._frame(ROWS_PER_PAGE))

    def last(self) -> Page:
        """The last page with what is left, the ids that are gone, and the cursor.

        The next pull begins where this one did, if some of what this one was to bring came torn.
        """
        assert self._cursor is not None
        again = self._request.cursor and sum(self._torn.values()) > self._torn_before
        read = Cursor.from_text(self._request.cursor or "").read if again else self._cursor
        cursor = Cursor(read, self._recycle_bin or self._cursor, self._behind)
        return Page(self._frame(len(self._rows)), gone=tuple(self._gone), cursor=cursor.to_text())

    def _frame(self, count: int) -> pl.DataFrame:
        rows, self._rows = self._rows[:count], self._rows[count:]
        stamped = () if self._request.cursor is None else (CHANGED_AT,)
        return native_frame(rows, (*stamped, *self._request.fields), leads=self._leads)


def _row(record: JsonObject) -> Row:
    return {**record["properties"], RECORD_ID: str(record["id"]), CHANGED_AT: record.get(CHANGED_AT)}
