"""The only writer: carries out a plan whose changes the journal already holds as intended.

Batch by batch: read what the CRM holds now → write only where it still holds what the decision was made from →
read back → journal the outcome. Nothing is believed that was not read back, and nothing is guessed: what could
not be read stays intended, and `settle_pending` of the next run looks at it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from crmsync.contract import RECORD_ID, Connector, Write, WriteResult
from crmsync.model import Change, Outcome, Plan, SetAside
from crmsync.run.create import create_records
from crmsync.store import Settlement, Store

Values = Mapping[str, str | None]

_LOST = "the CRM's answer was lost and nothing was written by then; the next run looks again"


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of a plan's changes.

    `outcomes`: by lead; a lead without one was not reached, is in `set_aside` (gone from the CRM), or its answer
    was lost and it stays intended. `messages`: what went wrong, by lead. `calls`: calls to the CRM. `stopped`: ended
    early because it was asked to; the rest stays intended.
    """

    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    messages: Mapping[str, str] = field(default_factory=dict)
    set_aside: tuple[SetAside, ...] = ()
    calls: int = 0
    stopped: bool = False

    @property
    def done(self) -> frozenset[str]:
        """Leads that hold what was intended."""
        return frozenset(lead for lead, outcome in self.outcomes.items() if outcome in {"written", "unchanged"})


@dataclass(frozen=True, slots=True)
class SettleReport:
    """What an earlier run's open changes turned out to be.

    `written`: had arrived. `reserved`: had not; the lead is due, its rotation turn waits for it. `conflicts`: the
    CRM holds something else. `set_aside`: gone from the CRM.
    """

    written: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    set_aside: tuple[SetAside, ...] = ()

    @property
    def notes(self) -> Iterator[str]:
        """What became of changes that an earlier run had intended and not finished."""
        for leads, one, several in (
            (self.written, "had arrived in the CRM", "had arrived in the CRM"),
            (self.reserved, "had not arrived and is decided anew", "had not arrived and are decided anew"),
            (
                self.conflicts,
                "was overtaken by somebody else's change and is left to it",
                "were overtaken by somebody else's changes and are left to them",
            ),
        ):
            if leads:
                words = one if len(leads) == 1 else several
                some = ", ".join(leads[:3]) + (", …" if len(leads) > 3 else "")
                yield f"of an earlier run's open changes {len(leads):,} {words} ({some})"


def settle_pending(
    connector: Connector, store: Store, connection: str, object_name: str, *, now: datetime, today: date
) -> SettleReport:
    """Look in the CRM what became of changes that are still intended: after a crash, a stop or a lost answer."""
    written: list[str] = []
    reserved: list[str] = []
    conflicts: list[str] = []
    set_aside: list[SetAside] = []
    pending = [entry.change for entry in store.journal.pending(connection)]
    for batch in _batches(pending, connector.capabilities.write_batch_size):
        held, gone = _read(connector, object_name, batch)
        settlements: list[Settlement] = []
        arrived: list[tuple[Change, Settlement]] = []
        for change in batch:
            if change.lead not in held:
                reason = _gone(gone.get(change.lead, ""))
                set_aside.append(SetAside(change.lead, reason))
                settlements.append(Settlement(change.lead, "gone", reason))
                continue
            values = held[change.lead]
            if _holds(values, _ours(change)) and (change.writes or not _moved_beside(change, values)):
                written.append(change.lead)
                arrived.append((change, Settlement(change.lead, "written")))
            elif _on_the_way(values, change.writes):
                reserved.append(change.lead)
            else:
                conflicts.append(change.lead)
                settlements.append(_conflict(change, values))
        settlements += create_records(connector, object_name, arrived, last_try=True)
        set_aside += _without_record(settlements)
        store.journal.record_outcomes(connection, settlements, now=now, today=today)
    if reserved:
        store.facts.mark_due(connection, reserved)
    return SettleReport(tuple(written), tuple(reserved), tuple(conflicts), tuple(set_aside))


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

    `stop` is asked before each batch. `progress` is called with (changes settled, changes in all). Raises
    `RunStopped` when the CRM or the store cannot be reached; what is settled by then is journaled.
    """
    calls_before = connector.usage().calls
    changes = [entry.change for entry in store.journal.entries(plan.connection, state="intended", run_id=run_id)]
    settled: dict[str, Settlement] = {}
    unsettled: dict[str, str] = {}
    stopped = False
    for batch in _batches(changes, connector.capabilities.write_batch_size):
        stopped = stop()
        if stopped:
            break
        some = _apply_batch(connector, object_name, batch)
        unsettled |= {change.lead: _LOST for change in batch if change.lead not in {it.lead for it in some}}
        store.journal.record_outcomes(plan.connection, some, now=now(), today=today)
        settled |= {settlement.lead: settlement for settlement in some}
        progress(len(settled), len(changes))
    return ApplyReport(
        outcomes={lead: it.outcome for lead, it in settled.items() if it.outcome != "gone"},
        messages=unsettled | {lead: it.message for lead, it in settled.items() if it.message},
        set_aside=(
            *(SetAside(lead, it.message) for lead, it in settled.items() if it.outcome == "gone"),
            *_without_record(settled.values()),
        ),
        calls=connector.usage().calls - calls_before,
        stopped=stopped,
    )


def _apply_batch(connector: Connector, object_name: str, batch: Sequence[Change]) -> list[Settlement]:
    held, gone = _read(connector, object_name, batch)
    settled: dict[str, Settlement] = {}
    to_write: list[Change] = []
    for change in batch:
        if change.lead not in held:
            settled[change.lead] = Settlement(change.lead, "gone", _gone(gone.get(change.lead, "")))
        elif change.writes and _holds(held[change.lead], change.writes):
            settled[change.lead] = Settlement(change.lead, "unchanged")
        elif not _still_as_decided(held[change.lead], change.writes) or _moved_beside(change, held[change.lead]):
            settled[change.lead] = _conflict(change, held[change.lead])
        elif not change.writes:
            settled[change.lead] = Settlement(change.lead, "unchanged")
        else:
            to_write.append(change)
    if to_write:
        results = connector.push(object_name, [_write(change, held[change.lead]) for change in to_write])
        held, gone = _read(connector, object_name, to_write)
        for change, result in zip(to_write, results, strict=True):
            values = held.get(change.lead)
            if values is None or result.outcome == "gone":
                settled[change.lead] = Settlement(change.lead, "gone", _gone(gone.get(change.lead, result.message)))
            elif verified := _verified(change, result, values):
                settled[change.lead] = verified
    ends = [(change, settled[change.lead]) for change in batch if change.lead in settled]
    return create_records(connector, object_name, ends, last_try=False)


def _without_record(settlements: Iterable[Settlement]) -> list[SetAside]:
    """Changes that arrived, but what they were to make beside the lead was not made."""
    return [SetAside(it.lead, it.message) for it in settlements if it.arrived and it.message]


def _verified(change: Change, result: WriteResult, values: Values) -> Settlement | None:
    """The outcome, by what was read back; the CRM's answer only tells apart why a value is not there.

    None: the answer was lost and nothing is written so far. It may still be on its way: the entry stays open.
    """
    if _holds(values, _ours(change)):
        return Settlement(change.lead, "written")
    owner_holds = _owner_holds(change, values)
    if result.outcome == "refused":
        return Settlement(change.lead, "refused", result.message or "the CRM refused it without a word", owner_holds)
    if result.outcome == "conflict":
        return Settlement(change.lead, "conflict", result.message, owner_holds)
    if result.outcome == "uncertain" and _still_as_decided(values, change.writes):
        return None
    return Settlement(change.lead, "did_not_stick", _why_it_did_not_stick(change, values), owner_holds)


def _why_it_did_not_stick(change: Change, values: Values) -> str:
    words = []
    for name, (before, after) in change.writes.items():
        now = _value(values.get(name))
        if now == _value(after):
            continue
        if now == _value(before):
            cause = "the CRM kept it: a rule there forbids this move, or set it back at once"
        else:
            cause = "an assignment rule, a workflow or a person has replaced it"
        words.append(f"{name} should be {_shown(after)} and is {_shown(now)} ({cause})")
    return "; ".join(words)


def _conflict(change: Change, values: Values) -> Settlement:
    expected = {name: {before, after} for name, (before, after) in change.writes.items()}
    read = {name: before for name, (before, _) in change.writes.items()} | dict(change.beside)
    words = [
        f"{name} was {_shown(before)} when this was decided and is {_shown(values.get(name))}"
        for name, before in read.items()
        if _value(values.get(name)) not in {_value(value) for value in expected.get(name, {before})}
    ]
    message = "somebody else changed it meanwhile: " + "; ".join(words)
    return Settlement(change.lead, "conflict", message, _owner_holds(change, values))


def _write(change: Change, held: Values) -> Write:
    """Only the fields that are not yet as they should be."""
    missing = {name: pair for name, pair in change.writes.items() if _value(held.get(name)) != _value(pair[1])}
    return Write(
        id=change.lead,
        values={name: after for name, (_, after) in missing.items()},
        expected={name: before for name, (before, _) in missing.items()},
    )


def _read(
    connector: Connector, object_name: str, batch: Sequence[Change]
) -> tuple[dict[str, Values], Mapping[str, str]]:
    fields = sorted({name for change in batch for name in (*change.writes, *change.beside)})
    reading = connector.read(object_name, [change.lead for change in batch], fields)
    held: dict[str, Values] = {row[RECORD_ID]: row for row in reading.records.iter_rows(named=True)}
    return held, reading.gone


def _ours(change: Change) -> Mapping[str, tuple[str | None, str | None]]:
    """What the lead must hold for the change to have arrived: its receiver may have answered by now."""
    answer = change.hand_off.answer if change.hand_off else None
    return {name: pair for name, pair in change.writes.items() if name != answer}


def _holds(values: Values, writes: Mapping[str, tuple[str | None, str | None]]) -> bool:
    return all(_value(values.get(name)) == _value(after) for name, (_, after) in writes.items())


def _still_as_decided(values: Values, writes: Mapping[str, tuple[str | None, str | None]]) -> bool:
    return all(
        _value(values.get(name)) in {_value(before), _value(after)} for name, (before, after) in writes.items()
    )


def _moved_beside(change: Change, values: Values) -> bool:
    """Whether a stage or owner field that this change does not write is not as it was read."""
    return any(_value(values.get(name)) != _value(value) for name, value in change.beside.items())


def _on_the_way(values: Values, writes: Mapping[str, tuple[str | None, str | None]]) -> bool:
    """Whether nobody but ourselves has been there: old and new values, and fields emptied before they are set."""
    return all(
        _value(values.get(name)) in {_value(before), _value(after), None} for name, (before, after) in writes.items()
    )


def _owner_holds(change: Change, values: Values) -> bool:
    fields = [name for name, (_, after) in change.writes.items() if after == change.owner_after]
    return change.owner_changes and bool(fields) and all(values.get(name) == change.owner_after for name in fields)


def _value(value: str | None) -> str | None:
    return value or None


def _shown(value: str | None) -> str:
    return value or "empty"


def _gone(reason: str) -> str:
    return f"no longer in the CRM ({reason})" if reason else "no longer in the CRM"


def _batches(changes: Sequence[Change], size: int) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), size):
        yield changes[start : start + size]
