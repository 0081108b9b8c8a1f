"""Small things kept per connection: its number, cursors, digests and runs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, get_args

from msgspec import Struct, field
from sqlalchemy import Connection, Integer, Text, cast, func, select, type_coerce

from crmsync.store.dialects.statements import upsert
from crmsync.store.encoding import instant_number, instant_of
from crmsync.store.tables import connections, cursors, digests, identity, runs
from crmsync.values import asdict

RunKind = Literal["run", "redistribute", "apply", "undo", "told"]
TOLD: RunKind = "told"
"""The kind of runs that read what a CRM told by itself: of a few leads, and often."""
_KINDS = frozenset(get_args(RunKind))
_AS_STORED = [
    cast(column, Text).label(column.name)
    if column.name in {"counts", "breaches", "measures"}
    else type_coerce(column, Integer).label(column.name)
    if column.name == "dry_run"
    else column
    for column in runs.c
]
"""Read as text and number, so that one damaged row does not keep all others from being read."""

_WITHOUT_FIGURES = frozenset({"writes_off", "declined", "all_unmanaged"})


class Breach(Struct, frozen=True):
    """A guard that stopped a run."""

    name: str
    value: float
    limit: float

    def __str__(self) -> str:
        """For people: a guard that is only kept or not has no figures."""
        if self.name in _WITHOUT_FIGURES:
            return self.name
        if self.name.endswith("_share"):
            return f"{self.name} {self.value:.1%} over {self.limit:.1%}"
        return f"{self.name} {self.value:g} over {self.limit:g}"


class RunRecord(Struct, frozen=True):
    """A run as the store remembers it. `ended_at` and `exit_code` are null while it runs, or after it was killed.

    `by`: who started it, as the machine knows them. `plan`: digest of the plan that it carried out or showed.
    `undo_of`: the run that it takes back. `plan_of`: the one that made the plan.
    `breaches`: what stopped it. `measures`: what guards compare runs by.
    """

    id: int
    dry_run: bool
    started_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    counts: Mapping[str, int]
    kind: RunKind = "run"
    by: str | None = None
    plan: str | None = None
    undo_of: int | None = None
    plan_of: int | None = None
    breaches: tuple[Breach, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


def store_identity(at: Connection) -> str:
    """What tells this store, and copies of it, from any other."""
    return str(at.execute(select(identity.c.id)).scalar_one())


def connection_number(at: Connection, name: str) -> int | None:
    """The number of the connection with this name, null when the store has never heard of it."""
    return at.execute(select(connections.c.id).where(connections.c.name == name)).scalar()


def new_connection(at: Connection, name: str) -> int:
    """The number for this name; a new one if need be."""
    known = connection_number(at, name)
    if known is not None:
        return known
    made = at.execute(connections.insert().values(name=name).returning(connections.c.id))
    return int(made.scalar_one())


def read_snapshot(at: Connection, connection_id: int) -> str | None:
    """The CRM's set-up as it was last seen."""
    found = at.execute(select(connections.c.snapshot).where(connections.c.id == connection_id))
    return found.scalar_one_or_none()


def other_snapshots(at: Connection, connection_id: int) -> dict[str, str]:
    """The CRM's set-up as it was last seen, of every other connection that was ever read, by name."""
    asked = select(connections.c.name, connections.c.snapshot).where(connections.c.id != connection_id)
    return {row.name: row.snapshot for row in at.execute(asked.order_by(connections.c.id)) if row.snapshot}


def set_snapshot(at: Connection, connection_id: int, snapshot: str) -> None:
    """Replace it."""
    at.execute(connections.update().where(connections.c.id == connection_id).values(snapshot=snapshot))


def read_cursors(at: Connection, connection_id: int) -> dict[str, str]:
    """Object → cursor."""
    rows = at.execute(select(cursors).where(cursors.c.connection_id == connection_id))
    return {row.object: row.cursor for row in rows}


def set_cursors(at: Connection, connection_id: int, moved: Mapping[str, str]) -> None:
    """Object → cursor; in the transaction that stores what was read up to it."""
    rows = [{"connection_id": connection_id, "object": name, "cursor": cursor} for name, cursor in moved.items()]
    if rows:
        at.execute(upsert(at, cursors), rows)


def drop_cursors(at: Connection, connection_id: int) -> None:
    """After a complete pull: an object that it did not read has nowhere to go on from."""
    at.execute(cursors.delete().where(cursors.c.connection_id == connection_id))


def read_digests(at: Connection, connection_id: int) -> dict[str, str]:
    """Name → digest."""
    rows = at.execute(select(digests).where(digests.c.connection_id == connection_id))
    return {row.name: row.digest for row in rows}


def set_digests(at: Connection, connection_id: int, changed: Mapping[str, str]) -> None:
    """Replace the named digests, keep the others."""
    rows = [{"connection_id": connection_id, "name": name, "digest": digest} for name, digest in changed.items()]
    if rows:
        at.execute(upsert(at, digests), rows)


_PARTIAL = "partial"
"""Among the measures of a run, from its beginning: it looks at some of the leads only."""
_WHOLE = func.coalesce(cast(runs.c.measures, Text), "").not_like(f'%"{_PARTIAL}"%')
OF_EVERYBODY = (runs.c.kind == "run") & _WHOLE
"""Runs that look at all leads."""


def start_run(
    at: Connection,
    connection_id: int,
    now: datetime,
    *,
    dry_run: bool,
    kind: RunKind = "run",
    by: str | None = None,
    undo_of: int | None = None,
    plan_of: int | None = None,
    partial: bool = False,
) -> int:
    """Note that a run has begun; its number. See `RunRecord`. `partial`: it looks at some of the leads only."""
    values = {
        "connection_id": connection_id,
        "dry_run": dry_run,
        "started_at": instant_number(now),
        "counts": {},
        "kind": kind,
        "by": by,
        "undo_of": undo_of,
        "plan_of": plan_of,
        "measures": {_PARTIAL: 1} if partial else None,
    }
    return int(at.execute(runs.insert().values(values).returning(runs.c.id)).scalar_one())


def connection_of(at: Connection, run_id: int) -> str | None:
    """The name of the connection that the run was on; null when there is no such run."""
    same = connections.c.id == runs.c.connection_id
    return at.execute(select(connections.c.name).join(runs, same).where(runs.c.id == run_id)).scalar()


def undone_runs(at: Connection, connection_id: int) -> dict[int, int]:
    """Run → the run that it takes back, of those that take one back."""
    query = select(runs.c.id, runs.c.undo_of).where(runs.c.connection_id == connection_id)
    return {row.id: row.undo_of for row in at.execute(query.where(runs.c.undo_of.is_not(None)))}


def carried_out(at: Connection, connection_id: int, plan_of: int) -> tuple[int, ...]:
    """Runs that write what the plan of this run says, oldest first."""
    mine = (runs.c.connection_id == connection_id) & (runs.c.plan_of == plan_of) & ~runs.c.dry_run
    return tuple(at.execute(select(runs.c.id).where(mine).order_by(runs.c.id)).scalars())


def end_run(
    at: Connection,
    run_id: int,
    now: datetime,
    exit_code: int,
    counts: Mapping[str, int],
    *,
    plan: str | None = None,
    breaches: Sequence[Breach] = (),
    measures: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Note how it ended. See `RunRecord`."""
    values = {
        "ended_at": instant_number(now),
        "exit_code": exit_code,
        "counts": dict(counts),
        "plan": plan,
        "breaches": [asdict(breach) for breach in breaches] or None,
    }
    if measures:
        partial = at.execute(select(runs.c.id).where(runs.c.id == run_id, ~_WHOLE)).first() is not None
        values["measures"] = {**measures, **({_PARTIAL: 1} if partial else {})}
    at.execute(runs.update().where(runs.c.id == run_id).values(values))


def drop_run(at: Connection, run_id: int) -> None:
    """Take a run out again; its number is not given out a second time."""
    at.execute(runs.delete().where(runs.c.id == run_id))


class ReadRuns(Struct, frozen=True):
    """`records`: newest first. `damaged`: numbers of runs of which what is stored can no longer be read."""

    records: tuple[RunRecord, ...]
    damaged: tuple[int, ...] = ()


def read_runs(
    at: Connection,
    connection_id: int,
    limit: int | None = None,
    *,
    run_id: int | None = None,
    with_told: bool = True,
    wrote: bool = False,
    of_everybody: bool = False,
) -> ReadRuns:
    """The last runs, newest first; of all, or the one with this number. `with_told`: those of tellings, too. `wrote`:
    only those that were to write, and have ended; `of_everybody`: and looked at all leads.
    """
    mine = select(*_AS_STORED).where(runs.c.connection_id == connection_id)
    if of_everybody:
        mine = mine.where(OF_EVERYBODY)
    if wrote or of_everybody:
        mine = mine.where(~runs.c.dry_run, runs.c.ended_at.is_not(None))
    if run_id is not None:
        mine = mine.where(runs.c.id == run_id)
    if not with_told:
        mine = mine.where(runs.c.kind != TOLD)
    read = {row.id: _record(row) for row in at.execute(mine.order_by(runs.c.id.desc()).limit(limit))}
    return ReadRuns(
        tuple(record for record in read.values() if record),
        tuple(number for number, record in read.items() if record is None),
    )


def _record(row: Any) -> RunRecord | None:
    """Null for a row that can no longer be read."""
    try:
        record = RunRecord(
            id=row.id,
            dry_run=bool(_number(row.dry_run)),
            started_at=instant_of(_number(row.started_at)),
            ended_at=None if row.ended_at is None else instant_of(_number(row.ended_at)),
            exit_code=None if row.exit_code is None else _number(row.exit_code),
            counts={str(name): _number(count) for name, count in json.loads(row.counts).items()},
            kind=row.kind,
            by=row.by,
            plan=row.plan,
            undo_of=None if row.undo_of is None else _number(row.undo_of),
            plan_of=None if row.plan_of is None else _number(row.plan_of),
            breaches=tuple(_breach(**breach) for breach in json.loads(row.breaches or "[]")),
            measures={str(name): _figure(value) for name, value in json.loads(row.measures or "{}").items()},
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None
    return record if record.kind in _KINDS else None


def _number(value: object) -> int:
    """Raises `TypeError` for what is none: SQLite keeps a text where a number is due."""
    if not isinstance(value, int):
        raise TypeError("not a number")
    return value


def _figure(value: object) -> float:
    """Raises `ValueError` for what compares with nothing."""
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    raise ValueError("not a figure")


def _breach(name: str, value: float, limit: float) -> Breach:
    return Breach(str(name), _figure(value), _figure(limit))
