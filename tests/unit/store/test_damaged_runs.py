"""A row of `runs` that can no longer be read is left out and named; the others are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crmsync.errors import StoreUnavailable
from crmsync.plan import Brought
from crmsync.run.measured import damage_notes, earlier_readings
from crmsync.store import Breach, Store

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(location: Path) -> Iterator[Store]:
    """Two runs that read something."""
    store = Store(location)
    for leads in (10, 11):
        run = store.runs.start("c", now=NOW, dry_run=False)
        store.runs.end(
            "c",
            run,
            now=NOW,
            exit_code=0,
            counts={"read": leads},
            breaches=[Breach("writes_off", 1, 0)],
            measures={"leads_read": leads},
        )
    yield store
    store.close()


def spoil(location: Path, change: str, where: str = "id = 1") -> None:
    with closing(sqlite3.connect(location)) as at, at:
        at.execute(f"UPDATE runs SET {change} WHERE {where}")


@pytest.mark.parametrize(
    "change",
    [
        "counts = '{'",
        "counts = '[]'",
        'counts = \'{"read": "x"}\'',
        "counts = CAST(X'E9' AS TEXT)",
        "breaches = '[{\"name\": 5}]'",
        "breaches = '[5]'",
        "measures = '{\"leads_read\": NaN}'",
        "measures = '{\"leads_read\": null}'",
        "started_at = 'zzz'",
        "started_at = 9223372036854775807",
        "ended_at = 'zzz'",
        "exit_code = 'zzz'",
        "dry_run = 'zzz'",
        "kind = 'zzz'",
        "undo_of = 'zzz'",
        f"measures = '{'[' * 20_000}'",
    ],
    ids=lambda change: change[:40],
)
def test_a_damaged_run_is_left_out_and_named(location: Path, store: Store, change: str) -> None:
    spoil(location, change)
    found = store.runs.read("c")
    assert ([run.id for run in found.records], found.damaged) == ([2], (1,))
    assert [run.id for run in store.runs.last("c")] == [2]
    with pytest.raises(StoreUnavailable, match="what is kept of run 1 in the store is damaged"):
        store.runs.one("c", 1)
    assert store.runs.one("c", 2) == found.records[0]
    assert earlier_readings(store, "c", before=3) == [Brought(NOW, full=False, leads=11, activities=0, unknown={})]
    [told] = damage_notes(store, "c")
    assert told.startswith("what is kept of run 1 is damaged")


def test_where_nothing_is_left_to_compare_with_nothing_is_believed(location: Path, store: Store) -> None:
    spoil(location, "counts = '{'", where="true")
    with pytest.raises(StoreUnavailable, match="nothing is left to compare this one with"):
        earlier_readings(store, "c", before=3)


def test_what_is_right_is_told_nothing_of(store: Store) -> None:
    assert (list(damage_notes(store, "c")), store.runs.read("c").damaged) == ([], ())
    assert len(earlier_readings(store, "c", before=3)) == 2
    assert earlier_readings(store, "other", before=3) == []
