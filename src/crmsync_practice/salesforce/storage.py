"""The org's tables: one per object with a real column per field, in SQLite.

Beside its fields a row has `n` (its number, from which its id is made), `_import_id` (the id in the import shape)
and `_extra` (JSON: what the import shape knows and Salesforce has no place for).
"""

# ruff: noqa: S608 - names of tables and columns come from the schema; values are bound.
from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from crmsync_practice.salesforce.ids import make_id
from crmsync_practice.salesforce.schema import Field, Schema, SObject

_BY_ACTIVITIES = frozenset({"LastActivityDate", "SystemModstamp"})
"""Columns of a lead that Salesforce moves by itself when something happens with it; no rule of the org sees that."""


SaveKind = Literal["CREATE", "UPDATE", "DELETE", "UNDELETE"]


@dataclass(frozen=True, slots=True)
class Saved:
    """A record that a transaction has saved or deleted, and the fields that it set.

    `saved`: it was not only deleted: one that a merge takes in is saved first.
    """

    object: str
    record: str
    kind: SaveKind
    fields: frozenset[str]
    saved: bool


class Store:
    """Reads and writes rows as dictionaries of native fields; knows nothing of rules."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema) -> None:
        self.connection = connection
        self.schema = schema
        self._numbers: dict[str, int] = {}
        self.listeners: list[Callable[[list[Saved]], None]] = []
        self._saved: dict[tuple[str, str], Saved] = {}
        connection.execute("CREATE TABLE IF NOT EXISTS sf_meta (key TEXT PRIMARY KEY, value TEXT)")

    def read_meta(self, key: str) -> Any:
        """A remembered JSON value, or None."""
        row = self.connection.execute("SELECT value FROM sf_meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0])

    def write_meta(self, key: str, value: object) -> None:
        """Remembers a JSON value with the data."""
        text = msgspec.json.encode(value).decode()
        self.connection.execute("INSERT OR REPLACE INTO sf_meta VALUES (?, ?)", (key, text))

    def create_tables(self) -> None:
        """Makes the empty tables; the indexes come after the load."""
        for each in self.schema:
            self._create_table(each)

    def complete_tables(self) -> list[str]:
        """Adds the tables and columns that a file of an earlier version does not have; gives the tables' objects."""
        added = []
        for each in self.schema:
            known = {row[1] for row in self.connection.execute(f"PRAGMA table_info({each.table})")}
            if not known:
                self._create_table(each)
                self._create_indexes(each)
                added.append(each.name)
                continue
            for field in each.stored():
                if field.name not in known:
                    self.add_column(each, field)
        return added

    def create_indexes(self) -> None:
        """Makes the indexes that ids, incremental reads and joins need."""
        for each in self.schema:
            self._create_indexes(each)
        self.connection.execute("ANALYZE")

    def _create_table(self, sobject: SObject) -> None:
        columns = ", ".join(f'"{field.name}" {field.column_type}' for field in sobject.stored())
        self.connection.execute(
            f"CREATE TABLE {sobject.table} (n INTEGER PRIMARY KEY, _import_id TEXT, _extra TEXT, {columns})"
        )

    def _create_indexes(self, sobject: SObject) -> None:
        self.connection.execute(f'CREATE UNIQUE INDEX "ix_sf_{sobject.name}_Id" ON {sobject.table} (Id)')
        if sobject.sparse:
            return
        stamped = ["SystemModstamp, Id"] if "SystemModstamp" in sobject.fields else []
        for columns in ("_import_id", *sobject.indexes, *stamped):
            name = columns.replace(", ", "_")
            self.connection.execute(f'CREATE INDEX "ix_sf_{sobject.name}_{name}" ON {sobject.table} ({columns})')

    def add_column(self, sobject: SObject, field: Field) -> None:
        """Adds a custom field to a table that exists."""
        sobject.add(field)
        self.connection.execute(f'ALTER TABLE {sobject.table} ADD COLUMN "{field.name}" {field.column_type}')

    def next_number(self, sobject: SObject) -> int:
        """The number of the next row of an object."""
        if sobject.name not in self._numbers:
            row = self.connection.execute(f"SELECT coalesce(max(n), 0) FROM {sobject.table}").fetchone()
            self._numbers[sobject.name] = row[0]
        self._numbers[sobject.name] += 1
        return self._numbers[sobject.name]

    def insert_many(self, sobject: SObject, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Inserts whole rows; `names` are columns including `n` and `Id`."""
        columns = ", ".join(f'"{name}"' for name in names)
        marks = ", ".join("?" * len(names))
        self.connection.executemany(f"INSERT INTO {sobject.table} ({columns}) VALUES ({marks})", rows)
        self._numbers.pop(sobject.name, None)

    def insert(self, sobject: SObject, values: Mapping[str, Any], import_id: str | None = None) -> str:
        """Inserts one row and gives its id."""
        number = self.next_number(sobject)
        record_id = make_id(sobject.prefix, number)
        columns = {"n": number, "_import_id": import_id, "Id": record_id, **values}
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" * len(columns))
        self.connection.execute(f"INSERT INTO {sobject.table} ({names}) VALUES ({marks})", tuple(columns.values()))
        self._was_saved(sobject, record_id, values, "CREATE")
        return record_id

    def update(self, sobject: SObject, record_id: str, values: Mapping[str, Any]) -> None:
        """Changes one row's columns."""
        if values:
            changes = ", ".join(f'"{name}" = ?' for name in values)
            self.connection.execute(
                f"UPDATE {sobject.table} SET {changes} WHERE Id = ?", (*values.values(), record_id)
            )
            self._was_saved(sobject, record_id, values, _kind_of(values))

    def _was_saved(self, sobject: SObject, record_id: str, values: Mapping[str, Any], kind: SaveKind) -> None:
        """Notes a record for whoever listens. What follows from an activity is no saving."""
        if not self.listeners or set(values) <= _BY_ACTIVITIES:
            return
        before = self._saved.get((sobject.name, record_id))
        fields = frozenset(values) | (before.fields if before else frozenset())
        kind = "CREATE" if before is not None and before.kind == "CREATE" and kind == "UPDATE" else kind
        saved = kind != "DELETE" or (before is not None and before.saved)
        self._saved[sobject.name, record_id] = Saved(sobject.name, record_id, kind, fields, saved)
        if not self.connection.in_transaction:
            self._tell_saved()

    def _tell_saved(self) -> None:
        saved, self._saved = list(self._saved.values()), {}
        for listener in self.listeners if saved else ():
            listener(saved)

    def row(self, sobject: SObject, record_id: str) -> dict[str, Any] | None:
        """One row, deleted or not, with all its columns; None when there is none."""
        return self._one(f"SELECT * FROM {sobject.table} WHERE Id = ?", record_id)

    def row_of_import(self, sobject: SObject, import_id: str) -> dict[str, Any] | None:
        """The row that was imported under this id (or, failing that, has it as native id)."""
        found = self._one(f"SELECT * FROM {sobject.table} WHERE _import_id = ?", import_id)
        return found or self.row(sobject, import_id)

    def rows_where(self, sobject: SObject, column: str, value: object) -> list[dict[str, Any]]:
        """The rows with this value in a column, in order of creation."""
        return self._all(f'SELECT * FROM {sobject.table} WHERE "{column}" = ? ORDER BY n', value)

    def all_rows(self, sobject: SObject) -> list[dict[str, Any]]:
        """Every row of an object in order of creation."""
        return self._all(f"SELECT * FROM {sobject.table} ORDER BY n")

    def delete_row(self, sobject: SObject, record_id: str) -> None:
        """Removes a row for good."""
        self.connection.execute(f"DELETE FROM {sobject.table} WHERE Id = ?", (record_id,))
        self._was_saved(sobject, record_id, {"IsDeleted": 1, "Id": record_id}, "DELETE")

    def in_transaction(self, work: Callable[[], Any]) -> Any:
        """Runs `work` in one transaction (or inside the one that is open); an exception undoes it."""
        if self.connection.in_transaction:
            self.connection.execute("SAVEPOINT work")
            try:
                result = work()
            except BaseException:
                self.connection.execute("ROLLBACK TO work")
                self.connection.execute("RELEASE work")
                raise
            self.connection.execute("RELEASE work")
            return result
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
        except BaseException:
            self.connection.execute("ROLLBACK")
            self._saved.clear()
            raise
        self.connection.execute("COMMIT")
        self._tell_saved()
        return result

    def _all(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        cursor = self.connection.execute(statement, parameters)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _one(self, statement: str, *parameters: object) -> dict[str, Any] | None:
        rows = self._all(statement, *parameters)
        return rows[0] if rows else None


def _kind_of(values: Mapping[str, Any]) -> SaveKind:
    if "IsDeleted" not in values:
        return "UPDATE"
    return "DELETE" if values["IsDeleted"] else "UNDELETE"
