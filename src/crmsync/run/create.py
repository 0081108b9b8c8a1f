"""Records that changes make beside their lead (tasks), once the lead holds what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from crmsync.contract import Connector, Creation, CreationResult
from crmsync.model import Change, NewRecord, SetAside
from crmsync.sdk import UNREAD
from crmsync.store import Settlement
from crmsync.values import replace

Persons = Mapping[str, tuple[str, ...]]
"""Lead → its name, e-mail address and company."""

_UNREAD = UNREAD.format(what="")


def create_records(
    connector: Connector,
    leads_object: str,
    ends: Sequence[tuple[Change, Settlement]],
    *,
    last_try: bool,
    persons: Persons,
) -> list[Settlement]:
    """The settlements, completed by what became of the records of changes that arrived.

    A record whose answer was lost leaves its change open (no settlement), so that the next run looks for it; on the
    `last_try` the change is settled all the same, and says so. `persons`: by lead, what no message may hold.
    """
    wanted = [(change, record) for change, end in ends if end.arrived for record in change.creates]
    results: dict[str, list[tuple[NewRecord, CreationResult]]] = {}
    for object_name in dict.fromkeys(record.object for _, record in wanted):
        some = [(change, record) for change, record in wanted if record.object == object_name]
        creations = [
            Creation(change.lead, record.values, record.known_by, persons.get(change.lead, ()))
            for change, record in some
        ]
        for (_, record), result in zip(some, connector.create(object_name, leads_object, creations), strict=True):
            results.setdefault(result.lead, []).append((record, result))
    completed = [_completed(change, end, results, last_try=last_try) for change, end in ends]
    return [end for end in completed if end is not None]


def _completed(
    change: Change,
    end: Settlement,
    results: Mapping[str, Sequence[tuple[NewRecord, CreationResult]]],
    *,
    last_try: bool,
) -> Settlement | None:
    mine = results.get(change.lead, ()) if end.arrived else ()
    if not mine:
        return end
    if any(result.outcome == "uncertain" for _, result in mine) and not last_try:
        return None
    made = tuple(f"{record.object}:{result.id}" for record, result in mine if result.id is not None)
    missing = [f"{record.object} was not made: {_why(result)}" for record, result in mine if result.id is None]
    outcome = end.outcome
    if not change.writes:
        outcome = "refused" if missing else "written" if _new(mine) else "unchanged"
    return with_lacking(replace(end, outcome=outcome, made=made), missing)


def with_lacking(end: Settlement, missing: Sequence[str]) -> Settlement:
    """The same, told what of it is not there beside the lead."""
    lacking = "; ".join(filter(None, (end.lacking, *missing)))
    return replace(end, lacking=lacking, message="; ".join(filter(None, (end.message, *missing))))


def _new(results: Sequence[tuple[NewRecord, CreationResult]]) -> bool:
    return any(result.outcome == "made" for _, result in results)


def _why(result: CreationResult) -> str:
    if result.outcome == "uncertain":
        return result.message if result.message.endswith(_UNREAD) else "the CRM's answer was lost"
    return result.message or ("the lead is no longer in the CRM" if result.outcome == "gone" else "refused")


def without_record(settlements: Iterable[Settlement]) -> list[SetAside]:
    """Changes that arrived, but what they were to make beside the lead was not made."""
    return [SetAside(it.lead, it.lacking) for it in settlements if it.arrived and it.lacking]
