"""Attempts made ready to forecast a stage from: where each went, when it began, when it came to the stage.

What was known on an earlier day is a part of what is known now: nothing that came later is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl


@dataclass(frozen=True, slots=True)
class Attempts:
    """Of `stage`, on the way up these `stages`.

    `stood`: PASSES' `stage, since, known, dated, seen, until, end` for each stage that an attempt stood in; where it
    went on, `end` is the stage to which. `begun`: `stage, day` of each attempt of which it is known when it began.
    `came`: `day`, of each that came to the stage, or past it, while it was seen.
    """

    stages: tuple[str, ...]
    stage: str
    stood: pl.DataFrame
    begun: pl.DataFrame
    came: pl.DataFrame

    @property
    def below(self) -> tuple[str, ...]:
        """The stages from which one comes to it."""
        return self.stages[: self.stages.index(self.stage)]

    @property
    def first(self) -> date | None:
        """The day on which the first of them began."""
        day = self.begun["day"].min()
        return day if isinstance(day, date) else None

    def on(self, day: date) -> Attempts:
        """As they were known on this day."""
        over = pl.col("until") <= day
        stood = self.stood.filter(pl.col("since") <= day).with_columns(
            until=pl.when(over).then("until"),
            end=pl.when(over).then("end"),
            dated=pl.when(over).then("dated").otherwise("known"),
        )
        by_then = pl.col("day") <= day
        return Attempts(self.stages, self.stage, stood, self.begun.filter(by_then), self.came.filter(by_then))


def attempts(passes: pl.DataFrame, stages: Sequence[str], stage: str) -> Attempts:
    """Those of PASSES (per attempt; each one's rows stand together, in order)."""
    same = (pl.col("unit") == pl.col("unit").shift(1)) & (pl.col("number") == pl.col("number").shift(1))
    rank = {name: place for place, name in enumerate(stages)}
    placed = passes.with_columns(
        _first=~same.fill_null(value=False),
        _rank=pl.col("stage").replace_strict(rank, return_dtype=pl.Int64),
        end=pl.when(pl.col("end") == "on").then(pl.col("stage").shift(-1)).otherwise("end"),
    )
    above = pl.col("_rank") >= rank[stage]
    came_now = above & (pl.col("_first") | (pl.col("_rank").shift(1) < rank[stage]))
    seen_to_come = ~pl.col("_first") | pl.col("known")
    return Attempts(
        tuple(stages),
        stage,
        placed.select("stage", "since", "known", "dated", "seen", "until", "end"),
        placed.filter(pl.col("_first") & pl.col("known")).select("stage", day="since"),
        placed.filter(came_now & seen_to_come).select(day="since"),
    )


def by_month(days: pl.DataFrame, months: Sequence[date]) -> tuple[int, ...]:
    """How many of these days (`day`) are of each month."""
    counted = dict(days.group_by(pl.col("day").dt.truncate("1mo")).len().iter_rows())
    return tuple(counted.get(month, 0) for month in months)
