"""The only writer: carries out a plan whose changes the journal already holds as intended.

Batch by batch: read what the CRM holds now → write only where it still holds what the decision was made from →
read back → journal the outcome. Nothing is believed that was not read back, and nothing is guessed: what could
not be read stays intended, and the next run looks at it first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from crmsync.contract import Connector, Write, WriteResult
from crmsync.errors import CrmsyncError
from crmsync.model import Change, Outcome, Plan, SetAside
from crmsync.run.create import create_records, without_record
from crmsync.run.given_back import given_back, overtaken
from crmsync.run.held import (
    Values,
    batches,
    conflict_of,
    gone_words,
    holds,
    moved_beside,
    ours,
    owner_holds,
    read_held,
    shown,
    still_as_decided,
    value_of,
)
from crmsync.store import Settlement, Store

_LOST = "the CRM's answer was lost and nothing was written by then; the next run looks again"
_NOT_READ_BACK = "it could not be read back whether this was written; the next run looks"
_NOT_SENT = "not sent, as the run stopped before; the next run decides it again"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan's changes.

    `outcomes`: by lead, for every change; a lead that is gone from the CRM is refused, and in `set_aside` as well.
    `messages`: what went wrong, by lead. `stopped`: ended early because it was asked to.
    `error`: ended early because the CRM or the store could not be reached. What was not reached stays intended.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    stopped: bool = False
    error: CrmsyncError | None = None

    @property
    def done(self) -> frozenset[str]:
        """Leads that hold what was intended."""
        return frozenset(lead for lead, outcome in self.outcomes.items() if outcome in {"written", "unchanged"})


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
) -> ApplyReport:
    """Write the changes of the plan that the journal holds as intended by this run. `today`: in the org's zone.

    `stop` is asked before each batch. `progress` is called with (changes settled, changes in all). When the CRM or
    the store cannot be reached it ends there and says so; what is settled by then is journaled.
    """
    changes = [entry.change for entry in store.journal.entries(plan.connection, state="intended", run_id=run_id)]
    settled: dict[str, Settlement] = {}
    messages = dict.fromkeys((change.lead for change in changes), _NOT_SENT)
    stopped, error = False, None
    try:
        for batch in batches(changes, connector.capabilities.write_batch_size):
            stopped = stop()
            if stopped:
                break
            held, gone = read_held(connector, object_name, batch)
            messages |= dict.fromkeys((change.lead for change in batch), _NOT_READ_BACK)
            some, broken = _apply_batch(connector, object_name, batch, held, gone)
            store.journal.record_outcomes(plan.connection, some, now=now(), today=today)
            settled |= {settlement.lead: settlement for settlement in some}
            if broken:
                raise broken
            messages |= dict.fromkeys((change.lead for change in batch if change.lead not in settled), _LOST)
            progress(len(settled), len(changes))
    except CrmsyncError as stopping:
        error = stopping
    reached: dict[str, Outcome] = {lead: _outcome(settlement) for lead, settlement in settled.items()}
    return ApplyReport(
        outcomes={change.lead: reached.get(change.lead, "not_reached") for change in changes},
        messages={
            lead: words
            for lead, words in (messages | {it.lead: it.message for it in settled.values()}).items()
            if words
        },
        set_aside=(
            *(SetAside(lead, it.message) for lead, it in settled.items() if it.outcome == "gone"),
            *without_record(settled.values()),
        ),
        stopped=stopped,
        error=error,
    )


def _outcome(settlement: Settlement) -> Outcome:
    """As the plan tells it: a lead that is gone could not be written."""
    return "refused" if settlement.outcome == "gone" else settlement.outcome


def _apply_batch(
    connector: Connector,
    object_name: str,
    batch: Sequence[Change],
    held: Mapping[str, Values],
    gone: Mapping[str, str],
) -> tuple[list[Settlement], CrmsyncError | None]:
    """What is settled, and what kept the others from being read back, or their records from being made.

    `held`, `gone`: what the CRM holds of these leads, and why it holds none of the others, read just before.
    """
    broken = None
    settled: dict[str, Settlement] = {}
    to_write: list[Change] = []
    for change in batch:
        if change.lead not in held:
            settled[change.lead] = Settlement(change.lead, "gone", gone_words(gone.get(change.lead, "")))
        elif change.writes and holds(held[change.lead], change.writes):
            settled[change.lead] = Settlement(change.lead, "unchanged")
        elif not still_as_decided(held[change.lead], change.writes) or moved_beside(change, held[change.lead]):
            settled[change.lead] = conflict_of(change, held[change.lead])
        elif not change.writes:
            settled[change.lead] = Settlement(change.lead, "unchanged")
        else:
            to_write.append(change)
    if to_write:
        written, broken = _written(connector, object_name, to_write, held)
        settled |= written
    ends = [(change, settled[change.lead]) for change in batch if change.lead in settled]
    try:
        return create_records(connector, object_name, ends, last_try=False), broken
    except CrmsyncError as error:
        return [end for change, end in ends if not (end.arrived and change.creates)], error


def _written(
    connector: Connector, object_name: str, changes: Sequence[Change], held: Mapping[str, Values]
) -> tuple[dict[str, Settlement], CrmsyncError | None]:
    """What became of these changes, by lead; one whose answer was lost is left out while it may be on its way.

    When the others cannot be read back, what was given back is there all the same: only this run knows of it.
    """
    pushed = connector.push(object_name, [_write(change, held[change.lead]) for change in changes])
    results = {change.lead: result for change, result in zip(changes, pushed, strict=True)}
    replaced = {
        change.lead: met
        for change in changes
        if results[change.lead].outcome == "accepted"  # what was refused has replaced nothing
        and (seen := results[change.lead].seen)
        and (met := overtaken(change, seen.before))
    }
    settled = given_back(connector, object_name, [change for change in changes if change.lead in replaced], replaced)
    values: dict[str, Values] = {lead: result.seen.after for lead, result in results.items() if result.seen}
    unseen = [change for change in changes if change.lead not in values]
    try:
        found, gone = read_held(connector, object_name, unseen) if unseen else ({}, {})
    except CrmsyncError as error:
        return settled, error
    values |= found
    for change in changes:
        result = results[change.lead]
        if change.lead in settled:
            continue
        if change.lead not in values or result.outcome == "gone":
            settled[change.lead] = Settlement(change.lead, "gone", gone_words(gone.get(change.lead, result.message)))
        elif verified := _verified(change, result, values[change.lead]):
            settled[change.lead] = verified
    return settled, None


def _verified(change: Change, result: WriteResult, values: Values) -> Settlement | None:
    """The outcome, by what was read back; the CRM's answer only tells apart why a value is not there.

    None: the answer was lost and nothing is written so far. It may still be on its way: the entry stays open.
    """
    if holds(values, ours(change)):
        return Settlement(change.lead, "written")
    owner_arrived = owner_holds(change, values)
    if result.outcome == "refused":
        words = result.message or "the CRM refused it without a word"
        return Settlement(change.lead, "refused", words, owner_arrived)
    if result.outcome == "conflict":
        return Settlement(change.lead, "conflict", result.message, owner_arrived)
    if result.outcome == "uncertain" and still_as_decided(values, change.writes):
        return None
    return Settlement(change.lead, "did_not_stick", _why_it_did_not_stick(change, values), owner_arrived)


def _why_it_did_not_stick(change: Change, values: Values) -> str:
    words = []
    for name, (before, after) in change.writes.items():
        now = value_of(values.get(name))
        if now == value_of(after):
            continue
        if now == value_of(before):
            cause = "the CRM kept it: a rule there forbids this move, or set it back at once"
        else:
            cause = "an assignment rule, a workflow or a person has replaced it"
        words.append(f"{name} should be {shown(after)} and is {shown(now)} ({cause})")
    return "; ".join(words)


def _write(change: Change, held: Values) -> Write:
    """Only the fields that are not yet as they should be."""
    missing = {name: pair for name, pair in change.writes.items() if value_of(held.get(name)) != value_of(pair[1])}
    return Write(
        id=change.lead,
        values={name: after for name, (_, after) in missing.items()},
        expected={name: value_of(held.get(name)) for name in change.writes},
    )
