"""Schema and migrations are one; released schemas come forward with their data; strangers are refused in words."""

from __future__ import annotations

import importlib.util
import itertools
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, create_engine, make_url

from crmsync.errors import StoreUnavailable, UsageError
from crmsync.store import Store
from crmsync.store.dialects.sqlite import SqliteFile
from crmsync.store.migrate import MIGRATIONS, _upgrade, known_versions
from crmsync.store.tables import HEAD, metadata
from crmsync.testing.store_frames import DAY, FACTS, due, lead_row, state_of
from crmsync.testing.store_steps import ANNA, Crash, crash_at, without_ids
from suite.breadth import broadly

DUMPS = Path(__file__).with_name("stores")
OLDEST = "0001"


def test_the_head_is_alembics_own() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    """Word by word in SQLite's own account of it: columns, types, null, keys, indexes, references; and all rows."""
    migrated_by_steps(tmp_path / "migrated.db")
    Store(tmp_path / "made.db").close()
    migrated, made = (words_of(tmp_path / name) for name in ("migrated.db", "made.db"))
    assert migrated.pop("alembic_version")
    assert made.pop("alembic_version")
    assert migrated == made
    assert len(made) > 15
    migrated_rows, made_rows = (rows_of(tmp_path / name) for name in ("migrated.db", "made.db"))
    assert len(migrated_rows.pop("identity")[0][0]) == len(made_rows.pop("identity")[0][0])
    assert made_rows == migrated_rows == {"alembic_version": [(HEAD,)]}


def migrated_by_steps(path: Path) -> None:
    """A store of the first version, brought forward."""
    with create_engine(f"sqlite:///{path}").begin() as at:
        _upgrade(at)


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of each table that has some."""
    with closing(sqlite3.connect(path)) as raw:
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: raw.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    return {name: rows for name, rows in tables.items() if rows}


def test_alembic_sees_no_difference_either(tmp_path: Path) -> None:
    """And would see one: a column more is found."""
    migrated_by_steps(tmp_path / "store.db")
    with create_engine(f"sqlite:///{tmp_path / 'store.db'}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _there})
        assert compare_metadata(context, metadata) == []
        more = MetaData()
        for table in metadata.tables.values():
            table.to_metadata(more)
        Table("runs", more, Column("more", Text), extend_existing=True)
        assert [difference[0] for difference in compare_metadata(context, more)] == ["add_column"]


def _there(_it: object, name: str | None, _kind: str, _reflected: bool, _beside: object) -> bool:
    """In SQLite another index of these leads holds more."""
    return name != "ix_leads_not_managed"


def words_of(path: Path) -> dict[str, list[str]]:
    """Each table's and index's definition as its sorted clauses."""
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    return {name: sorted(_clauses(sql)) for name, sql in rows}


def _clauses(sql: str) -> list[str]:
    """Split at the commas of the outermost brackets: a column added later stands on another line, and is the same."""
    head, _, body = sql.partition("(")
    clauses, depth = [head.strip(), ""], 0
    for letter in body.rstrip()[:-1]:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            clauses.append("")
        else:
            clauses[-1] += letter
    return [" ".join(clause.split()) for clause in clauses]


@pytest.mark.parametrize("version", known_versions())
def test_every_released_schema_comes_forward_with_its_data(version: str, tmp_path: Path) -> None:
    """What was stored under it can be told by every verb."""
    path = dumped(version, tmp_path)
    store = Store(path)
    assert schema_of(path) == HEAD
    salesforce, hubspot = (state_of(store, name) for name in ("salesforce", "hubspot"))
    store.close()
    assert [row[0] for row in salesforce["leads"]] == ["1", "2", "3"]
    assert [entry.state for entry in salesforce["entries"]] == ["written"]
    assert salesforce["cursors"] == {"Lead": "1"}
    assert salesforce["turns"][ANNA].count == 1
    assert [move.stage_after for move in salesforce["history"]["1"]] == ["sql"]
    assert set(salesforce["decisions"]) == {"1", "2", "3"}
    assert [entry.state for entry in hubspot["entries"]] == ["intended", "refused", "superseded", "intended"]
    assert hubspot["due"] == ["1", "2", "3"]
    assert {"policy": "p", "roster": "r"}.items() <= hubspot["digests"].items()
    store = Store(path)
    assert lead_row(store, "hubspot", "3")["fact.title"] == "Chef d'équipe"
    assert lead_row(store, "hubspot", "3")["stage_edited_on"] > DAY
    assert (store.runs.snapshot("hubspot"), store.runs.last("hubspot")[0].counts) == ("{}", {"read": 3})
    assert store.facts.leads_called("salesforce", ["PERSON", "1"], most=9) == ("1",)
    [batch] = store.facts.gather("hubspot", DAY, leads=["1", "3"], fact_types=FACTS)
    assert batch.activities["activity"].to_list() == ["Task:a", "Task:b"]
    store.close()


def test_whoever_waits_for_a_store_to_come_forward_is_told(tmp_path: Path) -> None:
    """On stderr, before it begins and when it is done; nothing where there is nothing to do. stdout holds answers."""
    code = "import sys; from crmsync.store import Store; Store(sys.argv[1])"
    command = [sys.executable, "-c", code, str(dumped(OLDEST, tmp_path))]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    before, after = first.stderr.splitlines()
    assert f"dumped.db is brought forward from schema {OLDEST} to {HEAD}, with its 6 leads" in before
    assert f"was brought to schema {HEAD} in" in after
    assert first.stdout == second.stdout == second.stderr == ""


def test_of_many_leads_it_is_told_how_many_are_ready(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = Store(dumped(HEAD, tmp_path))
    step = module("0018_called", MIGRATIONS / "versions")
    step.ROWS_AT_ONCE, step.TOLD_EACH = 2, 4
    with store._database.writing() as at:
        at.exec_driver_sql("DELETE FROM lead_search")
        step.op = SimpleNamespace(get_bind=lambda: at)
        step._fill()
        assert at.exec_driver_sql("SELECT count(*) FROM lead_search").scalar() == 6
    store.close()
    assert caplog.messages == ["what 4 leads are called is ready to be searched"]


def test_the_newest_dump_is_what_this_program_writes(tmp_path: Path) -> None:
    """So that a dump is made when a schema is."""
    made = Store(tmp_path / "made.db")
    module("make_dump").fill(made)
    read = Store(dumped(HEAD, tmp_path))
    for name in ("salesforce", "hubspot"):
        assert without_ids(state_of(read, name)) == without_ids(state_of(made, name))
    made.close()
    read.close()


def test_an_up_to_date_store_opens_without_alembic(tmp_path: Path) -> None:
    """It would cost every `explain` more than the answer."""
    Store(tmp_path / "store.db").close()
    code = "import sys; from crmsync.store import Store; Store(sys.argv[1]); print('alembic' in sys.modules)"
    command = [sys.executable, "-c", code, str(tmp_path / "store.db")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.parametrize("every", broadly([21, 1]))
def test_a_migration_that_ends_in_between_is_done_again(tmp_path: Path, every: int) -> None:
    """It is one transaction: before any statement or commit. A new store is made in one, too."""
    for step in itertools.count(step=every):
        old, new = dumped(OLDEST, tmp_path, f"{step}-old.db"), tmp_path / f"{step}.db"
        crashed = [crashes(path, step) for path in (old, new)]
        for path in (old, new):
            Store(path).close()
            assert schema_of(path) == HEAD
        if not any(crashed):
            assert step > 20
            return


def crashes(path: Path, step: int) -> bool:
    """Whether opening the store has so many steps that it was cut off there."""
    try:
        with crash_at(step):
            Store(path).close()
    except Crash:
        return True
    return False


def test_processes_that_open_a_new_store_together_share_it(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def opens() -> None:
        try:
            store = Store(tmp_path / "store.db")
            store.runs.set_digests("c", {"policy": "1"})
            store.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=opens) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_whoever_makes_a_new_store_waits_for_somebody_who_writes_it(tmp_path: Path) -> None:
    """SQLite does not wait by itself before it puts the log in a file of its own."""
    file = tmp_path / "store.db"
    with closing(sqlite3.connect(file, check_same_thread=False, isolation_level=None)) as other:
        other.execute("CREATE TABLE theirs (one)")
        other.execute("BEGIN IMMEDIATE")
        soon = threading.Timer(0.5, other.execute, ["ROLLBACK"])
        soon.start()
        with closing(sqlite3.connect(file)) as raw, pytest.raises(sqlite3.OperationalError, match="locked"):
            raw.execute("PRAGMA journal_mode=WAL")
        SqliteFile(file, make_url(f"sqlite:///{file}")).write_ahead()
        soon.join()
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def newer(path: Path) -> None:
    Store(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE bookmarks (url)")


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database " * 1_000)


def torn(path: Path) -> None:
    Store(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 8_000 + whole[8_100:])


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words", "hint"),
    [
        (newer, "written by a newer crmsync", "install that version again"),
        (foreign, "database of another program", "name another file"),
        (garbage, "file is not a database", "restore a backup"),
        (torn, "malformed", "restore a backup"),
        (folder, "Is a directory", "check that the folder exists"),
    ],
)
def test_a_file_that_is_no_store_is_refused_in_words(spoil, words: str, hint: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "store.db"
    spoil(path)
    content = None if path.is_dir() else path.read_bytes()
    with pytest.raises(StoreUnavailable, match=words) as refusal:
        Store(path)
    assert str(path) in refusal.value.message
    assert refusal.value.hint is not None
    assert hint in refusal.value.hint
    assert path.is_dir() or path.read_bytes() == content, "it is left as it was"


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        Store(tmp_path / "nowhere" / "store.db")


def test_a_database_that_crmsync_cannot_use_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="mysql"):
        Store("mysql://localhost/crmsync")


def test_damage_found_later_is_told_without_personal_data(tmp_path: Path) -> None:
    path = dumped(HEAD, tmp_path)
    store = Store(path)
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE activities")
    with pytest.raises(StoreUnavailable) as refusal:
        due(store, "hubspot")
    assert "example.com" not in f"{refusal.value}{refusal.value.__cause__}"
    store.close()


def dumped(version: str, folder: Path, name: str = "dumped.db") -> Path:
    """A store of an earlier schema."""
    path = folder / name
    with sqlite3.connect(path) as raw:
        raw.executescript((DUMPS / f"{version}.sql").read_text(encoding="utf-8"))
    return path


def schema_of(path: Path) -> str:
    with sqlite3.connect(path) as raw:
        [[version]] = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(version)


def module(name: str, folder: Path = DUMPS.parent) -> ModuleType:
    """A file of this folder, or of another."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
