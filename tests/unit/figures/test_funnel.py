"""The funnel's counts, recomputed by SQL from the steps alone."""

from __future__ import annotations

import random
import sqlite3
from datetime import date, timedelta

import polars as pl
import pytest

from crmsync.estimate.intervals import wilson
from crmsync.figures.funnel import FEW, funnel
from crmsync.figures.ways import STEPS, Ladder, passes

LADDER = Ladder(("lead", "mql", "sql"), "disqualified")
TODAY = date(2026, 11, 30)

COUNTS = """
with ranked as (
  select rowid as n, lead, since, stage,
    case stage when 'lead' then 0 when 'mql' then 1 when 'sql' then 2 end as rank from steps),
marked as (
  select *, case when rank is null then 0 when lag(rank) over w is null or rank <= lag(rank) over w then 1 else 0 end
    as begins from ranked window w as (partition by lead order by n)),
numbered as (
  select *, sum(begins) over (partition by lead order by n) as attempt, lead(rank) over w as next_rank,
    lead(stage) over w as next_stage, lead(n) over w as next from marked window w as (partition by lead order by n))
select stage, count(*), sum(next_rank > rank), sum(next is null),
  sum(next is not null and next_rank is null and next_stage = 'disqualified'),
  sum(next_rank is not null and next_rank <= rank),
  sum(next is not null and next_rank is null and next_stage is null)
from numbered where rank is not null group by rank order by rank
"""


def drawn(seed: int) -> pl.DataFrame:
    rng = random.Random(seed)
    rows = []
    for lead in range(300):
        day = TODAY - timedelta(days=rng.randrange(40, 200))
        stood: str | None = "nowhere yet"
        for _ in range(rng.randrange(1, 6)):
            stage = rng.choice(["lead", "mql", "sql", "mql", "disqualified", None])
            if stage != stood:
                rows.append((f"{lead:03}", stage, day, True, day))
            stood, day = stage, day + timedelta(days=rng.randrange(8))
    return pl.DataFrame(rows, schema=dict(STEPS), orient="row")


def climbs(steps: pl.DataFrame) -> list[list[int]]:
    """The rungs of each attempt, one step after the other: it begins anew where a lead comes back or falls back."""
    told: list[list[int]] = []
    before: tuple[str, int | None] = ("", None)
    for lead, stage in steps.select("lead", "stage").rows():
        rank = LADDER.stages.index(stage) if stage in LADDER.stages else None
        if rank is not None:
            if before[0] != lead or before[1] is None or rank <= before[1]:
                told.append([])
            told[-1].append(rank)
        before = (lead, rank)
    return told


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_what_a_query_on_the_steps_gives(seed: int) -> None:
    steps = drawn(seed)
    rows = steps.select("lead", "stage", pl.col("since").cast(str)).rows()
    with sqlite3.connect(":memory:") as store:
        store.execute("create table steps (lead text, stage text, since text)")
        store.executemany("insert into steps values (?, ?, ?)", rows)
        counted = store.execute(COUNTS).fetchall()
    told = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    ends = ("disqualified", "sent_back", "off_ladder")
    found = [
        (it.stage, it.stood, it.moved_on, it.open, *(it.ended.get(end, 0) for end in ends)) for it in told.stages
    ]
    assert found == counted
    every = climbs(steps)
    assert [it.reached for it in told.stages] == [
        sum(way[0] <= rank <= way[-1] for way in every) for rank in range(3)
    ]
    below = [way for way in every if way[0] < 2]
    assert (told.entered, told.arrived) == (len(below), sum(way[-1] == 2 for way in below))


def test_who_passed_a_stage_has_reached_it_and_not_stood_there() -> None:
    rows = [("a", "lead", TODAY, True, TODAY), ("a", "sql", TODAY, True, TODAY), ("b", "mql", TODAY, True, TODAY)]
    told = funnel(
        passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), LADDER),
        LADDER.stages,
        today=TODAY,
        within_days=30,
    )
    assert [(it.stage, it.reached, it.stood) for it in told.stages] == [("lead", 1, 1), ("mql", 2, 1), ("sql", 1, 1)]
    assert (told.entered, told.arrived) == (2, 1)


def test_open_ones_count_as_open_and_few_are_marked() -> None:
    """Half moved on after 10 days; the other half came 5 days ago, and nobody knows of them yet."""
    came, late = TODAY - timedelta(days=50), TODAY - timedelta(days=5)
    rows = []
    for number in range(FEW):
        rows.append((f"a{number}", "lead", came, True, came))
        rows.append((f"a{number}", "sql", came + timedelta(days=10), True, came))
        rows.append((f"b{number}", "lead", late, True, late))
    steps = pl.DataFrame(rows, schema=dict(STEPS), orient="row").sort("lead", maintain_order=True)
    told = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    lead, _, sql = told.stages
    assert lead.within is not None and told.overall is not None
    assert lead.within.value == told.overall.value == 1.0, "of those who were seen for 10 days all moved on"
    assert lead.within.low == pytest.approx(wilson(FEW, FEW)[0])
    assert (lead.few, sql.few, told.few) == (False, False, False)
    one = funnel(passes(steps.filter(pl.col("lead") == "a1"), LADDER), LADDER.stages, today=TODAY, within_days=30)
    assert one.stages[0].few and one.few


def test_nobody_is_a_funnel_too() -> None:
    nobody = funnel(passes(pl.DataFrame(schema=dict(STEPS)), LADDER), LADDER.stages, today=TODAY, within_days=30)
    assert [(it.reached, it.stood, it.within) for it in nobody.stages] == [(0, 0, None)] * 3
    assert (nobody.entered, nobody.overall) == (0, None)
