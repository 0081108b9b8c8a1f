"""Reading everything, or what changed since a watermark.

Every pull is one query ordered by Id, read page by page, and one call of getUpdated made *before* the first
page. The watermark that getUpdated gives (`latestDateCovered`) is held back while long transactions run, so a
next pull that reads from there, less an overlap for late visibility, misses nothing: neither equal time stamps
(the filter is `>=`) nor records edited while this pull was reading (their new stamps lie after the watermark).
Salesforce's own clock is used throughout, never this machine's.

Sources: REST API Developer Guide, "Query", "sObject Get Updated"; SOAP API Developer Guide, "GetUpdatedResult".
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus

from crmsync.sdk import CrmUnreachable, FullReadNeeded, Page, PagingGuard, PullRequest, UsageError, replace
from crmsync_salesforce.asked_again import AskedAgain
from crmsync_salesforce.describe import Describer, ObjectSchema, missing_fields
from crmsync_salesforce.errors import Refusal
from crmsync_salesforce.open_deals import OpenDeals
from crmsync_salesforce.records import native_records
from crmsync_salesforce.replies import QueryPage, Record, Updated
from crmsync_salesforce.soql import LONGEST_QUERY, Selection, instant_literal, selection_for
from crmsync_salesforce.transport import Transport, identified, whole

# getUpdated names ids, too, which are not needed: a short window keeps the answer small.
_WATERMARK_WINDOW = timedelta(minutes=30)
# The recycle bin holds records for 15 days; what left it no query tells. One day is kept in hand.
_RECYCLE_BIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Puller:
    """Pulls of one connection."""

    transport: Transport
    describer: Describer

    def pages(self, request: PullRequest) -> Iterator[Page]:
        """Stream the pages. Memory holds one page at a time."""
        schema = self.describer.schema(request.object)
        since = self._since(schema.name, request.cursor)
        deals = OpenDeals(self.transport, self.describer, schema.name, request.fields, everything=since is None)
        schema.check(deals.own)
        asked = replace(request, fields=deals.own)
        selection = selection_for(schema, asked, since, archived=self.transport.settings.archived_activities)
        cursor = self._watermark(schema)
        again = AskedAgain(self.transport, schema)
        read = 0
        more = since is not None and deals.asked
        seen: set[str] = set()
        for result, total in self._results(schema, selection):
            read += len(result.records)
            if request.progress:
                request.progress(read, total)
            live, gone = selection.parted(again.whole(result.records, selection))
            records = native_records(live, deals.own, schema, lead_field=selection.lead_field, stamp=selection.stamp)
            if more:
                seen.update(str(record["Id"]) for record in result.records)
            yield Page(
                records=deals.filled(records),
                gone=tuple(gone) if since else (),
                cursor=again.next_cursor(request.cursor, cursor) if result.done and not more else None,
            )
        if since and more:
            yield from self._of_changed_deals(schema, deals, asked, since, seen, again)
            last = again.next_cursor(request.cursor, cursor)
            yield Page(deals.filled(native_records([], deals.own, schema, stamp="")), cursor=last)

    def _of_changed_deals(
        self,
        schema: ObjectSchema,
        deals: OpenDeals,
        asked: PullRequest,
        since: datetime,
        seen: set[str],
        again: AskedAgain,
    ) -> Iterator[Page]:
        """Records of which an opportunity has changed, those aside that came already."""
        for selection in deals.changed(selection_for(schema, asked, None, archived=False), since):
            for result, _ in self._results(schema, selection):
                fresh = [record for record in again.whole(result.records, selection) if record["Id"] not in seen]
                seen.update(str(record["Id"]) for record in fresh)
                yield Page(deals.filled(native_records(fresh, deals.own, schema, stamp="")))

    def _results(self, schema: ObjectSchema, selection: Selection) -> Iterator[tuple[QueryPage, int]]:
        """Pages with the number of records in all of them.

        A dead cursor is replaced from the last id on, and so is one that ends before its count.
        """
        what = f"the query on {schema.name}"
        guard = PagingGuard(f"{schema.name} records")
        result = self._first(schema, selection, "")
        total, begin, last, before, read = result.total_size, "", _last_id(result, ""), "", 0
        if result.done:
            whole(what, len(result.records), total)
        yield result, total
        while not result.done:
            # A result holds as many records as were counted at its beginning, in the order of their ids.
            news = last != before and read < result.total_size
            read += len(result.records)
            path = guard.check(result.next_records_url or "", news=news)
            try:
                result = _with_ids(self.transport.next_page(path, what=what), what)
            except Refusal as refusal:
                if refusal.code != "INVALID_QUERY_LOCATOR":
                    raise
                result, begin, read = self._first(schema, selection, last), last, 0
            before, last = last, _last_id(result, last)
            if result.done and (found := read + len(result.records)) < result.total_size:
                whole(what, found, self._standing(selection, begin, last))
                begin, read = last, -len(result.records)
                result = _joined(result, self._first(schema, selection, last))
                last = _last_id(result, last)
            if result.done:
                whole(what, read + len(result.records), result.total_size)
            yield result, total

    def _standing(self, selection: Selection, begin: str, last: str) -> int:
        """How many records there are now behind one id and up to another: some may have been deleted meanwhile."""
        what = f"the query on {selection.object}"
        soql = selection.soql(begin, up_to=last)
        return self.transport.counted(soql, what=what, with_deleted=selection.with_deleted)

    def _first(self, schema: ObjectSchema, selection: Selection, after: str) -> QueryPage:
        soql = selection.soql(after)
        if len(quote_plus(soql)) > LONGEST_QUERY:
            raise UsageError(
                f"the mapping asks for too many fields of {schema.name}: the query does not fit into one call",
                hint="take out fields that no condition uses",
            )
        try:
            what = f"the query on {schema.name}"
            return _with_ids(self.transport.query(soql, what=what, with_deleted=selection.with_deleted), what)
        except Refusal as refusal:
            # Fields of the object itself were checked before; what is left are fields of parents.
            own = selection.belonging.fields if selection.belonging else ()
            suspects = [path for path in selection.fields if "." in path and path not in own]
            if refusal.code == "INVALID_FIELD" and suspects:
                raise missing_fields(schema, suspects) from refusal
            raise

    def _since(self, object_name: str, cursor: str | None) -> datetime | None:
        if cursor is None:
            return None
        try:
            since = datetime.fromisoformat(cursor).astimezone(UTC) - timedelta(
                seconds=self.transport.settings.overlap_seconds
            )
        except (ValueError, OverflowError):
            raise FullReadNeeded(f"the stored place in {object_name} is none that this connector wrote") from None
        now = self.transport.answered_at
        if now is not None and since > now:
            raise FullReadNeeded(f"the last read of {object_name} lies in the future by Salesforce's clock")
        if now is not None and since < now - _RECYCLE_BIN:
            raise FullReadNeeded(
                f"the last read of {object_name} was {(now - since).days} days ago, and Salesforce forgets deleted "
                f"records after {_RECYCLE_BIN.days + 1}"
            )
        return since

    def _watermark(self, schema: ObjectSchema) -> str:
        """The instant up to which a pull that begins now sees everything."""
        now = self.transport.answered_at
        if now is None and schema.replicateable and self.transport.clock.unreadable:
            # Their time is none. getUpdated says how far it sees, so a clock that runs ahead loses nothing.
            now = datetime.fromtimestamp(int(time.time()), UTC)
        if now is None:
            raise CrmUnreachable(
                "Salesforce's answers carry no `Date`, so no safe point for the next pull is known",
                hint="look for a proxy between this machine and Salesforce that takes the header away",
            )
        if not schema.replicateable:
            return instant_literal(now)
        start, end = (quote_plus(instant_literal(instant)) for instant in (now - _WATERMARK_WINDOW, now))
        try:
            updated = self.transport.call(
                f"the watermark of {schema.name}",
                lambda client: client.restful(f"sobjects/{schema.name}/updated/?start={start}&end={end}"),
                Updated,
            )
        except Refusal as refusal:
            if refusal.code == "EXCEEDED_ID_LIMIT":
                return instant_literal(now - _WATERMARK_WINDOW)  # before all of those that are too many to be listed
            if refusal.code != "INVALID_REPLICATION_DATE":
                raise
            # The answers' `Date` is weeks behind the org's clock: a watermark that is early, so a safe one.
            return instant_literal(now)
        return instant_literal(min(now, updated.covered))


def _with_ids(page: QueryPage, what: str) -> QueryPage:
    identified(page.records, what)
    return page


def _joined(page: QueryPage, more: QueryPage) -> QueryPage:
    """As one page, after which comes what comes after the second."""
    return QueryPage([*page.records, *more.records], more.done, more.total_size, more.next_records_url)


def _last_id(result: QueryPage, before: str) -> str:
    last: Record | None = result.records[-1] if result.records else None
    return str(last["Id"]) if last else before
