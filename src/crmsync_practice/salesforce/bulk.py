"""Bulk API 2.0: what query and ingest jobs have in common, and the refusal of Bulk API v1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce.errors import SalesforceError, not_found
from crmsync_practice.salesforce.http import Call, Reply
from crmsync_practice.salesforce.ids import make_id, read_id
from crmsync_practice.salesforce.instants import to_stamp

DELIMITERS = {"COMMA": ",", "TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass
class Job:
    """One job. `work` is what is left to do; it runs when the client has polled often enough."""

    id: str
    kind: str
    operation: str
    object: str
    version: str
    user_id: str
    made_at: datetime
    delimiter: str
    line_ending: str
    state: str
    details: dict[str, Any] = field(default_factory=dict)
    work: Callable[[], None] | None = None
    polls: int = 0
    error: str | None = None


class Jobs:
    """The jobs of one kind (`query` or `ingest`)."""

    def __init__(self, kind: str, context: PracticeContext) -> None:
        self.kind = kind
        self._context = context
        self._jobs: dict[str, Job] = {}

    def make(self, call: Call, *, operation: str, object_name: str, state: str, body: Mapping[str, Any]) -> Job:
        """A new job; raises API_ERROR for an unknown delimiter or line ending."""
        delimiter, ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
        if delimiter not in DELIMITERS or ending not in LINE_ENDINGS:
            raise SalesforceError("API_ERROR", "columnDelimiter or lineEnding is not supported")
        if body.get("contentType", "CSV") != "CSV":
            raise SalesforceError("API_ERROR", "contentType: only CSV is supported")
        number = len(self._jobs) + (1 if self.kind == "ingest" else 5_000_001)
        job = Job(
            id=make_id("750", number),
            kind=self.kind,
            operation=operation,
            object=object_name,
            version=call.parts["version"],
            user_id=call.user_id,
            made_at=self._context.clock.now(),
            delimiter=delimiter,
            line_ending=ending,
            state=state,
        )
        self._jobs[job.id] = job
        return job

    def find(self, call: Call) -> Job:
        """The job of a path; raises NOT_FOUND."""
        job = self._jobs.get(read_id(call.part("id")) or "")
        if job is None:
            raise not_found()
        return job

    def status(self, call: Call) -> Reply:
        """`GET jobs/KIND/ID`: moves a job that has been submitted on."""
        job = self.find(call)
        if job.work is not None:
            job.polls += 1
            if job.polls > int(self._context.switches["bulk_polls"] or 0):
                self.finish(job)
            else:
                job.state = "InProgress"
        return Reply(content=self.shown(job))

    def finish(self, job: Job) -> None:
        """Does what is left to do."""
        if job.work is not None:
            work, job.work = job.work, None
            job.state = "JobComplete"
            work()

    def list(self, _: Call) -> Reply:
        """`GET jobs/KIND`."""
        return Reply(
            content={
                "done": True,
                "records": [self.shown(job) for job in self._jobs.values()],
                "nextRecordsUrl": None,
            }
        )

    def delete(self, call: Call) -> Reply:
        """`DELETE jobs/KIND/ID`: only once it has come to an end."""
        job = self.find(call)
        if job.state not in {"JobComplete", "Aborted", "Failed", "UploadComplete"}:
            raise SalesforceError("API_ERROR", f"Error deleting job: the job is {job.state}")
        del self._jobs[job.id]
        return Reply(204)

    def shown(self, job: Job) -> dict[str, Any]:
        """A job as JSON."""
        made = to_stamp(job.made_at)
        shown: dict[str, Any] = {
            "id": job.id,
            "operation": job.operation,
            "object": job.object,
            "createdById": job.user_id,
            "createdDate": made,
            "systemModstamp": made,
            "state": job.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(job.version),
            "lineEnding": job.line_ending,
            "columnDelimiter": job.delimiter,
            "jobType": "V2Query" if self.kind == "query" else "V2Ingest",
        }
        if job.state in {"JobComplete", "Failed", "InProgress"}:
            shown |= {
                "numberRecordsProcessed": job.details.get("processed", 0),
                "retries": 0,
                "totalProcessingTime": 1,
            }
            if self.kind == "ingest":
                shown |= {"apexProcessingTime": 0, "apiActiveProcessingTime": 1}
        if job.error is not None:
            shown["errorMessage"] = job.error
        return {**shown, **job.details.get("shown", {})}


def refuse_v1(call: Call) -> Reply:
    """Bulk API v1 is off in this org: 400 FeatureNotEnabled, in JSON or XML as the client speaks."""
    code, message = "FeatureNotEnabled", "Async API not enabled"
    wanted = f"{call.headers.get('accept', '')} {call.headers.get('content-type', '')}".lower()
    if "xml" in wanted and "json" not in wanted:
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><error xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
            f"<exceptionCode>{code}</exceptionCode><exceptionMessage>{message}</exceptionMessage></error>"
        )
        return Reply(400, raw=text.encode(), media_type="application/xml")
    return Reply(400, {"exceptionCode": code, "exceptionMessage": message})
