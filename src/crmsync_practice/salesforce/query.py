"""`query`, `queryAll` and their pages."""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.soql.columns import columns_of
from crmsync_practice.salesforce.soql.compiler import Compiler
from crmsync_practice.salesforce.soql.parse import parse
from crmsync_practice.salesforce.soql.plan import Plan
from crmsync_practice.salesforce.soql.records import aggregate_records, record_texts
from crmsync_practice.salesforce.storage import Store

LARGEST_BATCH, SMALLEST_BATCH = 2000, 200
LOCATOR_LIFE = timedelta(days=2)
MOST_LOCATORS = 10
"""Cursors per user (older documentation): the oldest is dropped. Wire notes, section 2.1."""


@dataclass(slots=True)
class _Cursor:
    """A result that is kept: the row numbers in order; the values are read when a page is asked for [MEM]."""

    plan: Plan
    numbers: array[int]
    batch: int
    made_at: datetime
    user_id: str


class Queries:
    """Runs statements and keeps the cursors of those with more than one page."""

    def __init__(self, store: Store, context: PracticeContext) -> None:
        self._store = store
        self._context = context
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._made = 0

    def compile(self, text: str, *, all_rows: bool, user_id: str, base: str) -> Plan:
        """The plan of a statement at this moment."""
        compiler = Compiler(
            schema=self._store.schema,
            now=self._context.clock.now(),
            zone=self._context.zone,
            user_id=user_id,
            all_rows=all_rows,
            text=text,
            base=base,
        )
        return compiler.compile(parse(text))

    def numbers(self, plan: Plan) -> array[int]:
        """The numbers of all matching rows, in order: 8 bytes a row."""
        found = array("q")
        cursor = self._store.connection.execute(plan.numbers_sql, plan.parameters)
        while rows := cursor.fetchmany(10_000):
            found.extend(row[0] for row in rows)
        return found

    def query(self, call: Call) -> Reply:
        """`GET query?q=`."""
        return self._run(call, all_rows=False)

    def query_all(self, call: Call) -> Reply:
        """`GET queryAll?q=`: also deleted records and archived activities."""
        return self._run(call, all_rows=True)

    def more(self, call: Call) -> Reply:
        """A further page; a repeated `?q=` is ignored."""
        locator, _, start_text = call.part("locator").rpartition("-")
        cursor = self._cursors.get(locator)
        now = self._context.clock.now()
        start = int(start_text) if start_text.isdecimal() and len(start_text) < 10 else 0
        if cursor is None or now - cursor.made_at > LOCATOR_LIFE or not 0 < start < len(cursor.numbers):
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        self._cursors.move_to_end(locator)
        return Reply(content=self._page(cursor, locator, start, call.base))

    def _run(self, call: Call, *, all_rows: bool) -> Reply:
        text = call.query.get("q")
        if text is None:
            raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
        plan = self.compile(text, all_rows=all_rows, user_id=call.user_id, base=call.base)
        if call.query.get("columns", "").lower() == "true":
            return Reply(content=columns_of(plan))
        if plan.count:
            total = self._store.connection.execute(plan.numbers_sql, plan.parameters).fetchone()[0]
            return Reply(content={"totalSize": total, "done": True, "records": []})
        if plan.aggregate:
            records = aggregate_records(self._store.connection, plan)
            if len(records) > LARGEST_BATCH:
                raise SalesforceError(
                    "EXCEEDED_ID_LIMIT",
                    "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single "
                    "batch",
                )
            return Reply(content={"totalSize": len(records), "done": True, "records": records})
        numbers = self.numbers(plan)
        batch = batch_size(call.headers.get("sforce-query-options", ""))
        cursor = _Cursor(plan, numbers, batch, self._context.clock.now(), call.user_id)
        locator = self._keep(cursor) if len(numbers) > batch else ""
        return Reply(content=self._page(cursor, locator, 0, call.base))

    def _keep(self, cursor: _Cursor) -> str:
        self._made += 1
        locator = make_id("0r8", self._made)
        self._cursors[locator] = cursor
        own = [key for key, each in self._cursors.items() if each.user_id == cursor.user_id]
        for key in own[:-MOST_LOCATORS]:
            del self._cursors[key]
        return locator

    def _page(self, cursor: _Cursor, locator: str, start: int, base: str) -> dict[str, Any]:
        end = start + cursor.batch
        done = end >= len(cursor.numbers)
        content: dict[str, Any] = {"totalSize": len(cursor.numbers), "done": done}
        if not done:
            content["nextRecordsUrl"] = f"{base}/query/{locator}-{end}"
        texts = record_texts(self._store.connection, cursor.plan, cursor.numbers[start:end])
        content["records"] = msgspec.Raw(f"[{','.join(texts)}]".encode())
        return content


def batch_size(options: str) -> int:
    """`Sforce-Query-Options: batchSize=n`, kept within 200 to 2,000; advisory, as in Salesforce."""
    match = re.search(r"batchsize\s*=\s*(\d{1,9})", options, re.IGNORECASE)
    if match is None:
        return LARGEST_BATCH
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, int(match.group(1))))
