"""Records beside leads that changes write to (tasks that are closed), once the lead holds what was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmsync.contract import Connector, Write
from crmsync.errors import UsageError
from crmsync.model import Change, RecordChange
from crmsync.run.create import with_lacking
from crmsync.run.held import Values, unread, value_of
from crmsync.run.looked import read_values
from crmsync.store import Settlement
from crmsync.values import replace

_LOST = "the CRM's answer was lost"
_UNREAD = "the record beside the lead is there and could not be read"


def write_records(
    connector: Connector, ends: Sequence[tuple[Change, Settlement]], *, last_try: bool
) -> list[Settlement]:
    """The settlements, completed by what became of the records of changes that arrived.

    A record that is gone, or that holds something else by now, is left as it is. One whose answer was lost, or that
    cannot be read, leaves its change open (no settlement); on the `last_try` the change is settled all the same, and
    says so.
    """
    wanted = [(change.lead, record) for change, end in ends if end.arrived for record in change.records]
    troubles: dict[str, list[str]] = {}
    written: set[str] = set()
    for object_name in dict.fromkeys(record.object for _, record in wanted):
        some = [(lead, record) for lead, record in wanted if record.object == object_name]
        size = connector.capabilities.write_batch_size
        for start in range(0, len(some), size):
            _write_some(connector, object_name, some[start : start + size], troubles, written)
    return [
        completed
        for change, end in ends
        if (completed := _completed(change, end, troubles, written, last_try=last_try)) is not None
    ]


def _write_some(
    connector: Connector,
    object_name: str,
    some: Sequence[tuple[str, RecordChange]],
    troubles: dict[str, list[str]],
    written: set[str],
) -> None:
    """`troubles`: lead → what went wrong; `written`: leads of which a record was written."""
    fields = {name for _, record in some for name in record.writes}
    ids = [record.id for _, record in some]
    held, gone = read_values(connector, object_name, ids, fields)
    for lead, record in some:
        if unread(gone.get(record.id)):
            troubles.setdefault(lead, []).append(_UNREAD)
    open_ones = [(lead, record) for lead, record in some if _still(record, held.get(record.id))]
    if not open_ones:
        return
    writes = [
        Write(
            record.id,
            {name: after for name, (_, after) in record.writes.items()},
            {name: value_of(held[record.id].get(name)) for name in record.writes},
        )
        for _, record in open_ones
    ]
    try:
        results = connector.push(object_name, writes)
    except UsageError as error:  # a field that is not there, or that this user may not set
        for lead, _ in open_ones:
            troubles.setdefault(lead, []).append(f"{object_name} was not written: {error.message}")
        return
    held, gone = read_values(connector, object_name, ids, fields)
    for (lead, record), result in zip(open_ones, results, strict=True):
        if unread(gone.get(record.id)):
            troubles.setdefault(lead, []).append(_UNREAD)
        elif record.id not in held or _arrived(record, held[record.id]):
            written.add(lead)
        elif result.outcome == "uncertain":
            troubles.setdefault(lead, []).append(_LOST)
        else:
            words = result.message or "the CRM kept it as it was"
            troubles.setdefault(lead, []).append(f"{object_name} was not written: {words}")


def _still(record: RecordChange, held: Values | None) -> bool:
    """Whether there is something to write, and nobody has written there since."""
    if held is None or _arrived(record, held):
        return False
    return all(
        value_of(held.get(name)) in {value_of(value) for value in pair} for name, pair in record.writes.items()
    )


def _arrived(record: RecordChange, held: Values) -> bool:
    return all(value_of(held.get(name)) == value_of(after) for name, (_, after) in record.writes.items())


def _completed(
    change: Change,
    end: Settlement,
    troubles: Mapping[str, Sequence[str]],
    written: set[str],
    *,
    last_try: bool,
) -> Settlement | None:
    if not (end.arrived and change.records):
        return end
    told = troubles.get(change.lead, ())
    if not last_try and not {_LOST, _UNREAD}.isdisjoint(told):
        return None
    outcome = end.outcome
    if not change.writes and not change.creates:
        outcome = "refused" if told else "written" if change.lead in written else outcome
    return with_lacking(replace(end, outcome=outcome), told)
