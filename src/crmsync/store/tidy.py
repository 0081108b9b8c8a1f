"""What is old and needed by nothing goes: detail of journal entries, runs that wrote nothing and what runs set aside,
holds that are over.

An entry itself stays, with its lead, stage, owner, turn and end: counters are the turns that entries hold, and a
lead's history is told from them. What is still open stays whole, and so does the last owner that each lead got from
us, with how that owner was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Text,
    Update,
    and_,
    cast,
    func,
    null,
    or_,
    select,
)

from crmsync.store.bookkeeping import TOLD
from crmsync.store.encoding import day_number, instant_number
from crmsync.store.set_aside import let_go as let_go_of_aside
from crmsync.store.tables import holds, journal, overruled, runs, stage_history

RUNS_KEPT = 20
"""So many of the newest runs stay, and of those that were not dry, whatever their age: guards compare with them."""


class OlderThan(Struct, frozen=True):
    """What is older than these may go: the journal's detail (and runs that wrote nothing), dry runs (and what any run
    set aside: each tells the same leads anew).
    """

    journal: datetime
    journal_day: date
    dry_runs: datetime


class Tidied(Struct, frozen=True):
    """How many went: entries that lost their detail, runs, holds that are over, overrulings that count no more."""

    entries: int = 0
    dry_runs: int = 0
    runs: int = 0
    holds: int = 0
    overruled: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something to tell."""
        return any((self.entries, self.dry_runs, self.runs, self.holds, self.overruled))


def tidy(at: Connection, connection_id: int, older_than: OlderThan, *, only_count: bool) -> Tidied:
    """Let go what is old; `only_count`: say how much that would be, and let it stay."""
    journal_number = instant_number(older_than.journal)
    old = _old_entries(connection_id, journal_number)
    moves = _last_owner_moves(connection_id)
    dry = and_(_unneeded_runs(connection_id, instant_number(older_than.dry_runs)), runs.c.dry_run)
    empty = and_(_unneeded_runs(connection_id, journal_number), runs.c.dry_run.is_(False))
    over = and_(holds.c.connection_id == connection_id, holds.c.until < day_number(older_than.journal_day))
    let_go = and_(overruled.c.connection_id == connection_id, overruled.c.released_at < journal_number)
    if only_count:
        tables = ((journal, old), (runs, dry), (runs, empty), (holds, over), (overruled, let_go))
        return Tidied(
            *(
                at.execute(select(func.count()).select_from(table).where(which)).scalar_one()
                for table, which in tables
            )
        )
    let_go_of_aside(at, connection_id, instant_number(older_than.dry_runs))
    thinned = journal.update().where(old)
    at.execute(thinned.where(journal.c.id.not_in(moves)).values(routing=null()))
    bare = thinned.values(
        writes={},
        beside={},
        scores={},
        reasons=[],
        creates=null(),
        hand_off=null(),
        made=null(),
        message="",
        records=null(),
    )
    return Tidied(*_rows(at, (bare, runs.delete().where(dry), runs.delete().where(empty),
                              holds.delete().where(over), overruled.delete().where(let_go))))  # fmt: skip


def _rows(at: Connection, statements: Iterable[Update | Delete]) -> Iterable[int]:
    return [at.execute(statement).rowcount for statement in statements]


def _old_entries(connection_id: int, before: int) -> ColumnElement[bool]:
    """Settled long ago, not thinned yet, and not what a younger run takes back."""
    taken_back = select(runs.c.undo_of).where(runs.c.undo_of.is_not(None), runs.c.started_at >= before)
    detailed = or_(cast(journal.c.writes, Text) != "{}", cast(journal.c.reasons, Text) != "[]")
    return and_(
        journal.c.connection_id == connection_id,
        journal.c.settled_at < before,  # what is still open has no such time
        detailed,
        journal.c.run_id.not_in(taken_back),
    )


def _last_owner_moves(connection_id: int) -> Select[tuple[int]]:
    newest = select(func.max(journal.c.id)).where(journal.c.connection_id == connection_id)
    arrived = newest.where(journal.c.state.in_(("written", "unchanged")), journal.c.routing.is_not(None))
    return arrived.group_by(journal.c.lead)


def _unneeded_runs(connection_id: int, before: int) -> ColumnElement[bool]:
    """Long ago, none of the newest, and nothing points to them."""
    mine = (
        select(runs.c.id)
        .where(runs.c.connection_id == connection_id, runs.c.kind != TOLD)
        .order_by(runs.c.id.desc())
        .limit(RUNS_KEPT)
    )
    wrote = mine.where(runs.c.dry_run.is_(False))
    other = runs.alias("other")
    return and_(
        runs.c.connection_id == connection_id,
        runs.c.started_at < before,
        runs.c.id.not_in(select(mine.subquery().c.id)),
        runs.c.id.not_in(select(wrote.subquery().c.id)),
        runs.c.id.not_in(select(journal.c.run_id)),
        runs.c.id.not_in(select(stage_history.c.run_id).where(stage_history.c.run_id.is_not(None))),
        runs.c.id.not_in(select(other.c.undo_of).where(other.c.undo_of.is_not(None))),
    )
