"""getUpdated and getDeleted (wire notes, section 2.5): ids changed in a span, by SystemModstamp, seconds
ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.instants import read_datetime, to_stamp
from crmsync_practice.salesforce.rows import find_object
from crmsync_practice.salesforce.storage import Store

UPDATED_DAYS, DELETED_DAYS = 30, 15
MOST_IDS = 600_000


class Replication:
    """`oldest_open` gives the start of the longest transaction that is not visible yet, if there is one."""

    def __init__(self, store: Store, context: PracticeContext, oldest_open: Callable[[], datetime | None]) -> None:
        self._store = store
        self._context = context
        self._oldest_open = oldest_open

    def updated(self, call: Call) -> Reply:
        """`GET sobjects/X/updated?start=&end=`."""
        ids, covered = self._ids(call, deleted=False, days=UPDATED_DAYS)
        return Reply(content={"ids": [record_id for record_id, _ in ids], "latestDateCovered": to_stamp(covered)})

    def deleted(self, call: Call) -> Reply:
        """`GET sobjects/X/deleted?start=&end=`."""
        ids, covered = self._ids(call, deleted=True, days=DELETED_DAYS)
        earliest = self._context.clock.now() - timedelta(days=DELETED_DAYS)
        return Reply(
            content={
                "deletedRecords": [{"deletedDate": stamp, "id": record_id} for record_id, stamp in ids],
                "earliestDateAvailable": to_stamp(earliest.replace(second=0)),
                "latestDateCovered": to_stamp(covered),
            }
        )

    def _ids(self, call: Call, *, deleted: bool, days: int) -> tuple[list[tuple[str, str]], datetime]:
        sobject = find_object(self._store.schema, call.part("name"))
        if "SystemModstamp" not in sobject.fields:
            raise SalesforceError("INVALID_TYPE", f"{sobject.name} cannot be replicated")
        start, end = self._moment(call, "start"), self._moment(call, "end")
        now = self._context.clock.now()
        if start >= end:
            raise SalesforceError("INVALID_REPLICATION_DATE", "startDate must be at least one minute before endDate")
        if start < now.replace(second=0, microsecond=0) - timedelta(days=days):
            raise SalesforceError(
                "INVALID_REPLICATION_DATE", f"startDate before earliest date available ({days} days)"
            )
        has_bin = "IsDeleted" in sobject.fields
        if deleted and not has_bin:
            found = []
        else:
            kept = f" AND IsDeleted = {int(deleted)}" if has_bin else ""
            statement = (
                f"SELECT Id, SystemModstamp FROM {sobject.table} WHERE SystemModstamp >= ? AND SystemModstamp < ?"  # noqa: S608
                f"{kept} ORDER BY SystemModstamp, Id LIMIT {MOST_IDS + 1}"
            )
            found = self._store.connection.execute(statement, (to_stamp(start), to_stamp(end))).fetchall()
        if len(found) > MOST_IDS:
            raise SalesforceError("EXCEEDED_ID_LIMIT", f"the number of ids exceeds {MOST_IDS}; narrow the span")
        covered = min(end, now.replace(second=0, microsecond=0))
        oldest = self._oldest_open()
        return found, covered if oldest is None else min(covered, oldest.replace(second=0, microsecond=0))

    @staticmethod
    def _moment(call: Call, name: str) -> datetime:
        at = read_datetime(call.query.get(name, "").replace(" ", "+"))
        if at is None:
            raise SalesforceError("MALFORMED_QUERY", f"{name}: expected an ISO-8601 date and time with offset")
        return at.replace(second=0, microsecond=0)
