"""One store's content into another, whatever databases they are in: every row, and the numbers given out so far.

Rows keep their numbers, so the copy is the same store: saved plans, undo and history go on from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime

import polars as pl
from sqlalchemy import Boolean, Connection, Integer, Table, Text, cast, func, select, text
from sqlalchemy.types import JSON

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.progress import Progress, silent
from crmsync.store.database import Database
from crmsync.store.dialects.statements import bulk, insert_into
from crmsync.store.tables import connections, identity, metadata

ROWS_AT_ONCE = 20_000


def copy(source: Database, target: Database, *, now: datetime, progress: Progress = silent) -> Mapping[str, int]:
    """Copy everything into a store that was just made; rows by table. All of it arrives, or nothing.

    Raises `UsageError` where the target holds something, `AnotherRunInProgress` where a run works on the source, and
    `StoreUnavailable`.
    """
    with ExitStack() as held:
        with source.reading() as at:
            known = list(at.execute(select(connections.c.name, connections.c.id)))
        for name, number in known:
            held.enter_context(source.hold(name, lambda number=number: number, now))  # type: ignore[misc]
        with source.reading() as read, target.writing() as written:
            _refuse_another(written, target.name)
            written.execute(identity.delete())
            rows = {}
            for table in metadata.sorted_tables:
                rows[table.name] = _copied(read, written, table)
                progress("copying rows", sum(rows.values()), None)
            _give_on(read, written)
            _compare(written, rows, target.name)
    return rows


def _refuse_another(at: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        if table is not identity and at.execute(select(func.count()).select_from(table)).scalar_one():
            raise UsageError(
                f"there is a store in {name} already",
                hint="name a new file or an empty database: nothing is replaced",
            )


def _copied(read: Connection, written: Connection, table: Table) -> int:
    """JSON goes as the text that it is stored as."""
    columns = [cast(each, Text).label(each.name) if isinstance(each.type, JSON) else each for each in table.c]
    schema = {each.name: _plain(each.type) for each in table.c}
    count = 0
    result = read.execution_options(yield_per=ROWS_AT_ONCE).execute(select(*columns).order_by(*table.primary_key))
    for some in result.partitions(ROWS_AT_ONCE):
        try:
            frame = pl.DataFrame([tuple(row) for row in some], schema=schema, orient="row")
        except (TypeError, OverflowError, pl.exceptions.PolarsError):
            raise StoreUnavailable(
                f"something in the store's table {table.name} is damaged",
                hint="restore a backup, or begin anew with `crmsync run --full`",
            ) from None
        bulk(written, insert_into(table), frame)
        count += frame.height
    return count


def _plain(kind: object) -> pl.DataType:
    if isinstance(kind, Boolean):
        return pl.Boolean()
    return pl.Int64() if isinstance(kind, Integer) else pl.String()  # BigInteger is an Integer


def _give_on(read: Connection, written: Connection) -> None:
    """Numbers that were given out are not given out a second time."""
    for table in metadata.sorted_tables:
        [column, *others] = table.primary_key
        if others or not isinstance(column.type, Integer) or column.foreign_keys or column.autoincrement is False:
            continue
        last = _last_given(read, table.name, column.name)
        if not last:
            continue
        if written.dialect.name == "postgresql":
            sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
            written.execute(sequence, {"table": table.name, "column": column.name, "last": last})
        elif table.dialect_options["sqlite"]["autoincrement"]:
            given = {"table": table.name, "last": last}
            written.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), given)
            written.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), given)


def _last_given(at: Connection, table: str, column: str) -> int:
    if at.dialect.name == "postgresql":
        sequence = at.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table, "column": column}
        ).scalar_one()
        last, called = at.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - its name
        return int(last) if called else 0
    given = at.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :table"), {"table": table}).scalar()
    known = at.execute(text(f'SELECT max("{column}") FROM "{table}"')).scalar()  # noqa: S608 - our own tables
    return max(int(given or 0), int(known or 0))


def _compare(at: Connection, rows: Mapping[str, int], name: str) -> None:
    for table in metadata.sorted_tables:
        there = at.execute(select(func.count()).select_from(table)).scalar_one()
        if there != rows[table.name]:
            raise StoreUnavailable(
                f"of {rows[table.name]:,} rows of {table.name} {there:,} arrived in {name}", hint="run it again"
            )
