"""What crmsync means to write, before it does, and what became of it. Entries are what an undo reads.

An entry is `intended` until somebody has looked at the CRM; a lead has at most one such entry. Its rotation turn
counts from the moment it is intended (the entry holds it), and is reserved for the lead while the entry is open.
Routing decides what becomes of a reserved turn: used again by the lead's new entry, given back, or spent because
the lead has that owner by now. Routing's counters say so; here the entries follow, so that always

    a person's count in a pool = the turns that entries hold.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeGuard

from sqlalchemy import Connection, Select, bindparam, func, select

from crmsync.model import Change
from crmsync.store.bookkeeping import OF_EVERYBODY, TOLD
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import instant_number
from crmsync.store.entries import AS_TEXT, STATES, EntryState, JournalEntry, entry_of, row_of
from crmsync.store.rotation import Turns, set_turns
from crmsync.store.tables import journal, leads, runs


def intend(
    at: Connection,
    connection_id: int,
    run_id: int,
    changes: Sequence[Change],
    *,
    turns: Mapping[tuple[str, str], Turns],
    given_back: Collection[str],
    now: datetime,
) -> None:
    """Journal all changes as intended and set the rotation counters to what routing made of them.

    `given_back`: leads whose reserved turn is not used; `turns` does without it already.
    """
    wanted = {change.lead: (change.turn, change.owner_after) for change in changes}
    earlier = read_entries(at, connection_id, state="intended", only=[*wanted, *given_back])
    passed_on = {entry.change.lead for entry in earlier if entry.turn == wanted.get(entry.change.lead)}
    _supersede(at, earlier, now, without_turn=passed_on.union(given_back))
    set_turns(at, connection_id, turns)
    rows = [row_of(connection_id, run_id, change, now) for change in changes]
    if rows:
        at.execute(journal.insert(), rows)
    _remember_as_ours(at, connection_id, changes)


def drop_unwanted(at: Connection, connection_id: int, run_id: int, decided: Collection[str], now: datetime) -> None:
    """Supersede what earlier runs still intend for leads that this run has decided without intending it again."""
    earlier = read_entries(at, connection_id, state="intended")
    unwanted = [entry for entry in earlier if entry.run_id != run_id and entry.change.lead in decided]
    _supersede(at, unwanted, now, without_turn=())


def _supersede(
    at: Connection, entries: Sequence[JournalEntry], now: datetime, *, without_turn: Collection[str]
) -> None:
    ends: list[tuple[JournalEntry, EntryState, str, bool]] = [
        (entry, "superseded", "", entry.change.lead not in without_turn) for entry in entries
    ]
    close(at, ends, now)


def close(at: Connection, ends: Sequence[tuple[JournalEntry, EntryState, str, bool]], now: datetime) -> None:
    """Write (entry, state, message, whether its turn goes on counting) into the journal."""
    statement = (
        journal.update()
        .where(journal.c.id == bindparam("_id"))
        .values(state=bindparam("_state"), message=bindparam("_message"), turn_held=bindparam("_held"))
        .values(settled_at=instant_number(now))
    )
    rows = [
        {"_id": entry.id, "_state": state, "_message": message, "_held": held and entry.turn is not None}
        for entry, state, message, held in ends
    ]
    if rows:
        at.execute(statement, rows)


def let_go_of_turns(at: Connection, entries: Sequence[JournalEntry]) -> None:
    """Let the turns of settled entries count no more; the counters follow elsewhere."""
    for entry in entries:
        at.execute(journal.update().where(journal.c.id == entry.id).values(turn_held=False))


def note_made(at: Connection, made: Mapping[int, Sequence[str]]) -> None:
    """Remember the records that were made for these entries."""
    rows = [{"_id": number, "_made": list(records)} for number, records in made.items() if records]
    if rows:
        statement = journal.update().where(journal.c.id == bindparam("_id"))
        at.execute(statement.values(made=bindparam("_made", type_=journal.c.made.type)), rows)


def read_entries(
    at: Connection,
    connection_id: int,
    *,
    state: EntryState | None = None,
    run_id: int | None = None,
    only: Sequence[str] | None = None,
) -> tuple[JournalEntry, ...]:
    """Entries in the order in which they were intended. `only`: of these leads."""
    if only is not None and not only:
        return ()
    asked = {"connection_id": connection_id, "state": state, "run_id": run_id, "lead": only and [*only]}
    given = {name: value for name, value in asked.items() if value is not None}
    rows = at.execute(_entries_by(tuple(given)), {f"asked_{name}": value for name, value in given.items()})
    return tuple(entry for entry in map(entry_of, rows) if entry is not None)


@cache
def _entries_by(names: tuple[str, ...]) -> Select[Any]:
    """One statement for each kind of question: a run asks it several times, and making it took half of that."""
    c = journal.c
    where = [
        among(c.lead, "asked_lead") if name == "lead" else c[name] == bindparam(f"asked_{name}") for name in names
    ]
    return select(*AS_TEXT).where(*where).order_by(c.id)


def read_page(
    at: Connection, connection_id: int, run_id: int, *, after: str | None, most: int
) -> tuple[JournalEntry, ...]:
    """Entries of one run for the leads behind `after`, at most so many, in the order of the leads' ids."""
    # A sum, so that SQLite walks the run's entries, and not all of the connection in the order of leads for one
    # that has none.
    where = [journal.c.connection_id + 0 == connection_id, journal.c.run_id == run_id]
    if after is not None:
        where.append(journal.c.lead > after)
    rows = at.execute(select(*AS_TEXT).where(*where).order_by(journal.c.lead, journal.c.id).limit(most))
    return tuple(entry for entry in map(entry_of, rows) if entry is not None)


def read_told_since_everybody(at: Connection, connection_id: int) -> tuple[JournalEntry, ...]:
    """Entries of runs of tellings since the last run that looked at everybody and wrote, oldest first."""
    mine = runs.c.connection_id == connection_id
    wrote = mine & OF_EVERYBODY & ~runs.c.dry_run & runs.c.exit_code.in_((0, 4))
    last = select(func.coalesce(func.max(runs.c.id), 0)).where(wrote).scalar_subquery()
    told = select(runs.c.id).where(mine, runs.c.kind == TOLD, runs.c.id > last)
    query = select(*AS_TEXT).where(journal.c.connection_id == connection_id, journal.c.run_id.in_(told))
    return tuple(entry for entry in map(entry_of, at.execute(query.order_by(journal.c.id))) if entry is not None)


def any_entry(at: Connection, connection_id: int, state: EntryState | None = None) -> bool:
    """Whether there is one in this state, or in whatever state, be it readable or not."""
    query = select(journal.c.id).where(journal.c.connection_id == connection_id).limit(1)
    return at.execute(query if state is None else query.where(journal.c.state == state)).first() is not None


def count_ends(at: Connection, asked: Collection[int]) -> dict[int, dict[EntryState, int]]:
    """Run → state → how many of its entries are in it, of these runs; as it was kept, where it was."""
    kept = {run: ends for run, ends in _kept_ends(at, asked) if ends is not None}
    return {run: ends for run, ends in kept.items() if ends} | _counted_ends(at, [*set(asked) - kept.keys()])


def keep_ends(at: Connection, connection_id: int, run_id: int) -> None:
    """Keep what became of a run's changes, unless one is open: what is settled stays so, and is not counted again.

    Also of those before it of which it is not kept: of before there was such a column, or killed and settled since.
    """
    uncounted = (runs.c.connection_id == connection_id) & (runs.c.id <= run_id) & runs.c.ends.is_(None)
    those = list(at.execute(select(runs.c.id).where(uncounted)).scalars())
    counted = _counted_ends(at, those)
    for run in those:
        ends = counted.get(run, {})
        if "intended" not in ends:
            at.execute(runs.update().where(runs.c.id == run).values(ends=json.dumps(ends)))


def _counted_ends(at: Connection, asked: Collection[int]) -> dict[int, dict[EntryState, int]]:
    """Without entries whose state can no longer be read."""
    counted = select(journal.c.run_id, journal.c.state, func.count()).where(among(journal.c.run_id, asked))
    ends: dict[int, dict[EntryState, int]] = {}
    for run, state, number in at.execute(counted.group_by(journal.c.run_id, journal.c.state)):
        if state in STATES:
            ends.setdefault(run, {})[state] = number
    return ends


def _kept_ends(at: Connection, asked: Collection[int]) -> Iterator[tuple[int, dict[EntryState, int] | None]]:
    """Null for what can no longer be read."""
    query = select(runs.c.id, runs.c.ends).where(among(runs.c.id, asked), runs.c.ends.is_not(None))
    for run, text in at.execute(query):
        try:
            told = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            told = None
        yield run, told if _are_ends(told) else None


def _are_ends(told: object) -> TypeGuard[dict[EntryState, int]]:
    return isinstance(told, dict) and all(
        state in STATES and type(number) is int and number >= 0 for state, number in told.items()
    )


def close_damaged(at: Connection, connection_id: int, now: datetime) -> tuple[str, ...]:
    """Supersede intended entries that can no longer be read; their leads. Their turns go on counting."""
    mine = (journal.c.connection_id == connection_id) & (journal.c.state == "intended")
    rows = at.execute(select(*AS_TEXT).where(mine).order_by(journal.c.lead))
    damaged = {row.id: row.lead for row in rows if entry_of(row) is None}
    values = {"state": "superseded", "message": "damaged", "settled_at": instant_number(now)}
    if damaged:
        at.execute(journal.update().where(journal.c.id.in_(damaged)).values(values))
    return tuple(damaged.values())


def _remember_as_ours(at: Connection, connection_id: int, changes: Sequence[Change]) -> None:
    for column, rows in (
        ("our_stage", [(change.lead, change.stage_after) for change in changes if change.stage_changes]),
        ("our_owner", [(change.lead, change.owner_after) for change in changes if change.owner_changes]),
    ):
        statement = (
            leads.update()
            .where(leads.c.connection_id == connection_id, leads.c.lead == bindparam("_lead"))
            .values({column: bindparam("_value")})
        )
        if rows:
            at.execute(statement, [{"_lead": lead, "_value": value} for lead, value in rows])
