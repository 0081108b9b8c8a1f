"""The times that a lead stood in a stage, from its moves and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crmsync.store import Pulled, Store, history
from crmsync.store.encoding import day_number
from crmsync.testing.store_frames import DAY, FACTS, lead, leads

Stay = tuple[str | None, date, date | None, bool]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "store.db")) as opened:
        yield opened


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def seen(store: Store, name: str, stage: str | None, days: int) -> None:
    """The CRM holds this stage, so many days after the first."""
    store.facts.remember("c", [Pulled(leads=leads(lead(name, stage)))], today=on(days))


def stays(store: Store, *names: str) -> dict[str, list[Stay]]:
    """By lead, in the order of time."""
    batches = store.facts.gather("c", DAY, leads=names, fact_types=FACTS, with_stays=True)
    found: dict[str, list[Any]] = {}
    for batch in batches:
        assert batch.stays is not None
        told = batch.stays.join(batch.leads.select("row", "lead"), on="row").sort("since")
        for name, *stay in told.select("lead", "stage", "since", "until", "exact").rows():
            found.setdefault(name, []).append(tuple(stay))
    return found


def test_a_lead_that_never_moved_stands_where_it_was_first_seen(store: Store) -> None:
    seen(store, "1", "mql", 0)
    assert stays(store, "1") == {"1": [("mql", on(0), None, False)]}


def test_each_stage_lasts_until_the_lead_was_seen_elsewhere(store: Store) -> None:
    for name, stage, day in (("1", "mql", 0), ("2", "lead", 1), ("1", "sql", 5), ("1", "mql", 9)):
        seen(store, name, stage, day)
    first = [("mql", on(0), on(5), False), ("sql", on(5), on(9), True), ("mql", on(9), None, True)]
    assert stays(store, "1", "2") == {"1": first, "2": [("lead", on(1), None, False)]}


def test_an_empty_stage_is_one(store: Store) -> None:
    seen(store, "1", None, 0)
    seen(store, "1", "mql", 3)
    assert stays(store, "1") == {"1": [(None, on(0), on(3), False), ("mql", on(3), None, True)]}


def test_a_step_that_was_taken_back_never_was(store: Store) -> None:
    seen(store, "1", "mql", 0)
    for day, before, after, since, cause in ((5, "mql", "sql", 0, "crmsync"), (6, "sql", "mql", 5, "undone")):
        move = ("1", before, after, day_number(on(since)), cause)
        moves = pl.DataFrame([move], schema=history.MOVES, orient="row")
        store.facts._write(
            "c",
            lambda at, number, moves=moves, day=day: history.append(
                at, number, moves, day=day_number(on(day)), run_id=None
            ),
        )
    assert stays(store, "1") == {"1": [("mql", on(0), None, False)]}
    seen(store, "2", "lead", 0)
    seen(store, "2", "mql", 2)
    assert stays(store, "1", "2")["2"] == [("lead", on(0), on(2), False), ("mql", on(2), None, True)]


def test_nobody_asks_nothing_is_read(store: Store) -> None:
    seen(store, "1", "mql", 0)
    [batch] = store.facts.gather("c", DAY, fact_types=FACTS)
    assert batch.stays is None
