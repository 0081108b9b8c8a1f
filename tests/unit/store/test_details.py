"""Details of the store beside the suite that every store has to pass."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.model import Change
from crmsync.store import Pulled, Settlement, Store, Turns
from crmsync.testing.store_frames import DAY, FACTS, NOW, activities, activity, decided, due, lead, leads


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(location: Path) -> Iterator[Store]:
    store = Store(location)
    store.facts.remember("c", [Pulled(leads=leads(*(lead(name, owner="bea") for name in "abcd")))], today=DAY)
    yield store
    store.close()


def told(store: Store) -> list[tuple[str, str]]:
    """(lead, outcome) of all activities."""
    batches = store.facts.gather("c", DAY, everything=True, fact_types=FACTS)
    return sorted(row for batch in batches for row in batch.activities.select("lead", "outcome").iter_rows())


def test_of_two_rows_of_one_activity_the_later_one_is_kept(store: Store) -> None:
    rows = [activity("1", name, outcome=outcome) for name, outcome in (("a", "old"), ("b", "only"), ("a", "new"))]
    store.facts.remember("c", [Pulled(activities=activities(*rows))], today=DAY)
    assert told(store) == [("a", "new"), ("b", "only")]
    parts = [Pulled(activities=activities(activity("1", "a", outcome=each))) for each in ("third", "fourth")]
    store.facts.remember("c", parts, today=DAY)
    assert ("a", "fourth") in told(store)


def test_open_leads_are_those_of_the_ladder_and_those_without_a_stage(store: Store) -> None:
    rows = [
        lead("a", "mql", "ann"),
        lead("b", None, "ann"),
        lead("c", "won", "ann"),
        lead("d", None, "ann", managed=False),
        lead("e", "mql", None),
    ]
    store.facts.remember("c", [Pulled(leads=leads(*rows))], today=DAY)
    assert store.facts.open_leads("c", ["mql", "sql"]) == {"ann": 2}


@pytest.mark.parametrize("outcome", ["conflict", "refused", "did_not_stick"])
def test_a_change_that_did_not_arrive_makes_its_lead_due(store: Store, outcome: str) -> None:
    run = intended(store, "a", "b")
    store.history.record("c", run, decided("a", "b", "c", "d"), policy_digest="p", as_of=DAY, now=NOW)
    assert due(store, "c") == []
    ends = [Settlement("a", outcome), Settlement("b", "written")]  # type: ignore[arg-type]
    store.journal.record_outcomes("c", ends, now=NOW, today=DAY)
    assert due(store, "c") == ["a"]


def test_nothing_of_an_erased_person_is_in_any_table(store: Store, location: Path) -> None:
    run = intended(store, "a")
    store.journal.record_outcomes("c", [Settlement("a", "written")], now=NOW, today=DAY)
    store.history.record("c", run, decided("a"), policy_digest="p", as_of=DAY, now=NOW)
    store.facts.remember("c", [Pulled(activities=activities(activity("1", "a")))], today=DAY)
    store.facts.remember("c", [Pulled(leads=leads(lead("a", "sqo", "bob")))], today=DAY)
    assert [(credit.lead, credit.owner) for credit in store.journal.open_credits("c")] == [("a", "bob")]
    assert rows_of(location, "a") > {"leads", "activities", "stage_history", "credits"}
    store.forget("c", "a")
    assert rows_of(location, "a") == {"journal"}, "the bare fact of a write stays, so that counters are right"


def intended(store: Store, *names: str) -> int:
    run = store.runs.start("c", now=NOW, dry_run=False)
    writes = {"Status": ("mql", "sql"), "OwnerId": ("bea", "ann")}
    changes = [Change(name, "mql", "sql", "bea", "ann", writes, {}, ("because",), "aes") for name in names]
    store.journal.intend("c", run, changes, {("aes", "ann"): Turns(len(names))}, now=NOW)
    return run


def rows_of(location: Path, name: str) -> set[str]:
    """Tables with a row of this lead."""
    with closing(sqlite3.connect(location)) as database:
        tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
        with_leads = [
            table
            for table in tables
            if any(row[1] == "lead" for row in database.execute(f"pragma table_info({table})"))
        ]
        return {
            table
            for table in with_leads
            if database.execute(f"select count(*) from {table} where lead = ?", (name,)).fetchone()[0]
        }
