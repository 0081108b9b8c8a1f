"""One batch of changes: written where the CRM still holds what the decision was made from, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmsync.contract import Connector
from crmsync.model import Change
from crmsync.run.beside import write_records
from crmsync.run.create import Persons, create_records
from crmsync.run.given_back import given_back, overtaken, with_lost_words
from crmsync.run.held import (
    Values,
    as_before,
    conflict_of,
    emptied_on_the_way,
    gone_words,
    holds,
    moved_beside,
    ours,
    read_held,
    still_as_decided,
    unread,
)
from crmsync.run.pushed import pushed
from crmsync.run.unforeseen import told
from crmsync.run.verified import Ends, verified, without_reading
from crmsync.store import Settlement
from crmsync.values import replace

_LOST = "the CRM's answer was lost and nothing was written by then; the next run looks again"
_EMPTIED = "the CRM's answer was lost after a field was emptied to be set anew; the next run sets it"
_NOT_WRITTEN = "the run stopped while this was sent, and nothing was written by then; the next run looks again"
_OVERTAKEN = "the run stopped while this was sent, and the CRM holds something else by now; the next run looks again"
_BESIDE = "the lead holds what was intended; whether its {record} {was} could not be found out; the next run looks"


def carry_out(
    connector: Connector,
    object_name: str,
    batch: Sequence[Change],
    held: Mapping[str, Values],
    gone: Mapping[str, str],
    persons: Persons,
) -> Ends:
    """`held`, `gone`: what the CRM holds of these leads, and why it holds none of the others, read just before.

    `persons`: by lead, what no message may hold.
    """
    settled: dict[str, Settlement] = {}
    to_write: list[Change] = []
    left_open: dict[str, str] = {}
    for change in batch:
        if unread(gone.get(change.lead)):
            left_open[change.lead] = gone_words(gone[change.lead])
        elif change.lead not in held:
            settled[change.lead] = Settlement(change.lead, "gone", gone_words(gone.get(change.lead, "")))
        elif change.writes and holds(held[change.lead], change.writes, change.fields):
            settled[change.lead] = Settlement(change.lead, "unchanged")
        elif not still_as_decided(held[change.lead], change.guarded) or moved_beside(change, held[change.lead]):
            settled[change.lead] = conflict_of(change, held[change.lead])
        elif not change.writes:
            settled[change.lead] = Settlement(change.lead, "unchanged")
        else:
            to_write.append(change)
    written = _written(connector, object_name, to_write, held, persons) if to_write else Ends()
    ends = replace(written, settled={**settled, **written.settled}, open={**left_open, **written.open})
    return _with_records(connector, object_name, batch, ends, persons)


def _with_records(
    connector: Connector, object_name: str, batch: Sequence[Change], ends: Ends, persons: Persons
) -> Ends:
    """The same once the records of changes that arrived are made; where that cannot be told, they are in doubt."""
    arrived = [(change, ends.settled[change.lead]) for change in batch if change.lead in ends.settled]
    broken = ends.broken
    try:
        made = create_records(connector, object_name, arrived, last_try=False, persons=persons)
        changes = {change.lead: change for change in batch}
        completed = write_records(connector, [(changes[end.lead], end) for end in made], last_try=False)
    except Exception as stopping:
        broken = told(stopping)
        completed = [end for change, end in arrived if not (end.arrived and (change.creates or change.records))]
    settled = {end.lead: end for end in completed}
    untold = {change.lead: _untold(change) for change, _ in arrived if change.lead not in settled}
    return Ends(settled, {**ends.in_doubt, **untold}, ends.open, broken)


def _untold(change: Change) -> str:
    if change.creates:
        return _BESIDE.format(record=change.creates[0].object, was="was made")
    return _BESIDE.format(record=change.records[0].object, was="was written")


def _written(
    connector: Connector,
    object_name: str,
    changes: Sequence[Change],
    held: Mapping[str, Values],
    persons: Persons,
) -> Ends:
    """What became of these changes.

    When they cannot be read back, what was given back is there all the same: only this run knows of it.
    """
    sent = pushed(connector, object_name, changes, held, persons)
    results, broken = sent.results, sent.broken
    seen = {lead: result.seen for lead, result in results.items() if result.seen}
    replaced = [
        change
        for change in changes
        if results[change.lead].outcome == "accepted"  # what was refused has replaced nothing
        and change.lead in seen
        and overtaken(change, seen[change.lead].before)
    ]
    settled = given_back(connector, object_name, replaced, seen)
    values: dict[str, Values] = {lead: look.after for lead, look in seen.items()}
    unseen = [change for change in changes if change.lead not in values]
    gone: Mapping[str, str] = {}
    try:
        found, gone = read_held(connector, object_name, unseen) if unseen else ({}, {})
        values |= found
        unseen = [change for change in unseen if unread(gone.get(change.lead))]
    except Exception as stopping:
        broken = broken or told(stopping)
    by_answer, in_doubt = without_reading(unseen, results)
    settled |= by_answer
    still_open: dict[str, str] = {}
    for change in changes:
        lead, result = change.lead, results[change.lead]
        if lead in settled or lead in in_doubt:
            continue
        if lead not in values or result.outcome == "gone":
            settled[lead] = Settlement(lead, "gone", gone_words(gone.get(lead, result.message)))
        elif broken and not holds(values[lead], ours(change), change.fields) and result.outcome == "uncertain":
            still_open[lead] = _NOT_WRITTEN if as_before(change, values[lead]) else _OVERTAKEN
        elif end := verified(change, result, values[lead], left_out=sent.left_out.get(lead)):
            settled[lead] = with_lost_words(
                end, change, {**held[lead], **(result.seen.before if result.seen else {})}
            )
        else:
            still_open[lead] = _EMPTIED if emptied_on_the_way(change, values[lead]) else _LOST
    return Ends(settled, in_doubt, still_open, broken)
