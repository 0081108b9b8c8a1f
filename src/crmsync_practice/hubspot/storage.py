"""The HubSpot side's tables in SQLite, and the few ways records are read and written.

One table per object type: `id, created, updated, archived, archived_at, merged_into, import_id, props`. Instants are
epoch milliseconds; `props` is the JSON object of the non-empty properties. `archived` is 0 (live), 1 (recycle bin),
2 (merged into another record) or 3 (gone for good).
"""

# ruff: noqa: S608 - table names come from the type registry, property names are checked, values are bound
from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crmsync_practice.hubspot.object_types import ObjectType

LIVE, ARCHIVED, MERGED, GONE = 0, 1, 2, 3
_MOST_INDEXES = 24
COLUMNS = "id, created, updated, archived, archived_at, merged_into, import_id, props"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS hubspot_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_associations (
  from_type INTEGER, to_type INTEGER, from_id INTEGER, to_id INTEGER, number INTEGER, category INTEGER,
  PRIMARY KEY (from_type, to_type, from_id, to_id, category, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_history (
  type TEXT, id INTEGER, name TEXT, seq INTEGER, value TEXT, at INTEGER, source_type TEXT, source_id TEXT,
  user_id INTEGER, PRIMARY KEY (type, id, name, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_properties (
  object TEXT, name TEXT, position INTEGER, definition TEXT NOT NULL, PRIMARY KEY (object, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_types (id TEXT PRIMARY KEY, definition TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_owners (id INTEGER PRIMARY KEY, import_id TEXT UNIQUE, user TEXT NOT NULL,
  created INTEGER NOT NULL, updated INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hubspot_teams (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS hubspot_forms (seq INTEGER PRIMARY KEY, guid TEXT UNIQUE, name TEXT UNIQUE,
  created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hubspot_submissions (seq INTEGER PRIMARY KEY, form INTEGER NOT NULL, at INTEGER NOT NULL,
  contact INTEGER NOT NULL, import_id TEXT, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hubspot_lists (seq INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
  processing TEXT NOT NULL, created INTEGER NOT NULL, filter TEXT);
CREATE TABLE IF NOT EXISTS hubspot_property_groups (object TEXT, name TEXT, label TEXT NOT NULL,
  PRIMARY KEY (object, name));
CREATE TABLE IF NOT EXISTS hubspot_list_members (list INTEGER, record INTEGER, at INTEGER NOT NULL,
  PRIMARY KEY (list, record)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_tokens (token TEXT PRIMARY KEY, refresh_token TEXT, expires INTEGER, scopes TEXT,
  client_id TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hubspot_unindexed (seq INTEGER PRIMARY KEY, type TEXT, visible_at INTEGER, id INTEGER,
  created INTEGER, updated INTEGER, archived INTEGER, archived_at INTEGER, merged_into INTEGER, import_id TEXT,
  props TEXT);
CREATE INDEX IF NOT EXISTS hubspot_submissions_contact ON hubspot_submissions (contact, at);
CREATE INDEX IF NOT EXISTS hubspot_submissions_import ON hubspot_submissions (import_id);
"""

_encode = msgspec.json.Encoder().encode
_decode_props = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(slots=True)
class Record:
    """One CRM record as stored; `props` holds only non-empty properties that are not columns."""

    id: int
    created: int
    updated: int
    props: dict[str, str] = field(default_factory=dict)
    archived: int = LIVE
    archived_at: int | None = None
    merged_into: int | None = None
    import_id: str | None = None

    def row(self) -> tuple[Any, ...]:
        """The values of COLUMNS."""
        return (
            self.id,
            self.created,
            self.updated,
            self.archived,
            self.archived_at,
            self.merged_into,
            self.import_id,
            _encode(self.props).decode(),
        )


def record_of(row: Sequence[Any]) -> Record:
    """A Record from a row of COLUMNS."""
    return Record(row[0], row[1], row[2], _decode_props(row[7]), row[3], row[4], row[5], row[6])


class Storage:
    """The side's own connection with its tables; every write happens inside `transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        connection.executescript(_SCHEMA)
        self._depth = 0
        self._indexed: set[str] = set()
        self.lag: Callable[[], int | None] = lambda: None
        """Gives the instant (ms) until which a write of now stays invisible to search; None when there is no lag."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a nested use joins the outer one."""
        if self._depth:
            yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        else:
            self.connection.execute("COMMIT")
        finally:
            self._depth = 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """All or nothing for one row of a batch, inside a transaction."""
        self.connection.execute("SAVEPOINT hubspot_row")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO hubspot_row")
            raise
        finally:
            self.connection.execute("RELEASE hubspot_row")

    def prepare(self, kind: ObjectType) -> None:
        """Makes the type's table if it is not there, with the index of what is not live."""
        self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS {kind.table} (id INTEGER PRIMARY KEY, created INTEGER NOT NULL, "
            "updated INTEGER NOT NULL, archived INTEGER NOT NULL, archived_at INTEGER, merged_into INTEGER, "
            "import_id TEXT, props TEXT NOT NULL)"
        )
        self.connection.execute(
            f"CREATE INDEX IF NOT EXISTS {kind.table}_bin ON {kind.table} (archived, id) WHERE archived <> 0"
        )

    def index(self, kind: ObjectType, unique: Iterable[str]) -> None:
        """Makes the type's indexes (after a load: building them late is quicker)."""
        for name, columns in (
            ("updated", "(updated, id) WHERE archived = 0"),
            ("created", "(created, id) WHERE archived = 0"),
            ("import", "(import_id) WHERE import_id IS NOT NULL"),
        ):
            self.connection.execute(f"CREATE INDEX IF NOT EXISTS {kind.table}_{name} ON {kind.table} {columns}")
        for name in unique:
            self.index_value(kind, name, f"lower({value_of(name)})")

    def forget_indexes(self) -> None:
        """Looks again which indexes there are, after a rolled-back change."""
        self._indexed.clear()

    def index_value(self, kind: ObjectType, name: str, expression: str) -> None:
        """Makes an index over a property's expression; searches by it become quick."""
        key = f"{kind.table}_by_{name}"
        own = [each for each in self._indexed if each.startswith(f"{kind.table}_by_")]
        if key in self._indexed or len(own) >= _MOST_INDEXES:
            return
        self.connection.execute(f"CREATE INDEX IF NOT EXISTS {key} ON {kind.table} ({expression}) WHERE archived = 0")
        self._indexed.add(key)

    def meta(self, key: str) -> str | None:
        """A stored setting of the portal."""
        row = self.connection.execute("SELECT value FROM hubspot_meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Stores a setting of the portal."""
        self.connection.execute("INSERT OR REPLACE INTO hubspot_meta VALUES (?, ?)", (key, value))

    def get(self, kind: ObjectType, record_id: int) -> Record | None:
        """One record in any condition."""
        row = self.connection.execute(f"SELECT {COLUMNS} FROM {kind.table} WHERE id = ?", (record_id,)).fetchone()
        return None if row is None else record_of(row)

    def page(self, kind: ObjectType, start: int, limit: int, condition: int) -> list[Record]:
        """Records in one condition with id >= start, ascending."""
        index = "NOT INDEXED" if condition == LIVE else f"INDEXED BY {kind.table}_bin"
        where = "archived = 0" if condition == LIVE else f"archived <> 0 AND archived = {int(condition)}"
        rows = self.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} {index} WHERE {where} AND id >= ? ORDER BY id LIMIT ?",
            (start, limit),
        )
        return [record_of(row) for row in rows]

    def rows_before(self, kind: ObjectType, start: int, count: int, condition: int) -> int:
        """The id that lies so many rows before `start` (or the first there is)."""
        rows = self.connection.execute(
            f"SELECT id FROM {kind.table} WHERE archived = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (condition, start, max(count, 0)),
        ).fetchall()
        return int(rows[-1][0]) if rows else start

    def every(self, kind: ObjectType) -> Iterator[Record]:
        """All live records, ascending by id."""
        rows = self.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} NOT INDEXED WHERE archived = 0 ORDER BY id"
        )
        return (record_of(row) for row in rows)

    def by_value(self, kind: ObjectType, name: str, value: str) -> Record | None:
        """The live record with the lowest id whose unique property has this value, whatever its case."""
        row = self.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} WHERE lower({value_of(name)}) = lower(?) AND archived = 0 "
            "ORDER BY id LIMIT 1",
            (value,),
        ).fetchone()
        return None if row is None else record_of(row)

    def by_import_id(self, kind: ObjectType, import_id: str) -> Record | None:
        """The record that was imported under this id, a live one first."""
        row = self.connection.execute(
            f"SELECT {COLUMNS} FROM {kind.table} WHERE import_id = ? ORDER BY archived LIMIT 1",
            (import_id,),
        ).fetchone()
        return None if row is None else record_of(row)

    def last_id(self, kind: ObjectType) -> int | None:
        """The highest id in use."""
        row = self.connection.execute(f"SELECT max(id) FROM {kind.table}").fetchone()
        return None if row[0] is None else int(row[0])

    def insert_many(self, kind: ObjectType, records: Iterable[Record]) -> None:
        """Adds new records in bulk."""
        self.connection.executemany(
            f"INSERT INTO {kind.table} ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?)",
            (record.row() for record in records),
        )

    def save(self, kind: ObjectType, record: Record) -> None:
        """Adds or replaces one record, remembering what search may still show of it."""
        visible_at = self.lag()
        if visible_at is not None:
            self._remember(kind, record.id, visible_at)
        self.connection.execute(
            f"INSERT OR REPLACE INTO {kind.table} ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", record.row()
        )

    def _remember(self, kind: ObjectType, record_id: int, visible_at: int) -> None:
        found = self.connection.execute(
            f"INSERT INTO hubspot_unindexed (type, visible_at, {COLUMNS}) "
            f"SELECT ?, ?, {COLUMNS} FROM {kind.table} WHERE id = ?",
            (kind.id, visible_at, record_id),
        )
        if found.rowcount == 0:
            self.connection.execute(
                "INSERT INTO hubspot_unindexed (type, visible_at, id, archived) VALUES (?, ?, ?, ?)",
                (kind.id, visible_at, record_id, GONE),
            )


def value_of(name: str) -> str:
    """The SQL expression of a property's stored text; `name` must be a checked property name."""
    return f"json_extract(props, '$.{name}')"
