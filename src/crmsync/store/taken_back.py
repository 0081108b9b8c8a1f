"""What follows in the store when an undo has arrived: turns, hand-offs and the days of a lead go back as well.

An entry takes back the entry of the same lead of the run that its own run is an undo of. When that one takes back
another in its turn, the two cancel out: an undo of an undo puts back what the first run wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, bindparam, func, select

from crmsync.store import hand_offs
from crmsync.store.bookkeeping import undone_runs
from crmsync.store.dialects.statements import among
from crmsync.store.entries import JournalEntry
from crmsync.store.journal import let_go_of_turns, read_entries
from crmsync.store.rotation import Shared, give_back_as_shared
from crmsync.store.tables import DUE_NOW, leads, stage_history


class TakenBack(Struct, frozen=True):
    """`entry` takes back `of` (null: it can no longer be read). `first`: the entry that all of it began with.

    `back`: what `first` wrote is taken away; else an undo of it was undone, and it is put back.
    """

    entry: JournalEntry
    of: JournalEntry | None
    first: JournalEntry | None
    back: bool


def found(at: Connection, connection_id: int, entries: Sequence[JournalEntry]) -> dict[int, TakenBack]:
    """By the entries' ids, those of these entries that take something back."""
    undo_of = undone_runs(at, connection_id) if entries else {}
    chains = {entry.id: [entry] for entry in entries if entry.run_id in undo_of}
    growing = set(chains)
    while growing:
        ends = {number: chains[number][-1] for number in growing}
        before = _entries_of(at, connection_id, {undo_of[it.run_id] for it in ends.values()}, ends.values())
        growing = set()
        for number, end in ends.items():
            source = before.get((undo_of[end.run_id], end.change.lead))
            if source is not None:
                chains[number].append(source)
                if source.run_id in undo_of:
                    growing.add(number)
    return {number: _taken_back(chain, undo_of) for number, chain in chains.items()}


def _taken_back(chain: Sequence[JournalEntry], undo_of: Mapping[int, int]) -> TakenBack:
    """`chain`: from the newest entry to the oldest that could be read."""
    steps, _ = _first_run(chain[0].run_id, undo_of)
    whole = len(chain) == steps + 1
    return TakenBack(chain[0], chain[1] if len(chain) > 1 else None, chain[-1] if whole else None, steps % 2 == 1)


def _first_run(run: int, undo_of: Mapping[int, int]) -> tuple[int, int]:
    """How many undos lie between a run and the one that all of it began with, and which one that is."""
    steps = 0
    while run in undo_of:
        steps, run = steps + 1, undo_of[run]
    return steps, run


def _entries_of(
    at: Connection, connection_id: int, of_runs: Iterable[int], like: Iterable[JournalEntry]
) -> dict[tuple[int, str], JournalEntry]:
    ids = [entry.change.lead for entry in like]
    return {
        (entry.run_id, entry.change.lead): entry
        for run in sorted(of_runs)
        for entry in read_entries(at, connection_id, run_id=run, only=ids)
    }


def follow(at: Connection, connection_id: int, undoing: Iterable[TakenBack], *, now: datetime, today: int) -> None:
    """What these entries, which the CRM holds by now, mean for counters, hand-offs and leads."""
    every = list(undoing)
    turns = [it.of for it in every if it.of is not None and it.of.turn is not None and it.entry.change.owner_changes]
    let_go_of_turns(at, turns)
    lost = [(*entry.turn, _shared(entry)) for entry in turns if entry.turn]
    of_pools = [(it.rotation, entry.turn[0], it.pools) for entry in turns if entry.turn and (it := entry.between)]
    give_back_as_shared(at, connection_id, [*lost, *of_pools])
    for each in every:
        step = each.first.change.hand_off if each.first else None
        if step is None or not (each.entry.change.owner_changes or step.move == "reminded"):
            continue
        if each.back:
            hand_offs.take_back(at, connection_id, each.entry.change.lead, step, now)
        else:
            hand_offs.put_back(at, connection_id, each.entry.change.lead, step, now)
    _mark(at, connection_id, every, today)
    _stand_since(at, connection_id, every)


def _shared(entry: JournalEntry) -> Shared | None:
    return entry.change.routing.shared if entry.change.routing else None


def _mark(at: Connection, connection_id: int, undoing: Sequence[TakenBack], today: int) -> None:
    """Hands are off from this day on; the lead is no longer held to be as crmsync wants it, and is looked at next.

    Where something is put back and the rest stays taken back, hands stay off as long as they were to be.
    """
    taken = {it.entry.change.lead for it in undoing if it.back}
    put = {it.entry.change.lead for it in undoing if not it.back}
    still = _in_part(at, connection_id, put)
    for ids, values in (
        (taken, {"undone_on": today, "our_stage": None, "our_owner": None, "due_on": DUE_NOW}),
        (put - still, {"undone_on": None, "due_on": DUE_NOW}),
        (still, {"due_on": DUE_NOW}),
    ):
        if ids:
            mine = (leads.c.connection_id == connection_id) & among(leads.c.lead, sorted(ids))
            at.execute(leads.update().where(mine).values(values))


def _in_part(at: Connection, connection_id: int, ids: Collection[str]) -> set[str]:
    """Those of these leads of which stage or owner stays taken back, by this undo or another, all told in turn."""
    if not ids:
        return set()
    undo_of = undone_runs(at, connection_id)
    taken: dict[str, set[tuple[int, str]]] = {}
    for entry in read_entries(at, connection_id, only=sorted(ids)):
        if entry.run_id not in undo_of or entry.state not in ("written", "unchanged"):
            continue
        steps, first = _first_run(entry.run_id, undo_of)
        change = entry.change
        parts = {"stage": change.stage_changes, "owner": change.owner_changes}
        moved = {(first, part) for part, changes in parts.items() if changes}
        if steps % 2:
            taken.setdefault(change.lead, set()).update(moved)
        else:
            taken.setdefault(change.lead, set()).difference_update(moved)
    return {lead for lead, left in taken.items() if left}


def _stand_since(at: Connection, connection_id: int, undoing: Sequence[TakenBack]) -> None:
    """A stage that is given back stands since it stood before."""
    moved = {
        it.entry.change.lead: it.of
        for it in undoing
        if it.back and it.of is not None and it.entry.change.stage_changes
    }
    stages = {it.entry.change.lead: it.entry.change.stage_after for it in undoing}
    newest = (
        select(func.max(stage_history.c.id))
        .where(stage_history.c.connection_id == connection_id, among(stage_history.c.lead, list(moved)))
        .where(among(stage_history.c.run_id, sorted({entry.run_id for entry in moved.values()})))
        .group_by(stage_history.c.lead, stage_history.c.run_id)
    )
    query = select(stage_history).where(stage_history.c.id.in_(newest))
    rows = [
        {"_lead": row.lead, "_since": row.since}
        for row in (at.execute(query) if moved else ())
        if row.run_id == moved[row.lead].run_id and row.stage_before == stages[row.lead]
    ]
    if rows:
        mine = (leads.c.connection_id == connection_id) & (leads.c.lead == bindparam("_lead"))
        at.execute(leads.update().where(mine).values(stage_since=bindparam("_since")), rows)
