"""Sends a batch's writes, and what the CRM refuses once more without the fields for people.

Such a field tells of stage and owner, and must not keep them from the lead: a text that has become too long for the
CRM, or a field that its user may not write any more, is left out, and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from crmsync.contract import Connector, Write, WriteResult
from crmsync.errors import CrmsyncError
from crmsync.model import Change
from crmsync.run.create import Persons
from crmsync.run.held import Values, arrived, value_of
from crmsync.run.unforeseen import told


class Pushed(Struct, frozen=True):
    """`results`: by lead. `left_out`: lead → the CRM's words to the write that had the fields for people in it.

    `broken`: what kept the connector from telling of some; their results are uncertain.
    """

    results: Mapping[str, WriteResult]
    left_out: Mapping[str, str] = field(default_factory=dict)
    broken: CrmsyncError | None = None


def pushed(
    connector: Connector,
    object_name: str,
    changes: Sequence[Change],
    held: Mapping[str, Values],
    persons: Persons,
) -> Pushed:
    """One result for each of the changes. `held`: what their leads held right before; `persons`: as in `Write`."""
    writes = {change.lead: _write(change, held[change.lead], persons) for change in changes}
    results, broken = _push(connector, object_name, list(writes.values()))
    shorter = {
        change.lead: write
        for change in changes
        if results[change.lead].outcome == "refused" and (write := _without_fields(change, writes[change.lead]))
    }
    if not shorter or broken:
        return Pushed(results, broken=broken)
    again, broken = _push(connector, object_name, list(shorter.values()))
    left_out = {lead: results[lead].message for lead, end in again.items() if end.outcome != "refused"}
    return Pushed({**results, **again}, left_out, broken)


def _push(
    connector: Connector, object_name: str, writes: Sequence[Write]
) -> tuple[dict[str, WriteResult], CrmsyncError | None]:
    try:
        results = connector.push(object_name, writes)
        return {write.id: result for write, result in zip(writes, results, strict=True)}, None
    except Exception as stopping:  # part of it may have been carried out: only looking tells
        return {write.id: WriteResult(write.id, "uncertain") for write in writes}, told(stopping)


def _write(change: Change, held: Values, persons: Persons) -> Write:
    """Only the fields that are not yet as they should be."""
    missing = {
        name: pair
        for name, pair in change.writes.items()
        if not arrived(name, held.get(name), pair[1], change.fields)
    }
    return Write(
        id=change.lead,
        values={name: after for name, (_, after) in missing.items()},
        expected={name: value_of(held.get(name)) for name in change.writes},
        personal=persons.get(change.lead, ()),
    )


def _without_fields(change: Change, write: Write) -> Write | None:
    """The same without the fields for people; nothing where that is all of it, or none of it."""
    values = {name: value for name, value in write.values.items() if name not in change.fields}
    if not values or values == write.values:
        return None
    return Write(write.id, values, write.expected, write.personal)
