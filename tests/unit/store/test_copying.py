"""A store in another database: every row, every number, and what was given out is not given out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Integer, Text, cast, func, select
from sqlalchemy.types import JSON

from crmsync.errors import AnotherRunInProgress, StoreUnavailable, UsageError
from crmsync.store import Pulled, Store
from crmsync.store.tables import HEAD, metadata
from crmsync.testing.store_frames import DAY, NOW, lead, leads
from crmsync.testing.store_steps import prepare, verbs

DUMP = Path(__file__).parents[2] / "migration" / "stores" / f"{HEAD}.sql"


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Table → its rows, JSON as text."""
    with store._database.reading() as at:
        return {
            table.name: [
                tuple(row)
                for row in at.execute(
                    select(*(cast(c, Text) if isinstance(c.type, JSON) else c for c in table.c)).order_by(
                        *table.primary_key
                    )
                )
            ]
            for table in metadata.sorted_tables
        }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One that has rows in every table."""
    with closing(sqlite3.connect(tmp_path / "store.db")) as raw:
        raw.executescript(DUMP.read_text(encoding="utf-8"))
    with closing(Store(tmp_path / "store.db")) as store:
        with store._database.writing() as at:
            for table in metadata.sorted_tables:
                if not at.execute(select(func.count()).select_from(table)).scalar_one():
                    at.execute(table.insert().values({column.name: made_up(column) for column in table.c}))
        yield store


def made_up(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return {"ü": [1, None, "\u0000"]}
    return {Boolean: True, Integer: 1, BigInteger: 2**40}.get(type(column.type), "a\n\\.\tü’")


def test_there_and_back_all_is_the_same(store: Store, postgresql_database: str, tmp_path: Path) -> None:
    before = content(store)
    assert min(map(len, before.values())) > 0, "a table is empty in the example"
    with closing(Store(postgresql_database)) as there, closing(Store(tmp_path / "back.db")) as back:
        rows = store.copy_into(there, now=NOW)
        assert rows == {name: len(some) for name, some in before.items()}
        assert content(there) == before
        there.copy_into(back, now=NOW)
        assert content(back) == before
    assert content(store) == before


@pytest.mark.parametrize("way", ["there", "back"])
def test_work_goes_on_in_the_copy(way: str, tmp_path: Path, postgresql_database: str) -> None:
    """Numbers go on above those that were ever given out, also those of rows that are gone."""
    old, new = (
        (tmp_path / "store.db", postgresql_database) if way == "there" else (postgresql_database, tmp_path / "b")
    )
    with closing(Store(old)) as store, closing(Store(new)) as copy:
        prepare(store, "c")
        gone = store.runs.start("c", now=NOW, dry_run=True)
        store.runs.drop("c", gone)
        store.copy_into(copy, now=NOW)
        for each in (store, copy):
            for verb in verbs(each, "c").values():
                verb()
        assert content(copy) == content(store)
        assert copy.runs.start("c", now=NOW, dry_run=True) > gone


def test_what_is_there_is_not_replaced(store: Store, tmp_path: Path) -> None:
    with closing(Store(tmp_path / "other.db")) as other:
        other.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
        before = content(other)
        with pytest.raises(UsageError, match=r"a store in .*other\.db already"):
            store.copy_into(other, now=NOW)
        assert content(other) == before


def test_a_run_under_way_is_waited_for(store: Store, tmp_path: Path) -> None:
    with closing(Store(store.name)) as running, closing(Store(tmp_path / "new.db")) as new:
        with running.hold("hubspot", now=NOW), pytest.raises(AnotherRunInProgress):
            store.copy_into(new, now=NOW)
        store.copy_into(new, now=NOW)


def test_a_damaged_row_is_told_and_nothing_arrives(store: Store, postgresql_database: str) -> None:
    with closing(sqlite3.connect(store.name)) as raw, raw:
        raw.execute("UPDATE decisions SET as_of = 'someday'")
    with closing(Store(postgresql_database)) as there:
        with pytest.raises(StoreUnavailable, match="table decisions is damaged"):
            store.copy_into(there, now=NOW)
        with there._database.reading() as at:
            assert at.execute(select(func.count()).select_from(metadata.tables["leads"])).scalar_one() == 0
