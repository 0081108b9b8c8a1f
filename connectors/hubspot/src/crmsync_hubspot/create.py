"""Making activities of contacts or leads, each once, up to 100 in a call.

HubSpot's search index lags behind, so what is there already is read through the associations API and by id: both are
fresh. Every input carries a trace id, without which one bad input spoils the whole batch; a result or a refusal that
cannot be told apart by it counts as lost, and is found by looking again. A lost answer is never followed by another
request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crmsync.sdk import (
    RECORD_ID,
    STILL_THERE,
    Closing,
    Creation,
    CreationResult,
    CreationSteps,
    Held,
    OutcomeUncertain,
    UsageError,
    create_once,
    in_halves,
)
from crmsync_hubspot.belonging import leads_of
from crmsync_hubspot.errors import HubSpotRefused, of_one_record, words
from crmsync_hubspot.gateway import Gateway
from crmsync_hubspot.object_names import plural
from crmsync_hubspot.parts import JsonObject, id_in
from crmsync_hubspot.properties import Properties
from crmsync_hubspot.read import read_records
from crmsync_hubspot.told_records import Records
from crmsync_hubspot.write import LOST, NOT_TOLD, named_in

_ASSOCIATION_TYPES = {
    ("calls", "contacts"): 194,
    ("emails", "contacts"): 198,
    ("meetings", "contacts"): 200,
    ("notes", "contacts"): 202,
    ("tasks", "contacts"): 204,
    ("calls", "leads"): 597,
    ("meetings", "leads"): 601,
    ("notes", "leads"): 855,
    ("tasks", "leads"): 647,
}
"""HubSpot's own numbers, from the activity to whom it belongs. The one from e-mails to leads is not documented."""


_DONE = "COMPLETED"


def closing_of(object_name: str) -> Closing | None:
    """How a task is closed; null for everything else."""
    if plural(object_name) != "tasks":
        return None
    return Closing("hs_task_status", _DONE, frozenset({_DONE}))


@dataclass(frozen=True, slots=True)
class Row:
    """A creation on its way. `trace` is the name HubSpot gives back with its result or refusal."""

    trace: str
    creation: Creation

    @property
    def known(self) -> tuple[str, ...]:
        """What is known of the record and its contact, and must not be repeated in HubSpot's words."""
        return (*self.creation.values.values(), *self.creation.personal)

    def wire(self, association_type: int) -> JsonObject:
        """The batch input."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": association_type}]
        return {
            "objectWriteTraceId": self.trace,
            "properties": dict(self.creation.values),
            "associations": [{"to": {"id": self.creation.lead}, "types": types}],
        }


class Creator:
    """Makes the records of one `create`."""

    def __init__(self, gateway: Gateway, properties: Properties, object_name: str, leads_object: str) -> None:
        kinds = plural(object_name), plural(leads_object)
        if kinds not in _ASSOCIATION_TYPES:
            raise UsageError(
                f"crmsync cannot make {object_name} that belong to {leads_object}",
                hint="it can make tasks, calls, meetings, notes and emails of contacts, and all but emails of "
                "leads (0-136)",
            )
        self._gateway = gateway
        self._properties = properties
        self._object = object_name
        self._leads_object = leads_object
        self._association_type = _ASSOCIATION_TYPES[kinds]

    def results(self, creations: Sequence[Creation]) -> list[CreationResult]:
        """One result per creation, in order."""
        self._properties.check(self._object, dict.fromkeys(name for each in creations for name in each.values))
        return create_once(
            creations,
            CreationSteps(
                gone=lambda leads: read_records(self._gateway, self._leads_object, leads, ()).gone,
                look=self._held,
                make=self._made,
                retried=self._gateway.retried,
            ),
        )

    def _held(self, creations: Sequence[Creation]) -> Iterator[Held]:
        """All such records of the creations' leads."""
        names = list(dict.fromkeys(name for each in creations for name in each.known_by))
        leads = list(dict.fromkeys(each.lead for each in creations))
        ids_by_lead = leads_of(self._gateway, self._leads_object, self._object, leads)
        ids = sorted({each for found in ids_by_lead.values() for each in found}, key=int)
        reading = read_records(self._gateway, self._object, ids, names)
        rows = {row[RECORD_ID]: row for row in reading.records.iter_rows(named=True)}
        for lead, found in ids_by_lead.items():
            for each in sorted(found, key=int):
                if each in rows:
                    yield Held(id=each, lead=lead, values=rows[each])
                elif reading.gone.get(each, "").startswith(STILL_THERE):
                    yield Held(id=each, lead=lead, values={}, unread=True)

    def _made(self, creations: Sequence[Creation]) -> list[CreationResult]:
        rows = [Row(f"row-{place}", creation) for place, creation in enumerate(creations)]
        results: dict[str, CreationResult] = {}
        for part, answer in in_halves(rows, self._answer, HubSpotRefused, halve=of_one_record):
            if isinstance(answer, HubSpotRefused):
                results[part[0].trace] = _refusal(part[0], answer.detail, answer.status)
            elif answer is None:
                results.update((each.trace, _uncertain(each, LOST)) for each in part)
            else:
                results.update((each.trace, _uncertain(each, NOT_TOLD)) for each in part)
                results.update(_told(part, answer))
        return [results[row.trace] for row in rows]

    def _answer(self, rows: Sequence[Row]) -> Records | None:
        """HubSpot's answer; None when it was lost."""
        try:
            return self._gateway.create_batch(
                self._object,
                [each.wire(self._association_type) for each in rows],
                of=[value for each in rows for value in each.known],
            )
        except OutcomeUncertain:
            return None


def _told(rows: Sequence[Row], answer: Records) -> dict[str, CreationResult]:
    """What the answer says, by trace; results come in any order."""
    by_trace: Mapping[str, Row] = {each.trace: each for each in rows}
    told: dict[str, CreationResult] = {}
    for record in answer.results:
        row = by_trace.get(str(record.get("objectWriteTraceId"))) or (rows[0] if len(rows) == 1 else None)
        if row is not None and (number := id_in(record.get("id"))):  # without one it is found by looking again
            told[row.trace] = CreationResult(row.creation.lead, "made", number)
    for error in answer.errors:
        refused = [by_trace[trace] for trace in named_in(error, "objectWriteTraceId") if trace in by_trace]
        if not refused and len(answer.errors) == 1 and len(told) == len(rows) - 1:
            refused = [each for each in rows if each.trace not in told]
        told.update((each.trace, _refusal(each, error, 207)) for each in refused)
    return told


def _uncertain(row: Row, message: str) -> CreationResult:
    return CreationResult(row.creation.lead, "uncertain", message=message)


def _refusal(row: Row, detail: JsonObject, status: int) -> CreationResult:
    """Refused in HubSpot's words; of what was sent only ids stay in them."""
    ids = {value for name, value in row.creation.values.items() if name.endswith("_id")}
    message = words(detail, of=row.known, keep={row.creation.lead, *ids}) or f"HubSpot gave no reason ({status})"
    return CreationResult(row.creation.lead, "refused", message=message)
