"""What a clock that ran ahead has left in the store: an instant of the future counts as now, and is told.

Else a hand-off would have no deadline before that day comes, a lead no review, and hands would stay off for too long,
or not at all. Numbers of turns stay; what was given on a day of the future was given today.

Whatever a clock that ran ahead has written belongs to a run that it has dated, too: only then are the large tables
looked through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, select

from crmsync.store.encoding import day_number, instant_number
from crmsync.store.rotation import Turns, read_turns, set_turns
from crmsync.store.tables import (
    DUE_NOW,
    decisions,
    hand_offs,
    journal,
    leads,
    left_leads,
    made_records,
    overruled,
    runs,
    stage_history,
)

TOLERATED = timedelta(minutes=5)
"""Clocks of two machines on one store may differ so much."""

_SMALL: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "runs": (runs, ("started_at", "ended_at")),
    "hand-offs": (
        hand_offs,
        ("handed_at", "touched_at", "accepted_at", "reminded_at", "returned_at", "queued_at", "ended_at"),
    ),
}
_INSTANTS: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "changes": (journal, ("intended_at", "settled_at")),
    "tasks": (made_records, ("made_at",)),
}
_DAYS: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "leads": (leads, ("stage_since", "stage_edited_on", "owner_edited_on", "undone_on", "written_on")),
    "leads that have left": (
        left_leads,
        ("left_on", "stage_since", "stage_edited_on", "owner_edited_on", "undone_on", "written_on"),
    ),
    "values replaced": (overruled, ("day",)),
    "moves": (stage_history, ("since", "day")),
}


def put_right(at: Connection, connection_id: int, *, now: datetime, today: date) -> Mapping[str, int]:
    """Let the connection's times of the future be now. What was changed → how many rows, without what was right.

    `today`: in the org's zone; people's own days may be one further.
    """
    latest, instead, day = instant_number(now + TOLERATED), instant_number(now), day_number(today)
    found = {
        name: _capped(at, connection_id, table, columns, latest, instead) for name, (table, columns) in _SMALL.items()
    }
    found["turns"] = _days_of_turns(at, connection_id, today)
    if any(found.values()):
        for name, (table, columns) in _INSTANTS.items():
            found[name] = _capped(at, connection_id, table, columns, latest, instead)
        for name, (table, columns) in _DAYS.items():
            found[name] = _capped(at, connection_id, table, columns, day, day)
        found["reviews"] = _due_again(at, connection_id, day)
    return {name: number for name, number in found.items() if number}


def _capped(
    at: Connection, connection_id: int, table: Table, columns: Iterable[str], latest: int, instead: int
) -> int:
    """The most rows that had one of these columns beyond `latest`; where there is none, one look at the table."""
    mine = table.c.connection_id == connection_id
    looked = select(*((func.max(table.c[name]) > latest).label(name) for name in columns)).where(mine)
    ahead = [table.c[name] for name, is_ahead in at.execute(looked).mappings().one().items() if is_ahead]
    found = (
        at.execute(table.update().where(mine & (column > latest)).values({column: instead})).rowcount
        for column in ahead
    )
    return max(found, default=0)


def _due_again(at: Connection, connection_id: int, today: int) -> int:
    """Leads decided as of a day of the future are looked at again: their review day was counted from there."""
    ahead = select(decisions.c.lead_key).where(decisions.c.as_of > today)
    where = (
        (leads.c.connection_id == connection_id) & leads.c.key.in_(ahead) & leads.c.due_on.is_distinct_from(DUE_NOW)
    )
    due = at.execute(leads.update().where(where).values(due_on=DUE_NOW)).rowcount
    mine = decisions.c.lead_key.in_(select(leads.c.key).where(leads.c.connection_id == connection_id))
    at.execute(decisions.update().where(mine, decisions.c.as_of > today).values(as_of=today))
    return due


def _days_of_turns(at: Connection, connection_id: int, today: date) -> int:
    """Turns taken on a day of the future were taken today."""
    latest, year_week = (today + timedelta(days=1)).isoformat(), today.isocalendar()
    week = f"{year_week.year}-W{year_week.week:02}"
    moved = {
        turn: Turns(it.count, {**it.state, **_of_today(it.state, today), "day": today.isoformat(), "week": week})
        for turn, it in read_turns(at, connection_id).items()
        if it.state.get("day", "") > latest
    }
    set_turns(at, connection_id, moved)
    return len(moved)


def _of_today(state: Mapping[str, Any], today: date) -> dict[str, Any]:
    """`today` and `earlier`, with what was given on days of the future given today."""
    earlier = dict(state.get("earlier", {}))
    ahead = [day for day in earlier if day >= today.isoformat()]
    moved = sum(earlier.pop(day) for day in ahead)
    return {"today": state.get("today", 0) + moved, **({"earlier": earlier} if "earlier" in state else {})}
