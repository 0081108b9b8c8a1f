"""What people and programs replaced, recomputed by SQL from each single time."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from crmsync.operations.report.conflicts import Conflict
from crmsync.operations.report.sales import replaced_values
from crmsync.store import Overruled, Overruling

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SINCE = (NOW - timedelta(days=30)).date()
QUERY = """
select part, by, count(*), count(distinct lead), count(distinct case when stopped then lead end)
from times where day >= ? group by part, by order by 3 desc, part, coalesce(by, '')
"""


def drawn() -> list[Conflict]:
    """Of 80 leads, each value replaced up to four times, in and before the time that is told, by one or another."""
    rng = random.Random(4)
    told: list[Any] = []
    for number in range(160):
        lead, part = f"L{number // 2}", ("stage", "owner")[number % 2]
        times = []
        for again in range(rng.randrange(5)):
            kind = rng.choice(["person", "automation", "program", None])
            actor = None if kind is None else {"kind": kind, "user": None}
            day = (NOW - timedelta(days=rng.randrange(60))).date()
            times.append(Overruled(again, Overruling(lead, cast(Any, part), "ours", "theirs"), day, actor, None))
        told.append(Conflict(lead, "", cast(Any, part), tuple(times), rng.random() < 0.3))
    return told


def test_each_time_counts_for_whoever_it_was_then() -> None:
    conflicts = drawn()
    with sqlite3.connect(":memory:") as store:
        store.execute("create table times (lead text, part text, day text, by text, stopped integer)")
        for conflict in conflicts:
            for each in conflict.times:
                by = each.actor["kind"] if each.actor else None
                row = (conflict.lead, conflict.part, each.day.isoformat(), by, conflict.stopped)
                store.execute("insert into times values (?, ?, ?, ?, ?)", row)
        counted = store.execute(QUERY, (SINCE.isoformat(),)).fetchall()
    told = [(it.part, it.by, it.values, it.leads, it.stopped) for it in replaced_values(conflicts, SINCE)]
    assert told == counted and len(told) == 8
