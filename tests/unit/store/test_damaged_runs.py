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
from crmsync.run.measured import damage_notes, earlier_readings, looked_back
from crmsync.store import Breach, Pulled, Settlement, Store
from crmsync.testing.store_frames import DAY, lead, leads
from crmsync.testing.store_steps import change, intend, settle

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(location: Path) -> Iterator[Store]:
    """Two runs that read something."""
    store = Store(location)
    for read in (10, 11):
        run = store.runs.start("c", now=NOW, dry_run=False)
        store.runs.end(
            "c",
            run,
            now=NOW,
            exit_code=0,
            counts={"read": read},
            breaches=[Breach("writes_off", 1, 0)],
            measures={"leads_read": read},
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
    assert earlier_readings(looked_back(store, "c"), before=3) == [
        Brought(NOW, full=False, leads=11, activities=0, unknown={})
    ]
    [told] = damage_notes(looked_back(store, "c"))
    assert told.startswith("what is kept of run 1 is damaged")


def test_where_nothing_is_left_to_compare_with_nothing_is_believed(location: Path, store: Store) -> None:
    spoil(location, "counts = '{'", where="true")
    with pytest.raises(StoreUnavailable, match="nothing is left to compare this one with"):
        earlier_readings(looked_back(store, "c"), before=3)


def test_what_is_right_is_told_nothing_of(store: Store) -> None:
    assert (list(damage_notes(looked_back(store, "c"))), store.runs.read("c").damaged) == ([], ())
    assert len(earlier_readings(looked_back(store, "c"), before=3)) == 2
    assert earlier_readings(looked_back(store, "other"), before=3) == []


@pytest.mark.parametrize(
    "kept",
    [
        '{"writen": 1}',
        '{"written": Infinity}',
        '{"written": 1e999}',
        '{"written": false}',
        '{"written": "7"}',
        '{"written": -7}',
        '{"written": 7.5}',
        '{"written": null}',
        '{"written": ',
        '["written"]',
        "7",
    ],
)
def test_ends_that_can_no_longer_be_read_are_counted_anew(location: Path, store: Store, kept: str) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1")))], today=DAY)
    run = intend(store, change("1"))
    settle(store, Settlement("1", "written"))
    spoil(location, f"ends = '{kept}'", where=f"id = {run}")
    spoil(location, "ends = '{\"refused\": 9}'", where="id = 2")
    assert store.journal.ends("c", [run, 2]) == {run: {"written": 1}, 2: {"refused": 9}}


def test_an_entry_whose_state_can_no_longer_be_read_is_left_out(location: Path, store: Store) -> None:
    store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=DAY)
    run = intend(store, change("1"), change("2"))
    settle(store, Settlement("1", "written"), Settlement("2", "written"))
    with closing(sqlite3.connect(location)) as at, at:
        at.execute("UPDATE journal SET state = 'zzz' WHERE lead = '2'")
    assert store.journal.ends("c", [run]) == {run: {"written": 1}}
    assert [entry.change.lead for entry in store.journal.entries("c")] == ["1"]
