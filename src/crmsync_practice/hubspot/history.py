"""What a property's values were: kept from the first change on; before that there is one entry, the first value.

Shape: wire notes, section 2.1 (SPEC fields; newest first is MEM).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crmsync_practice.hubspot.call import Actor
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.storage import Record, Storage


def remember(
    storage: Storage,
    kind: ObjectType,
    record: Record,
    before: dict[str, str | None],
    after: dict[str, str | None],
    at: int,
    actor: Actor,
) -> None:
    """Adds the changed values of one write; a property's first change also keeps the value it had."""
    for name, value in after.items():
        row = storage.connection.execute(
            "SELECT max(seq) FROM hubspot_history WHERE type = ? AND id = ? AND name = ?",
            (kind.id, record.id, name),
        ).fetchone()
        entries: list[tuple[Any, ...]] = []
        seq = row[0]
        if seq is None:
            seq = 0
            if before.get(name) is not None:
                entries.append((kind.id, record.id, name, 0, before[name], record.created, "IMPORT", None, None))
        entries.append((kind.id, record.id, name, seq + 1, value, at, actor.source_type, actor.source_id, actor.user))
        storage.connection.executemany("INSERT INTO hubspot_history VALUES (?,?,?,?,?,?,?,?,?)", entries)


Entry = tuple[str, int, str, int, str | None, int, str, str | None, int | None]
"""A row of hubspot_history: type, id, name, seq, value, at, source_type, source_id, user_id."""


def told(kind: ObjectType, record: Record, states: Iterable[tuple[Mapping[str, str], int, Actor]]) -> Iterator[Entry]:
    """The entries of properties that had these values from these times on (epoch ms), the oldest state first."""
    stood: dict[str, str | None] = {}
    numbers: Counter[str] = Counter()
    for values, at, actor in states:
        for name in dict.fromkeys((*stood, *values)):
            value = values.get(name)
            if value != stood.get(name):
                stood[name] = value
                source = (actor.source_type, actor.source_id, actor.user)
                yield kind.id, record.id, name, numbers[name], value, at, *source
                numbers[name] += 1


def shown(storage: Storage, kind: ObjectType, record: Record, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """`propertiesWithHistory` of one record for these properties; a property that was never set is an empty list."""
    histories: dict[str, list[dict[str, Any]]] = {}
    for name in names:
        rows = storage.connection.execute(
            "SELECT value, at, source_type, source_id, user_id FROM hubspot_history "
            "WHERE type = ? AND id = ? AND name = ? ORDER BY seq DESC",
            (kind.id, record.id, name),
        ).fetchall()
        if not rows:
            rows = _unchanged(kind, record, name)
        histories[name] = [_entry(*row) for row in rows]
    return histories


def _unchanged(kind: ObjectType, record: Record, name: str) -> list[tuple[str, int, str, None, None]]:
    column = kind.columns.get(name)
    if column == "id":
        return [(str(record.id), record.created, "IMPORT", None, None)]
    if column is not None:
        at = record.created if column == "created" else record.updated
        return [(iso(at), at, "CRM_UI" if column == "updated" else "IMPORT", None, None)]
    value = record.props.get(name)
    return [] if value is None else [(value, record.created, "IMPORT", None, None)]


def _entry(value: str | None, at: int, source_type: str, source_id: str | None, user: int | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"value": value or "", "timestamp": iso(at), "sourceType": source_type}
    if source_id is not None:
        entry["sourceId"] = source_id
    if user is not None:
        entry["updatedByUserId"] = user
    return entry
