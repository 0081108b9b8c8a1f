"""Bulk API 2.0 ingest jobs: CSV in, one result a row (wire notes, section 3.4).

An empty value leaves a field as it is, `#N/A` empties it. Assignment rules run only when the job names one [MEM].
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.bulk import DELIMITERS, LINE_ENDINGS, Job, Jobs
from crmsync_practice.salesforce.errors import SalesforceError, in_a_batch, malformed_json
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.saving import Author, Saver
from crmsync_practice.salesforce.schema import Field, Schema, SObject
from crmsync_practice.salesforce.storage import Store

LARGEST_UPLOAD_BYTES = 150 * 1024 * 1024
_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
csv.field_size_limit(2**31 - 1)


class _BadBatch(Exception):  # the whole upload cannot be used
    """The text becomes the job's errorMessage."""


@dataclass
class _Load:
    """The uploaded rows and what became of them; `assign` says whether assignment rules run."""

    sobject: SObject
    assign: bool
    external_id: Field | None
    path: str = ""
    upload: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    successful: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)


class BulkIngest:
    """The `jobs/ingest` resources."""

    def __init__(self, schema: Schema, store: Store, saver: Saver, context: PracticeContext) -> None:
        self._schema = schema
        self._store = store
        self._saver = saver
        self._context = context
        self.jobs = Jobs("ingest", context)

    def create(self, call: Call) -> Reply:
        """`POST jobs/ingest {"object", "operation", …}`."""
        body = call.object()
        name, operation = body.get("object"), body.get("operation")
        sobject = self._schema.find(name) if isinstance(name, str) else None
        if operation not in _OPERATIONS:
            raise malformed_json(f"operation: expected one of {', '.join(_OPERATIONS)}")
        if sobject is None:
            raise SalesforceError("INVALIDENTITY", f"The specified object {name!s:.60} does not exist")
        external_id = None
        if operation == "upsert":
            key = body.get("externalIdFieldName")
            external_id = sobject.field(key) if isinstance(key, str) else None
            if external_id is None or not (external_id.external_id or external_id.type == "id"):
                raise SalesforceError("INVALIDJOB", "InvalidJob : External ID field is required for upsert")
        job = self.jobs.make(call, operation=operation, object_name=sobject.name, state="Open", body=body)
        assign = bool(body.get("assignmentRuleId"))
        load = job.details["load"] = _Load(sobject, assign, external_id)
        load.path = f"{call.base}/jobs/ingest/{job.id}/batches"
        job.details["shown"] = {"contentUrl": load.path[1:]}
        if external_id is not None:
            job.details["shown"]["externalIdFieldName"] = external_id.name
        return Reply(content=self.jobs.shown(job))

    def upload(self, call: Call) -> Reply:
        """`PUT jobs/ingest/ID/batches`: once."""
        job = self.jobs.find(call)
        load: _Load = job.details["load"]
        if job.state != "Open":
            raise SalesforceError("API_ERROR", f"Data cannot be uploaded: the job is {job.state}")
        if load.upload is not None:
            raise SalesforceError("INVALIDJOBSTATE", f"Found multiple contents for job: <{job.id}>")
        if len(call.body) > LARGEST_UPLOAD_BYTES:
            raise SalesforceError("API_ERROR", "The upload is larger than 150 MB", status=413)
        load.upload, load.headers = call.body, dict(call.headers)
        return Reply(201)

    def change(self, call: Call) -> Reply:
        """`PATCH jobs/ingest/ID {"state": "UploadComplete" | "Aborted"}`."""
        job = self.jobs.find(call)
        wanted = call.object().get("state")
        if wanted == "Aborted" and job.state in {"Open", "UploadComplete", "InProgress"}:
            job.work, job.state = None, "Aborted"
        elif wanted == "UploadComplete" and job.state == "Open":
            job.state = "UploadComplete"
            job.work = lambda: self._process(job)
        else:
            raise SalesforceError(
                "INVALIDJOBSTATE", f"Job state cannot be changed from {job.state} to {wanted!s:.40}"
            )
        return Reply(content=self.jobs.shown(job))

    def successful(self, call: Call) -> Reply:
        """`GET jobs/ingest/ID/successfulResults`."""
        load = self._ended(call)
        return self._csv(call, ["sf__Id", "sf__Created", *load.columns], load.successful)

    def failed(self, call: Call) -> Reply:
        """`GET jobs/ingest/ID/failedResults`."""
        load = self._ended(call)
        return self._csv(call, ["sf__Id", "sf__Error", *load.columns], load.failed)

    def unprocessed(self, call: Call) -> Reply:
        """`GET jobs/ingest/ID/unprocessedrecords`."""
        load = self._ended(call)
        return self._csv(call, load.columns, load.unprocessed)

    def _ended(self, call: Call) -> _Load:
        job = self.jobs.find(call)
        if job.state not in {"JobComplete", "Failed", "Aborted"}:
            raise SalesforceError("API_ERROR", f"Results are not available: the job is {job.state}")
        load: _Load = job.details["load"]
        return load

    def _csv(self, call: Call, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Reply:
        job = self.jobs.find(call)
        out = io.StringIO(newline="")
        writer = csv.writer(
            out,
            delimiter=DELIMITERS[job.delimiter],
            lineterminator=LINE_ENDINGS[job.line_ending],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerow(header)
        writer.writerows(rows)
        charset = ";charset=UTF-8" if self._context.switches["csv_charset"] else ""
        return Reply(raw=out.getvalue().encode(), media_type=f"text/csv{charset}")

    def _process(self, job: Job) -> None:
        load: _Load = job.details["load"]
        try:
            rows = self._read(job, load)
        except _BadBatch as bad:
            job.state, job.error = "Failed", str(bad)
            return
        author = Author(job.user_id, "PUT", load.path, load.headers, load.assign)

        def work() -> None:
            for row in rows:
                self._row(job, load, row, author)

        self._store.in_transaction(work)
        job.details["processed"] = len(rows)
        job.details["shown"]["numberRecordsFailed"] = len(load.failed)

    def _read(self, job: Job, load: _Load) -> list[list[str]]:
        try:
            text = (load.upload or b"").decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _BadBatch("InvalidBatch : The file is not encoded in UTF-8") from error
        first_line = text.partition("\n")[0]
        if text and (first_line.endswith("\r") is not (job.line_ending == "CRLF")) and "\n" in text:
            raise _BadBatch(
                "ClientInputError : LineEnding is invalid on user data. "
                f"Current LineEnding setting is {job.line_ending}"
            )
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter], strict=True)
        try:
            lines = [line for line in reader if line]
        except csv.Error as error:
            raise _BadBatch(f"InvalidBatch : Failed to parse CSV: {error}") from error
        if not lines:
            raise _BadBatch("InvalidBatch : Failed to read the header row")
        load.columns = lines[0]
        for name in load.columns:
            if load.sobject.field(name) is None:
                raise _BadBatch(f"InvalidBatch : Field name not found : {name}")
        if len({name.lower() for name in load.columns}) != len(load.columns):
            raise _BadBatch("InvalidBatch : Duplicate field name in the header row")
        return lines[1:]

    def _row(self, job: Job, load: _Load, row: list[str], author: Author) -> None:
        """Saves one row and notes what became of it."""
        padded = row + [""] * (len(load.columns) - len(row))
        record_id = ""
        try:
            if len(row) > len(load.columns):
                raise SalesforceError("INVALID_FIELD", "The row has more values than the header row", fields=[])
            values = dict(zip(load.columns, row, strict=False))
            record_id = next((value for name, value in values.items() if name.lower() == "id"), "")
            saved, created = self._save(job, load, values, record_id, author)
            load.successful.append([saved, str(created).lower(), *padded])
        except SalesforceError as error:
            load.failed.append([record_id, in_a_batch(error).csv(), *padded[: len(load.columns)]])

    def _save(
        self, job: Job, load: _Load, values: dict[str, str], record_id: str, author: Author
    ) -> tuple[str, bool]:
        given: dict[str, str | None] = {
            name: None if value == "#N/A" else value
            for name, value in values.items()
            if value != "" and name.lower() != "id"
        }
        sobject, saver = load.sobject, self._saver
        if job.operation == "insert":
            return saver.create(sobject, given, author, from_csv=True), True
        if job.operation in {"delete", "hardDelete"}:
            row = saver.existing(sobject, record_id)
            saver.delete(sobject, record_id, author, hard=job.operation == "hardDelete")
            return str(row["Id"]), False
        key = load.external_id
        if key is not None and key.type != "id":
            value = next((each for name, each in values.items() if name.lower() == key.name.lower()), "")
            if not value:
                raise SalesforceError("MISSING_ARGUMENT", f"{key.name} not specified", fields=[])
            found = saver.by_external_id(sobject, key, value)
            if len(found) > 1:
                raise SalesforceError("DUPLICATE_EXTERNAL_ID", f"{key.name}: more than one record found", fields=[])
            if not found:
                return saver.create(sobject, given, author, from_csv=True), True
            record_id = str(found[0]["Id"])
            given = {name: each for name, each in given.items() if name.lower() != key.name.lower()}
        elif key is not None and not record_id:
            return saver.create(sobject, given, author, from_csv=True), True
        row = saver.existing(sobject, record_id)
        saver.update(sobject, record_id, given, author, from_csv=True)
        return str(row["Id"]), False
