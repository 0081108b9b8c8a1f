"""The journal's entries as values, and the rows that they are stored as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from msgspec import Struct
from sqlalchemy import Text, cast

from crmsync.model import Between, Change, Ending, HandOffStep, NewRecord, RecordChange, Routing
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.tables import journal
from crmsync.values import asdict

EntryState = Literal["intended", "gone", "superseded"] | Ending
"""`gone`: deleted, merged or converted in the CRM. `superseded`: a later run decided anew."""
STATES = frozenset(state for kind in get_args(EntryState) for state in get_args(kind) or (kind,))


_PARTS = ("writes", "beside", "scores", "reasons", "routing", "hand_off", "creates", "fields", "records", "made")
AS_TEXT = [cast(column, Text).label(column.name) if column.name in _PARTS else column for column in journal.c]
"""Read as text, so that one damaged row does not keep all others from being read."""


class JournalEntry(Struct, frozen=True):
    """One change in the journal. `turn_held`: its rotation turn counts. `run_id`: the run that intended it.

    `made`: records made beside the lead, `<object>:<native id>`.
    """

    id: int
    run_id: int
    change: Change
    state: EntryState
    message: str
    turn_held: bool
    intended_at: datetime
    settled_at: datetime | None
    made: tuple[str, ...] = ()

    @property
    def turn(self) -> tuple[str, str] | None:
        """(pool, person) of a turn that counts."""
        if not self.turn_held or self.change.turn is None or self.change.owner_after is None:
            return None
        return self.change.turn, self.change.owner_after

    @property
    def between(self) -> Between | None:
        """The turn of the pool itself, where it counts."""
        routing = self.change.routing
        return routing.between if routing and self.turn else None

    @property
    def reserved(self) -> tuple[str, ...]:
        """(pool, person) of a turn that counts, and the rotation between pools in which the pool had one."""
        return (*(self.turn or ()), *((self.between.rotation,) if self.between else ()))

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """All turns that count: the person's in the pool, and the pool's."""
        if self.turn is None:
            return ()
        return (self.turn, *(((self.between.rotation, self.turn[0]),) if self.between else ()))


def row_of(connection_id: int, run_id: int, change: Change, now: datetime) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "run_id": run_id,
        "lead": change.lead,
        "stage_before": change.stage_before,
        "stage_after": change.stage_after,
        "owner_before": change.owner_before,
        "owner_after": change.owner_after,
        "writes": {name: list(pair) for name, pair in change.writes.items()},
        "beside": dict(change.beside),
        "scores": {name: list(pair) for name, pair in change.scores.items()},
        "reasons": list(change.reasons),
        "turn": change.turn,
        "turn_held": change.turn is not None,
        "state": "intended",
        "message": "",
        "intended_at": instant_number(now),
        "routing": asdict(change.routing) if change.routing else None,
        "hand_off": asdict(change.hand_off) if change.hand_off else None,
        "creates": [asdict(record) for record in change.creates] or None,
        "fields": list(change.fields) or None,
        "records": [asdict(record) for record in change.records] or None,
    }


def entry_of(row: Any) -> JournalEntry | None:
    """Null for a row that can no longer be read."""
    if row.state not in STATES:
        return None
    try:
        return _read(row, **{name: json.loads(getattr(row, name) or "null") for name in _PARTS})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _read(
    row: Any,
    *,
    writes: Any,
    beside: Any,
    scores: Any,
    reasons: Any,
    routing: Any,
    hand_off: Any,
    creates: Any,
    fields: Any,
    records: Any,
    made: Any,
) -> JournalEntry:
    change = Change(
        lead=row.lead,
        stage_before=row.stage_before,
        stage_after=row.stage_after,
        owner_before=row.owner_before,
        owner_after=row.owner_after,
        writes=_pairs(writes),
        scores={name: (low, high) for name, (low, high) in scores.items()},
        reasons=tuple(reasons),
        turn=row.turn,
        beside=dict(beside),
        routing=routing_of(routing),
        hand_off=HandOffStep(**hand_off) if hand_off else None,
        creates=tuple(NewRecord(it["object"], it["values"], tuple(it["known_by"])) for it in creates or ()),
        fields=tuple(fields or ()),
        records=tuple(RecordChange(it["object"], it["id"], _pairs(it["writes"])) for it in records or ()),
    )
    return JournalEntry(
        id=row.id,
        run_id=row.run_id,
        change=change,
        state=row.state,
        message=row.message,
        turn_held=row.turn_held,
        intended_at=instant_of(row.intended_at),
        settled_at=None if row.settled_at is None else instant_of(row.settled_at),
        made=tuple(made or ()),
    )


def _pairs(stored: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {name: (before, after) for name, (before, after) in stored.items()}


def routing_of(stored: dict[str, Any] | None) -> Routing | None:
    """The stored form → the value."""
    if stored is None:
        return None
    passed_over = tuple((person, why) for person, why in stored["passed_over"])
    shared = stored.get("shared")
    told = None if shared is None else tuple((person, weight) for person, weight in shared)
    between = _between(stored.get("between"))
    return Routing(**{**stored, "passed_over": passed_over, "shared": told, "between": between})


def _between(stored: dict[str, Any] | None) -> Between | None:
    if stored is None:
        return None
    return Between(**{**stored, "pools": tuple((pool, weight) for pool, weight in stored["pools"])})
