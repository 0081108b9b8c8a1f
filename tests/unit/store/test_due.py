"""A day to look again that is damaged: SQLite sorts a text after every number, so the lead would never be due."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crmsync.store import Store
from crmsync.testing.store_frames import DAY, FACTS
from crmsync.testing.store_steps import prepare


@pytest.mark.parametrize("value", ["'zzz'", str(2**60), "X'00'"])
def test_a_lead_with_a_damaged_day_is_due(tmp_path: Path, value: str) -> None:
    file = tmp_path / "store.db"
    with closing(Store(file)) as store:
        prepare(store, "c")
    with closing(sqlite3.connect(file)) as at, at:
        at.execute("UPDATE leads SET due_on = NULL")
        (lead,) = at.execute(f"UPDATE leads SET due_on = {value} WHERE lead = '1' RETURNING lead").fetchone()
    with closing(Store(file)) as store:
        assert store.facts.due_count("c", DAY) == 1
        due = [row for batch in store.facts.gather("c", DAY, fact_types=FACTS) for row in batch.leads["lead"]]
        assert due == [lead]
