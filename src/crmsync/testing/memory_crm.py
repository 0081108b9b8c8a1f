"""A CRM in memory behind the connector contract: for tests of what stands on connectors, without HTTP.

Records are native text. Faults are set by lead id; every call is kept in `calls`, every change of a record in
`log`. It does no more than the contract says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import polars as pl

from crmsync.sdk import (
    LEAD_ID,
    RECORD_ID,
    STILL_THERE,
    UNREAD,
    Capabilities,
    Closing,
    Connector,
    Creation,
    CreationResult,
    CrmUser,
    Edit,
    NativeField,
    Org,
    Page,
    PullRequest,
    Reading,
    Seen,
    Usage,
    UsageError,
    Write,
    WriteResult,
    native_frame,
)
from crmsync.values import replace

Values = dict[str, str | None]


class MemoryCrm(Connector):
    """A connector whose CRM is the dictionary `records`: id → native values.

    `gone`: id → why. `torn`: ids of records that are there and cannot be read. `refusals`: id → the CRM's own
    words. `lost_answers`: ids whose answer is lost, after the write (True) or before it (False). `refused_fields`:
    field → the words with which each write of it is refused. `rewrites`: id → values that an automation puts in place
    of what is written. `ignored`: ids whose writes are accepted and do nothing. `cleared_only`: ids where the
    connection ends between the clear and the set of a step backward. `before_push`: called with the writes before
    they are carried out.
    `tells_what_it_met`: whether results say what each record held right before and after.
    `at_step`: called before and after each call, and after each single write or creation.

    `history`: who set what, oldest first; a test adds to it.

    `created`: what `create` made: id → native values with `@lead`. Faults of creating are set by lead id, too:
    `creation_refusals`: lead → the CRM's own words. `lost_creations`: lead → whether the record was made before
    the answer was lost. `read` shows what was created like any other record, and `push` writes to it. `closings`:
    object → how its records are closed.
    """

    def __init__(self, records: Mapping[str, Mapping[str, str | None]], *, write_batch_size: int = 2) -> None:
        self.capabilities = Capabilities(write_batch_size)
        self.records: dict[str, Values] = {name: dict(values) for name, values in records.items()}
        self.gone: dict[str, str] = {}
        self.torn: set[str] = set()
        self.refusals: dict[str, str] = {}
        self.refused_fields: dict[str, str] = {}
        self.lost_answers: dict[str, bool] = {}
        self.rewrites: dict[str, Values] = {}
        self.ignored: set[str] = set()
        self.created: dict[str, Values] = {}
        self.history: list[Edit] = []
        self.creation_refusals: dict[str, str] = {}
        self.lost_creations: dict[str, bool] = {}
        self.closings: dict[str, Closing] = {}
        self.cleared_only: set[str] = set()
        self.tells_what_it_met = False
        self.before_push: Callable[[Sequence[Write]], None] = lambda _: None
        self.at_step: Callable[[], None] = lambda: None
        self.calls: list[str] = []
        self.account = "memory"
        self.log: list[tuple[str, Values]] = []

    def org(self) -> Org:
        """A nameless account in UTC."""
        return Org(self.account, "memory", "UTC", pages="https://memory.example")

    def fields(self, object_name: str) -> tuple[NativeField, ...]:
        """Every field that some record has."""
        names = sorted({field for values in self.records.values() for field in values})
        return tuple(NativeField(name, name, "text", writable=True) for name in names)

    def users(self) -> tuple[CrmUser, ...]:
        """Nobody."""
        return ()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Everything, on one page."""
        self.calls.append("pull")
        yield Page(self._frame(sorted(self.records), request.fields), cursor="end")

    def read(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        """The records as they stand."""
        self.calls.append("read")
        self.at_step()
        there = {**self.records, **self.created}
        missing = {record: self.gone.get(record, "deleted") for record in ids if record not in there}
        missing |= {record: f"{STILL_THERE}and its entry was torn" for record in ids if record in self.torn}
        return Reading(self._frame([record for record in ids if record not in missing], fields), missing)

    def push(self, object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        """Write, with the faults that are set."""
        assert len(writes) <= self.capabilities.write_batch_size, "more writes than one call takes"
        there = {field.name for field in self.fields(object_name)}
        if unknown := sorted({name for write in writes for name in write.values} - there):
            raise UsageError(f"there is no field {', '.join(unknown)}")
        self.calls.append("push")
        self.before_push(writes)
        self.at_step()
        results = []
        for write in writes:
            met = dict(self._held(write.id))
            result = self._push_one(write)
            self.at_step()
            results.append(replace(result, seen=self._seen(write, met, result)) if self.tells_what_it_met else result)
        return results

    def create(self, object_name: str, leads_object: str, creations: Sequence[Creation]) -> list[CreationResult]:
        """Make what is not there, with the faults that are set."""
        assert len(creations) <= self.capabilities.write_batch_size, "more creations than one call takes"
        self.calls.append("create")
        self.at_step()
        results = []
        for creation in creations:
            results.append(self._create_one(object_name, creation))
            self.at_step()
        return results

    def closing(self, object_name: str) -> Closing | None:
        """What stands in `closings`."""
        return self.closings.get(object_name)

    def edits(self, object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Sequence[Edit]:
        """What stands in `history`, newest first."""
        self.calls.append("edits")
        return [edit for edit in reversed(self.history) if edit.id in ids and edit.field in fields]

    def usage(self) -> Usage:
        """Calls so far."""
        return Usage(len(self.calls))

    def remove(self, record: str, reason: str) -> None:
        """Delete, merge or convert a record."""
        del self.records[record]
        self.gone[record] = reason

    def _seen(self, write: Write, met: Values, result: WriteResult) -> Seen | None:
        if result.outcome != "accepted":
            return None
        names = dict.fromkeys((*write.expected, *write.values))
        return Seen({name: met.get(name) for name in names}, {name: self._held(write.id).get(name) for name in names})

    def _held(self, record: str) -> Values:
        return self.records.get(record) or self.created.get(record) or {}

    def _push_one(self, write: Write) -> WriteResult:
        if write.id not in self.records and write.id not in self.created:
            return WriteResult(write.id, "gone", self.gone.get(write.id, "deleted"))
        if write.id in self.refusals:
            return WriteResult(write.id, "refused", self.refusals[write.id])
        if words := [words for name, words in self.refused_fields.items() if name in write.values]:
            return WriteResult(write.id, "refused", words[0])
        if self.lost_answers.get(write.id) is False:
            return WriteResult(write.id, "uncertain")
        if write.id in self.cleared_only:
            self._set(write.id, dict.fromkeys(write.values))
            return WriteResult(write.id, "uncertain")
        if write.id not in self.ignored:
            self._set(write.id, dict(write.values) | self.rewrites.get(write.id, {}))
        return WriteResult(write.id, "uncertain" if write.id in self.lost_answers else "accepted")

    def _create_one(self, object_name: str, creation: Creation) -> CreationResult:
        lead = creation.lead
        if lead not in self.records:
            return CreationResult(lead, "gone", message=self.gone.get(lead, "deleted"))
        if lead in self.torn:
            return CreationResult(lead, "uncertain", message=UNREAD.format(what="the lead"))
        known = {LEAD_ID: lead, **{name: creation.values[name] for name in creation.known_by}}
        for record, values in self.created.items():
            if known.items() <= values.items():
                return CreationResult(lead, "there", record)
        if lead in self.creation_refusals:
            return CreationResult(lead, "refused", message=self.creation_refusals[lead])
        if self.lost_creations.get(lead) is False:
            return CreationResult(lead, "uncertain")
        record = f"{object_name}-{len(self.created) + 1}"
        self.created[record] = {LEAD_ID: lead, **creation.values}
        self.log.append((record, dict(creation.values)))
        return (
            CreationResult(lead, "uncertain") if lead in self.lost_creations else CreationResult(lead, "made", record)
        )

    def _set(self, record: str, values: Values) -> None:
        self._held(record).update(values)
        self.log.append((record, values))

    def _frame(self, ids: Sequence[str], fields: Sequence[str]) -> pl.DataFrame:
        there = {**self.records, **self.created}
        return native_frame([{**there[record], RECORD_ID: record} for record in ids], fields)
