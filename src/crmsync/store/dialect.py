"""Where databases differ (upserts), and where SQLAlchemy's care per row costs too much (bulk writes)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import Connection, Insert, Table, Update, bindparam
from sqlalchemy.dialects import postgresql, sqlite

_T = TypeVar("_T")

PARAMETERS_AT_ONCE = 10_000
"""Values in one `IN` list: below SQLite's 32,766 and PostgreSQL's 65,535."""


def upsert(connection: Connection, table: Table) -> Insert:
    """An insert of whole rows that replaces the row with the same primary key."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def update_by(table: Table, *keys: str, columns: Sequence[str]) -> Update:
    """An update of `columns` in the row whose `keys` match; bulk rows give both under `<name>` and `_<key>`."""
    statement = table.update().values({name: bindparam(name) for name in columns})
    for key in keys:
        statement = statement.where(table.c[key] == bindparam(f"_{key}"))
    return statement


def bulk(connection: Connection, statement: Insert | Update, frame: pl.DataFrame) -> None:
    """Execute once per row. The frame's columns are the statement's parameters, in the database's plain types.

    Straight to the driver: SQLAlchemy's own executemany spends more on each row than SQLite does.
    """
    if frame.is_empty():
        return
    compiled = statement.compile(dialect=connection.dialect, column_keys=frame.columns)
    constants = {name: pl.lit(value) for name, value in compiled.params.items() if name not in frame.columns}
    frame = frame.with_columns(**constants)
    rows: Any = frame.select(compiled.positiontup or []).rows() if compiled.positional else frame.rows(named=True)
    connection.exec_driver_sql(str(compiled), rows)


def slices(values: Sequence[_T], size: int = PARAMETERS_AT_ONCE) -> Iterator[Sequence[_T]]:
    """The values in pieces that fit into one `IN` list."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
