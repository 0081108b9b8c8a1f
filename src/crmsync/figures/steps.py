"""The steps of each lead: what the CRM's own history told of the time before, and what was seen since.

What nobody knows is said to be unknown, not guessed: a lead that was first seen in the middle of the ladder, with no
history, came there on some day before. History reaches back to the first step that it tells of anybody: whoever stood
at the ladder's foot since was seen there from that day on, and whoever was made later from the beginning.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from crmsync.figures.ways import LEFT, STEPS

EARLIER_STEPS: Mapping[str, pl.DataType] = {
    "lead": pl.String(),
    "place": pl.Int64(),
    "stage": pl.String(),
    "on_ladder": pl.Boolean(),
    "since": pl.Date(),
}
"""What history told, oldest first by `place`. `stage`: null = empty, or unmanaged where `on_ladder` is false.
`since`: null = since its creation or longer."""

SEEN_STEPS: Mapping[str, pl.DataType] = {
    "lead": pl.String(),
    "created": pl.Date(),
    "managed": pl.Boolean(),
    "left_on": pl.Date(),
    "stage": pl.String(),
    "since": pl.Date(),
    "until": pl.Date(),
    "exact": pl.Boolean(),
}
"""What was seen since: the times that a lead stood in a stage (STAYS), in order, and what is known of the lead.

`created`: null = the CRM does not say. `managed`: of the present stage. `left_on`: the day on which it left; null =
it is there.
"""


def steps_of(seen: pl.DataFrame, earlier: pl.DataFrame, lowest: str) -> pl.DataFrame:
    """Schema STEPS, each lead's in order. `seen`: SEEN_STEPS; `earlier`: EARLIER_STEPS; `lowest`: the foot's name."""
    reaches = pl.lit(earlier["since"].min(), pl.Date)
    told = _told(earlier, seen.select("lead", "created").unique("lead"), lowest, reaches)
    every = pl.concat([told, _watched(seen, told, lowest, reaches), _gone(seen)])
    ordered = every.sort("lead", "part", "place", maintain_order=True)
    elsewhere = pl.col("stage").ne_missing(pl.col("stage").shift(1)) | (pl.col("lead") != pl.col("lead").shift(1))
    return ordered.filter(elsewhere.fill_null(value=True)).select(STEPS.keys())


def until(steps: pl.DataFrame, day: date) -> pl.DataFrame:
    """The steps as they were known on this day: nothing that came later."""
    return steps.filter(pl.col("since") <= day)


def _watched(seen: pl.DataFrame, told: pl.DataFrame, lowest: str, reaches: pl.Expr) -> pl.DataFrame:
    """What was seen; the first time where history ends with the same stage is told already."""
    newest = told.group_by("lead").agg(pl.col("stage").last().alias("told"), has_told=pl.lit(value=True))
    numbered = seen.with_columns(place=pl.int_range(pl.len()).over("lead"))
    joined = numbered.join(newest, on="lead", how="left", maintain_order="left")
    first, has_told = pl.col("place") == 0, pl.col("has_told").fill_null(value=False)
    present = pl.col("until").is_null()
    empty_is_lowest = (present & pl.col("managed")) | (~present & first)
    stage = pl.when(pl.col("stage").is_null() & empty_is_lowest).then(pl.lit(lowest)).otherwise("stage")
    named = joined.with_columns(stage=stage)
    created, since = pl.col("created"), pl.col("since")
    at_foot = (first & ~has_told & (pl.col("stage") == lowest) & (created <= since)).fill_null(value=False)
    began = (first & (created == since)).fill_null(value=False)
    from_there = pl.min_horizontal(pl.max_horizontal(created, reaches), since)
    return named.filter(~(first & has_told & pl.col("stage").eq_missing(pl.col("told")))).select(
        "lead",
        "stage",
        since=pl.when(at_foot).then(created).otherwise(since),
        known=(~first & pl.col("exact")) | at_foot | began,
        seen=pl.when(at_foot & reaches.is_not_null()).then(from_there).otherwise(since),
        part=pl.lit(1),
        place=pl.col("place").cast(pl.Int64),
    )


def _gone(seen: pl.DataFrame) -> pl.DataFrame:
    """The last step of those that left."""
    left = seen.filter(pl.col("left_on").is_not_null()).unique("lead", maintain_order=True)
    return left.select(
        "lead",
        stage=pl.lit(LEFT),
        since="left_on",
        known=pl.lit(value=True),
        seen="left_on",
        part=pl.lit(2),
        place=pl.lit(0, pl.Int64),
    )


def _told(earlier: pl.DataFrame, created: pl.DataFrame, lowest: str, reaches: pl.Expr) -> pl.DataFrame:
    """What history told, as steps. A first state without a day began with the lead where it is the ladder's foot."""
    rows = earlier.sort("lead", "place").join(created, on="lead", how="inner", maintain_order="left")
    stage = pl.when(pl.col("stage").is_null() & pl.col("on_ladder")).then(pl.lit(lowest)).otherwise("stage")
    named = rows.with_columns(stage=stage)
    following, before = pl.col("since").shift(-1).over("lead"), pl.col("since").shift(1).over("lead")
    began = (pl.col("place") == 0) & (pl.col("stage") == lowest) & pl.col("created").is_not_null()
    since = pl.coalesce("since", "created", following, before)
    told = named.with_columns(
        since=pl.min_horizontal(since, following),
        known=pl.col("since").is_not_null() | began.fill_null(value=False),
    )
    seen = pl.max_horizontal("since", reaches)
    return told.filter(pl.col("since").is_not_null()).select(
        "lead", "stage", "since", "known", seen=seen, part=pl.lit(0), place="place"
    )
