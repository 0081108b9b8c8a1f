"""What the CRM holds of a change's lead, against what the change wants and what it was decided from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from crmsync.contract import RECORD_ID, STILL_THERE, Connector
from crmsync.mapping import same_value
from crmsync.model import Change
from crmsync.store import Settlement

Values = Mapping[str, str | None]
"""Native field → value; an empty text is nothing."""


def read_held(
    connector: Connector, object_name: str, batch: Sequence[Change]
) -> tuple[dict[str, Values], Mapping[str, str]]:
    fields = sorted({name for change in batch for name in (*change.writes, *change.beside)})
    reading = connector.read(object_name, [change.lead for change in batch], fields)
    held: dict[str, Values] = {row[RECORD_ID]: row for row in reading.records.iter_rows(named=True)}
    return held, reading.gone


def ours(change: Change) -> Mapping[str, tuple[str | None, str | None]]:
    """What the lead must hold for the change to have arrived: its receiver may have answered by now."""
    answer = change.hand_off.answer if change.hand_off else None
    return {name: pair for name, pair in change.writes.items() if name != answer}


def holds(values: Values, writes: Mapping[str, tuple[str | None, str | None]], fields: Collection[str] = ()) -> bool:
    """Whether everything written is there. `fields`: those for people, where numbers and instants count by value."""
    return all(arrived(name, values.get(name), after, fields) for name, (_, after) in writes.items())


def arrived(name: str, held: str | None, after: str | None, fields: Collection[str]) -> bool:
    """Whether a field holds what was written."""
    return same_value(held, after) if name in fields else value_of(held) == value_of(after)


def still_as_decided(values: Values, writes: Mapping[str, tuple[str | None, str | None]]) -> bool:
    return all(
        value_of(values.get(name)) in {value_of(before), value_of(after)} for name, (before, after) in writes.items()
    )


def as_before(change: Change, values: Values) -> bool:
    """Whether nothing of the change is to be seen; beside others, fields for people may hold what anybody wrote."""
    return still_as_decided(values, change.guarded or change.writes)


def moved_beside(change: Change, values: Values) -> bool:
    """Whether a stage or owner field that this change does not write is not as it was read."""
    return any(value_of(values.get(name)) != value_of(value) for name, value in change.beside.items())


def on_the_way(values: Values, writes: Mapping[str, tuple[str | None, str | None]]) -> bool:
    """Whether nobody but ourselves has been there: old and new values, and fields emptied before they are set."""
    return all(
        value_of(values.get(name)) in {value_of(before), value_of(after), None}
        for name, (before, after) in writes.items()
    )


def emptied_on_the_way(change: Change, values: Values) -> bool:
    """Whether a field that is emptied before it is set was emptied and no more, and nobody else has been there."""
    return not as_before(change, values) and bool(change.guarded) and on_the_way(values, change.guarded)


def owner_holds(change: Change, values: Values) -> bool:
    fields = [name for name, (_, after) in change.guarded.items() if after == change.owner_after]
    return change.owner_changes and bool(fields) and all(values.get(name) == change.owner_after for name in fields)


def value_of(value: str | None) -> str | None:
    return value or None


def shown(value: str | None) -> str:
    return value or "empty"


def unread(reason: str | None) -> bool:
    """Whether a record that is not among those that were read is there all the same."""
    return reason is not None and reason.startswith(STILL_THERE)


def gone_words(reason: str) -> str:
    if unread(reason):
        return f"it could not be read: {reason}"
    return f"no longer in the CRM ({reason})" if reason else "no longer in the CRM"


def batches(changes: Sequence[Change], size: int) -> Iterator[Sequence[Change]]:
    for start in range(0, len(changes), size):
        yield changes[start : start + size]


def conflict_of(change: Change, values: Values) -> Settlement:
    expected = {name: {before, after} for name, (before, after) in change.guarded.items()}
    read = {name: before for name, (before, _) in change.guarded.items()} | dict(change.beside)
    words = [
        f"{name} was {shown(before)} when this was decided and is {shown(values.get(name))}"
        for name, before in read.items()
        if value_of(values.get(name)) not in {value_of(value) for value in expected.get(name, {before})}
    ]
    message = "somebody else changed it meanwhile: " + "; ".join(words)
    return Settlement(
        change.lead, "conflict", message, owner_holds(change, values), found=not_as_read(change, values)
    )


def not_as_read(change: Change, values: Values) -> Values:
    """Those of the values that somebody has changed since this was decided, of the fields that the change writes."""
    pairs = {name: before for name, (before, _) in change.writes.items() if name in values}
    return {name: values[name] for name, before in pairs.items() if value_of(values[name]) != value_of(before)}
