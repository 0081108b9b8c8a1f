"""Bulk API 2.0 query jobs: results as CSV pages with locators (wire notes, section 3.4)."""

from __future__ import annotations

import base64
import binascii
import csv
import io
from typing import Any

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.bulk import DELIMITERS, LINE_ENDINGS, Job, Jobs
from crmsync_practice.salesforce.errors import SalesforceError, malformed_json
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.query import Queries
from crmsync_practice.salesforce.soql.parse import parse
from crmsync_practice.salesforce.soql.plan import Plan
from crmsync_practice.salesforce.soql.records import value_rows
from crmsync_practice.salesforce.soql.tree import Query, Selected
from crmsync_practice.salesforce.storage import Store

PAGE_RECORDS = 250_000
"""Records of a page when the client does not say: large, because one well-known client cannot take a second
page.
"""


class BulkQueries:
    """The `jobs/query` resources."""

    def __init__(self, store: Store, queries: Queries, context: PracticeContext) -> None:
        self._store = store
        self._queries = queries
        self._context = context
        self.jobs = Jobs("query", context)

    def create(self, call: Call) -> Reply:
        """`POST jobs/query {"operation", "query"}`."""
        body = call.object()
        operation, text = body.get("operation"), body.get("query")
        if operation not in {"query", "queryAll"} or not isinstance(text, str):
            raise malformed_json("operation: expected query or queryAll; query: expected a statement")
        _refuse_unsupported(parse(text))
        plan = self._queries.compile(text, all_rows=operation == "queryAll", user_id=call.user_id, base=call.base)
        if plan.aggregate or plan.count:
            raise SalesforceError("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
        job = self.jobs.make(
            call, operation=operation, object_name=plan.sobject.name, state="UploadComplete", body=body
        )

        def work() -> None:
            numbers = self._queries.numbers(plan)
            job.details |= {"plan": plan, "numbers": numbers, "processed": len(numbers)}

        job.work = work
        return Reply(content=self.jobs.shown(job))

    def change(self, call: Call) -> Reply:
        """`PATCH jobs/query/ID {"state": "Aborted"}`."""
        job = self.jobs.find(call)
        if call.object().get("state") != "Aborted" or job.state in {"JobComplete", "Failed"}:
            raise SalesforceError("API_ERROR", f"Invalid state change: the job is {job.state}")
        job.work, job.state = None, "Aborted"
        return Reply(content=self.jobs.shown(job))

    def results(self, call: Call) -> Reply:
        """`GET jobs/query/ID/results?maxRecords=&locator=`: a header row in every page."""
        job = self.jobs.find(call)
        if job.version != call.parts["version"]:
            raise SalesforceError(
                "API_ERROR", f"Results must be read with the version of the job, {job.version}", status=409
            )
        if job.state != "JobComplete":
            raise SalesforceError("API_ERROR", f"Results are not available: the job is {job.state}")
        start = self._start(job, call.query.get("locator"))
        wanted = call.query.get("maxRecords", str(PAGE_RECORDS))
        if not wanted.isdecimal() or len(wanted) > 9 or int(wanted) == 0:
            raise SalesforceError("API_ERROR", "maxRecords: expected a positive number")
        numbers = job.details["numbers"]
        page = numbers[start : start + int(wanted)]
        end = start + len(page)
        text = self._csv(job, job.details["plan"], page)
        charset = ";charset=UTF-8" if self._context.switches["csv_charset"] else ""
        return Reply(
            raw=text.encode(),
            media_type=f"text/csv{charset}",
            headers={
                "Sforce-NumberOfRecords": str(len(page)),
                # The word null, literally: without the header some clients keep asking.
                "Sforce-Locator": _locator(job, end) if end < len(numbers) else "null",
            },
        )

    def _csv(self, job: Job, plan: Plan, numbers: Any) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(
            out,
            delimiter=DELIMITERS[job.delimiter],
            lineterminator=LINE_ENDINGS[job.line_ending],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerow([".".join(column.names) for column in plan.columns])
        stamps = [index for index, column in enumerate(plan.columns) if column.kind == "datetime"]
        booleans = [index for index, column in enumerate(plan.columns) if column.kind == "boolean"]
        for values in value_rows(self._store.connection, plan, numbers):
            for index in stamps:
                if values[index] is not None:
                    values[index] = values[index][:-5] + "Z"
            for index in booleans:
                if values[index] is not None:
                    values[index] = "true" if values[index] else "false"
            writer.writerow(values)
        return out.getvalue()

    @staticmethod
    def _start(job: Job, locator: str | None) -> int:
        if not locator:
            return 0
        try:
            job_id, _, start = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode().partition(":")
        except (binascii.Error, ValueError):
            job_id, start = "", ""
        if job_id != job.id or not start.isdecimal() or len(start) > 9:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return int(start)


def _locator(job: Job, start: int) -> str:
    return base64.urlsafe_b64encode(f"{job.id}:{start}".encode()).decode().rstrip("=")


def _refuse_unsupported(query: Query) -> None:
    if query.offset is not None or query.group:
        raise SalesforceError("API_ERROR", "OFFSET and GROUP BY are not supported in Bulk Query")
    if any(not isinstance(each, Selected) for each in query.select):
        raise SalesforceError("API_ERROR", "Nested queries and TYPEOF are not supported in Bulk Query")
