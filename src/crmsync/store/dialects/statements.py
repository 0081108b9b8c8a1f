"""Where databases differ (upserts, long lists), and where SQLAlchemy's care per row costs too much (bulk writes)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

import polars as pl
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    func,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine


def _postgresql() -> Any:
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - 30 ms that only its users pay

    return postgresql


def upsert(at: Connection, table: Table) -> Insert:
    """An insert of whole rows that replaces the row with the same primary key."""
    return _upsert(at.dialect.name, table)


@cache
def _upsert(dialect: str, table: Table) -> Insert:
    make = _postgresql().insert if dialect == "postgresql" else sqlite.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def insert_missing(at: Connection, table: Table) -> Insert:
    """An insert of rows that leaves those alone that are there, whoever made them."""
    make = _postgresql().insert if at.dialect.name == "postgresql" else sqlite.insert
    return make(table).on_conflict_do_nothing()


@cache
def insert_into(table: Table) -> Insert:
    """An insert of rows: the same statement each time, which is compiled once (see `bulk`)."""
    return table.insert()


def update_by(table: Table, *keys: str, columns: Iterable[str]) -> Update:
    """An update of `columns` in the row whose `keys` match; bulk rows give both under `<name>` and `_<key>`."""
    return _update(table, keys, tuple(columns))


@cache
def _update(table: Table, keys: tuple[str, ...], columns: tuple[str, ...]) -> Update:
    statement = table.update().values({name: bindparam(name) for name in columns})
    for key in keys:
        statement = statement.where(table.c[key] == bindparam(f"_{key}"))
    return statement


def bulk(at: Connection, statement: Insert | Update, frame: pl.DataFrame) -> None:
    """Execute once per row. The frame's columns are the statement's parameters, in the database's plain types.

    Straight to the driver: SQLAlchemy's own executemany spends more on each row than SQLite does. New rows go to
    PostgreSQL by its COPY.
    """
    if frame.is_empty():
        return
    compiled = _compiled(statement, at.dialect, tuple(frame.columns))
    constants = {name: pl.lit(value) for name, value in compiled.params.items() if name not in frame.columns}
    frame = frame.with_columns(**constants)
    if at.dialect.name == "postgresql" and type(statement) is Insert:  # upserts are of the dialect's own type
        _copy(at, statement.table.name, frame)
        return
    rows: Any = frame.select(compiled.positiontup or []).rows() if compiled.positional else frame.rows(named=True)
    at.exec_driver_sql(str(compiled), rows)


@lru_cache(maxsize=128)
def _compiled(statement: Insert | Update, dialect: Dialect, columns: tuple[str, ...]) -> SQLCompiler:
    return statement.compile(dialect=dialect, column_keys=[*columns])


def keys_for(at: Connection, table: Table, number: int) -> pl.Series:
    """So many numbers for rows of `table` to be, ascending, which the database gives out to no other: new rows need
    not be read again to know theirs. In SQLite that is true until this transaction ends, if all of them are used.
    """
    name, [key] = table.name, table.primary_key
    if at.dialect.name == "postgresql":
        given = text("SELECT nextval(pg_get_serial_sequence(:table, :key)) FROM generate_series(1, :number)")
        return pl.Series(
            at.execute(given, {"table": name, "key": key.name, "number": number}).scalars(), dtype=pl.Int64
        )
    seen = select(func.coalesce(func.max(key), 0))
    given = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    last = max(at.execute(seen).scalar_one(), at.execute(given, {"table": name}).scalar() or 0)
    return pl.int_range(last + 1, last + 1 + number, eager=True, dtype=pl.Int64)


def _copy(at: Connection, table: str, frame: pl.DataFrame) -> None:
    driver: Any = at.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in frame.columns)
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in frame.iter_rows():
            copy.write_row(row)


def among(column: ColumnElement[Any], values: Iterable[str] | Iterable[int] | str) -> ColumnElement[bool]:
    """Whether the column's value is one of these, however many. A text is the name of the parameter that brings them.

    One parameter holds them all: an `IN` list of so many parameters has a limit, and takes SQLAlchemy 5 µs each.
    """
    kind = _Values(column.type)
    return _Among(
        column, bindparam(values, type_=kind) if isinstance(values, str) else bindparam(None, [*values], type_=kind)
    )


def holds_text(at: Connection, column: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    """Whether a text without capitals stands in another one, by what each database finds it with soonest.

    `/` escapes in SQLite what it stands before. To say so costs each row something, and is said only where it does.
    """
    if at.dialect.name == "postgresql":
        return func.strpos(column, part) > 0
    pattern = "%" + _escaped(part) + "%"
    return column.like(pattern, escape="/" if "/" in pattern else None)


def _escaped(part: str) -> str:
    return part.replace("/", "//").replace("%", "/%").replace("_", "/_")


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> ColumnElement[bool]:  # type: ignore[override]
        """A condition as it stands: SQLAlchemy would append `= 1`, and no index would serve it any more."""
        return self


class _Values(TypeDecorator[Any]):
    """A list as one parameter: JSON for SQLite, an array for PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.numbers = of._type_affinity is BigInteger()._type_affinity

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_postgresql().ARRAY(BigInteger() if self.numbers else Text()))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


@compiles(_Among)
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    rows = f"json_each({compiler.process(values, **options)})"
    return f"{compiler.process(column, **options)} IN (SELECT value FROM {rows})"  # noqa: S608 - compiled SQL only


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"
