"""The only writer: carries out a plan whose changes the journal already holds as intended.

Batch by batch: read what the CRM holds now → write only where it still holds what the decision was made from →
read back → journal the outcome. Nothing is believed that was not read back, and nothing is guessed: what could
not be read stays intended, and the next run looks at it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from crmsync.contract import Connector
from crmsync.errors import CrmsyncError
from crmsync.mapping import CrmMapping
from crmsync.model import Change, Outcome, Plan, SetAside
from crmsync.run.beside import write_records
from crmsync.run.create import Persons, create_records, without_record
from crmsync.run.given_back import given_back, overtaken, with_lost_words
from crmsync.run.held import (
    Values,
    as_before,
    batches,
    conflict_of,
    gone_words,
    holds,
    moved_beside,
    ours,
    read_held,
    still_as_decided,
    unread,
)
from crmsync.run.overruled import with_overrulings
from crmsync.run.pushed import pushed
from crmsync.run.unforeseen import told
from crmsync.run.verified import Ends, verified, without_reading
from crmsync.spans import span
from crmsync.store import Settlement, Store

_LOST = "the CRM's answer was lost and nothing was written by then; the next run looks again"
_NOT_WRITTEN = "the run stopped while this was sent, and nothing was written by then; the next run looks again"
_OVERTAKEN = "the run stopped while this was sent, and the CRM holds something else by now; the next run looks again"
_NOT_SENT = "not sent, as the run stopped before; the next run decides it again"
_BESIDE = "the lead holds what was intended; whether its {record} {was} could not be found out; the next run looks"
_NOT_NOTED = "it could not be noted in the store: the next run finds it in the CRM, or decides it again"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan's changes.

    `outcomes`: by lead, for every change; a lead that is gone from the CRM is refused, and in `set_aside` as well.
    `messages`: what went wrong, by lead. `amiss`: leads that came to their stage and owner, and whose fields for
    people hold something else. `in_doubt`: of those not reached, the leads that may have been written: what was sent
    could not be read back. `waited`: seconds that changes of the CRM had waited for what was written here, once it
    was verified. `stopped`: ended early because it was asked to. `error`: ended early because the
    CRM or the store could not be reached. What was not reached stays intended.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    amiss: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()
    waited: tuple[float, ...] = ()
    stopped: bool = False
    error: CrmsyncError | None = None

    @property
    def done(self) -> frozenset[str]:
        """Leads that hold all that was intended."""
        return frozenset(lead for lead, it in self.outcomes.items() if it in {"written", "unchanged"}) - self.amiss


def apply_plan(
    connector: Connector,
    store: Store,
    plan: Plan,
    object_name: str,
    *,
    run_id: int,
    now: Callable[[], datetime],
    today: date,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    mapping: CrmMapping | None = None,
) -> ApplyReport:
    """Write the changes of the plan that the journal holds as intended by this run. `today`: in the org's zone.

    `mapping`: tells what of a lead somebody else has replaced; without it nothing of that is noted.

    `stop` is asked before each batch. `progress` is called with (changes settled, changes in all). When the CRM or
    the store cannot be reached it ends there and says so; what is settled by then is journaled.
    """
    changes = _of_one_kind_together(
        entry.change for entry in store.journal.entries(plan.connection, state="intended", run_id=run_id)
    )
    settled: dict[str, Settlement] = {}
    in_doubt: dict[str, str] = {}
    messages = dict.fromkeys((change.lead for change in changes), _NOT_SENT)
    unnoted: frozenset[str] = frozenset()
    waited: list[float] = []
    stopped, error = False, None
    try:
        for batch in batches(changes, connector.capabilities.write_batch_size):
            stopped = stop()
            if stopped:
                break
            with span("batch", {"crmsync.leads": len(batch)}):
                held, gone = read_held(connector, object_name, batch)
                persons = store.facts.lead_persons(plan.connection, [change.lead for change in batch])
                store.still_held()
                ends = _apply_batch(connector, object_name, batch, held, gone, persons)
            settled |= ends.settled
            in_doubt |= ends.in_doubt
            messages |= {**ends.open, **ends.in_doubt}
            unnoted = frozenset(ends.settled)
            noted = with_overrulings(ends.settled.values(), batch, mapping)
            waited += store.journal.record_outcomes(plan.connection, noted, now=now(), today=today)
            unnoted = frozenset()
            if ends.broken:
                raise ends.broken
            progress(len(settled), len(changes))
    except Exception as stopping:
        error = told(stopping)
    messages |= {lead: it.message for lead, it in settled.items()}
    messages |= {lead: "; ".join(filter(None, (messages[lead], _NOT_NOTED))) for lead in unnoted}
    reported = _reported(changes, settled, messages)
    return replace(reported, in_doubt=frozenset(in_doubt), waited=tuple(waited), stopped=stopped, error=error)


def _reported(
    changes: Sequence[Change], settled: Mapping[str, Settlement], messages: Mapping[str, str]
) -> ApplyReport:
    reached: dict[str, Outcome] = {lead: _outcome(settlement) for lead, settlement in settled.items()}
    return ApplyReport(
        outcomes={change.lead: reached.get(change.lead, "not_reached") for change in changes},
        messages={lead: words for lead, words in messages.items() if words},
        amiss=frozenset(lead for lead, it in settled.items() if it.arrived and it.found),
        set_aside=(
            *(SetAside(lead, it.message) for lead, it in settled.items() if it.outcome == "gone"),
            *without_record(settled.values()),
        ),
    )


def _of_one_kind_together(changes: Iterable[Change]) -> list[Change]:
    """By move, else in their order: a CRM that takes a step back in two calls takes them for few batches only."""
    return sorted(changes, key=lambda change: (change.stage_before or "", change.stage_after or ""))


def _outcome(settlement: Settlement) -> Outcome:
    """As the plan tells it: a lead that is gone could not be written."""
    return "refused" if settlement.outcome == "gone" else settlement.outcome


def _apply_batch(
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
            still_open[lead] = _LOST
    return Ends(settled, in_doubt, still_open, broken)
