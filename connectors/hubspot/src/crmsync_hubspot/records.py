"""Walking through the records of one object: all of them, the changed ones, the archived ones.

Everything is read once per walk, whatever the CRM repeats. A property list that is too long for an address or a
search body is not sent there: ids are walked and the properties come by batch reads, whose bodies have room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote_plus

from crmsync.sdk import PagingGuard, replace
from crmsync_hubspot.gateway import BATCH, URL_CHARACTERS, Gateway
from crmsync_hubspot.instants import as_milliseconds, from_text
from crmsync_hubspot.object_names import CONTACTS, plural
from crmsync_hubspot.parts import JsonObject
from crmsync_hubspot.told_records import Records, no_records, tells

SEARCH_CHARACTERS = 2_500
"""Longest property list in a search body: HubSpot's documentation names 3,000 characters for a search."""

MERGED_IDS = "hs_merged_object_ids"


class Walk:
    """One object's records with these properties (and, listed, with their associations to these other objects)."""

    def __init__(
        self, gateway: Gateway, object_name: str, properties: Sequence[str], associations: Sequence[str] = ()
    ) -> None:
        self._gateway = gateway
        self._object = object_name
        self._properties = tuple(dict.fromkeys(properties))
        self._associations = associations
        self._seen: set[str] = set()

    @property
    def server_time(self) -> datetime | None:
        """HubSpot's clock at its latest answer; null before the first."""
        return self._gateway.answered_at

    def everything(self) -> Iterator[Records]:
        """Pages of all records that are not archived, ascending by id."""
        joined = ",".join(self._properties)
        narrow = len(quote_plus(joined)) <= URL_CHARACTERS
        guard = PagingGuard(f"{self._object} records")
        after: str | None = None
        while True:
            page = self._gateway.list_records(
                self._object,
                self._properties if narrow else (),
                after=after,
                associations=self._associations,
            )
            fresh = self._new_ones(page, fill=not narrow)
            yield fresh
            if page.after is None:
                return
            after = guard.check(page.after, news=bool(fresh.results))

    def changed(self, since: datetime) -> Iterator[Records]:
        """Pages of the records modified at or after `since`, ascending by id.

        Each page asks for the ids behind the last one instead of for an offset: so it goes on beyond search's
        10,000 records, also when all of them changed in the same millisecond, and no edit during the walk moves
        a record out of sight. The window is open at its top: what changed a second ago comes at once.
        """
        return self._stamped(modified_property(self._object), since)

    def made(self, since: datetime) -> Iterator[Records]:
        """Pages of the records made at or after `since`, likewise."""
        return self._stamped("createdate", since)

    def _stamped(self, stamp: str, since: datetime) -> Iterator[Records]:
        narrow = sum(map(len, self._properties)) + 4 * len(self._properties) <= SEARCH_CHARACTERS
        window = {"propertyName": stamp, "operator": "GTE", "value": str(as_milliseconds(since))}
        guard = PagingGuard(f"changed {self._object} records")
        filters: list[JsonObject] = [window]
        while True:
            page = self._gateway.search(self._object, filters, self._properties if narrow else ())
            last = max((int(record["id"]) for record in page.results), default=None)
            yield self._new_ones(page, fill=not narrow)
            if page.after is None or last is None:
                return
            filters = [
                window,
                {"propertyName": "hs_object_id", "operator": "GT", "value": guard.check(str(last))},
            ]

    def archived(self, since: datetime) -> Iterator[Records]:
        """Pages of the records archived at or after `since`. HubSpot keeps them listed for 90 days."""
        guard = PagingGuard(f"archived {self._object} records")
        seen: set[str] = set()
        after: str | None = None
        while True:
            page = self._gateway.list_records(self._object, (), after=after, archived=True)
            known = len(seen)
            seen.update(str(record["id"]) for record in page.results)
            recent = [
                record for record in page.results if (moment := _archived_at(record)) is None or moment >= since
            ]
            yield replace(page, results=recent)
            if page.after is None:
                return
            after = guard.check(page.after, news=len(seen) > known)

    def count(self) -> int | None:
        """How many records there are, by the search index: good enough for a progress bar."""
        return self._gateway.search(self._object, (), ("hs_object_id",), limit=1).total

    def _new_ones(self, page: Records, *, fill: bool) -> Records:
        if not fill and page.results and not any("properties" in record for record in page.results):
            raise no_records()
        fresh = []
        for record in page.results:
            number = str(record["id"])
            if number not in self._seen:
                self._seen.add(number)
                fresh.append(record)
        whole = self._filled(fresh) if fill else self._asked_again(fresh)
        return replace(page, results=whole)

    def _asked_again(self, records: list[JsonObject]) -> list[JsonObject]:
        """Those that came without all of their properties are read by themselves: they are there, and not to be
        missed, and what is missing is not empty. Those that stay so are left out.
        """
        told = self._gateway.told_of(self._object, self._properties, records)
        lacking = [each for each in records if not tells(each, told)]
        if not lacking:
            return records
        again = {str(each["id"]): each for each in self._filled(lacking)}
        named = [again.get(str(each["id"]), each) for each in records]
        # One that says something and has gone meanwhile says it no more: the next reading does not find it either.
        return [each for each in named if tells(each, told)]

    def _filled(self, records: Sequence[JsonObject]) -> list[JsonObject]:
        """The same records with their properties, read in batches; those deleted meanwhile are left out."""
        filled: list[JsonObject] = []
        for start in range(0, len(records), BATCH):
            part = records[start : start + BATCH]
            read = self._gateway.read_batch(self._object, [str(each["id"]) for each in part], self._properties)
            found = {str(each["id"]): each["properties"] for each in read.results}
            filled += [
                {**record, "properties": found[str(record["id"])]} for record in part if str(record["id"]) in found
            ]
        return filled


def modified_property(object_name: str) -> str:
    """The property that says when a record last changed; contacts have their own word for it."""
    return "lastmodifieddate" if plural(object_name) == CONTACTS else "hs_lastmodifieddate"


def merged_ids(record: JsonObject) -> list[str]:
    """The ids that were merged into this record, if it was read with `MERGED_IDS`."""
    text = record["properties"].get(MERGED_IDS) or ""
    return [number for number in str(text).split(";") if number and number != str(record["id"])]


def _archived_at(record: JsonObject) -> datetime | None:
    """Null for none, and for what is no instant: such a record counts as archived just now."""
    try:
        return from_text(str(record["archivedAt"]))
    except (KeyError, ValueError, OverflowError):
        return None
