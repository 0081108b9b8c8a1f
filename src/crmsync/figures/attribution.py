"""Credits: which touches a stage is put down to, in several ways. Of one arrival they add up to 1, whatever the way.

A touch is a day on which somebody was reached by something that has a name: a campaign, a source, a kind of activity.
It counts for an arrival up to the day on which that came. Touches of one name on one day are one touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import polars as pl

Way = Literal["first", "last", "linear", "attempt"]
"""`first`, `last`: the first or last touch has all the credit; several on that day share it. `linear`: each touch has
the same part. `attempt`: as `first`, among the touches since the attempt before this one ended."""
WAYS: tuple[Way, ...] = get_args(Way)

TOUCHES: Mapping[str, pl.DataType] = {"person": pl.String(), "day": pl.Date(), "name": pl.String()}
"""One row for each touch of a person."""

ARRIVALS: Mapping[str, pl.DataType] = {
    "unit": pl.String(),
    "number": pl.Int64(),
    "person": pl.String(),
    "stage": pl.String(),
    "day": pl.Date(),
    "after": pl.Date(),
    "dated": pl.Boolean(),
}
"""One row for each attempt (`unit`, `number`) and each stage that it came to, or past.

`day`: of coming, or one on which it was there already (`dated` false). `after`: the day on which the attempt before
ended; null = there was none.
"""

CREDITS: Mapping[str, pl.DataType] = {
    "unit": pl.String(),
    "number": pl.Int64(),
    "stage": pl.String(),
    "name": pl.String(),
    "credit": pl.Float64(),
}
"""Who has how much of each arrival. `name`: null = no touch is known."""

_ARRIVAL = ("unit", "number", "stage")


def credits_of(arrivals: pl.DataFrame, touches: pl.DataFrame, way: Way) -> pl.DataFrame:
    """Schema CREDITS. `arrivals`: ARRIVALS, one row for each unit, number and stage; `touches`: TOUCHES."""
    named = touches.filter(pl.col("name").is_not_null()).unique(TOUCHES.keys()).select("person", "name", touch="day")
    joined = arrivals.join(named, on="person", how="inner").filter(pl.col("touch") <= pl.col("day"))
    if way == "attempt":
        joined = joined.filter((pl.col("touch") >= pl.col("after")).fill_null(value=True))
    if way in ("first", "attempt"):
        joined = joined.filter(pl.col("touch") == pl.col("touch").min().over(_ARRIVAL))
    elif way == "last":
        joined = joined.filter(pl.col("touch") == pl.col("touch").max().over(_ARRIVAL))
    parted = joined.with_columns(credit=1 / pl.len().over(_ARRIVAL))
    credited = parted.group_by(*_ARRIVAL, "name").agg(pl.col("credit").sum())
    nobodys = arrivals.join(credited, on=_ARRIVAL, how="anti").select(
        *_ARRIVAL, name=pl.lit(None, pl.String), credit=pl.lit(1.0)
    )
    every = pl.concat([credited.select(CREDITS.keys()), nobodys.select(CREDITS.keys())])
    return every.sort(*_ARRIVAL, "name", nulls_last=True)


def arrivals_of(passes: pl.DataFrame, stages: tuple[str, ...], people: Mapping[str, str]) -> pl.DataFrame:
    """Schema ARRIVALS, of every stage above the foot. `passes`: PASSES of attempts; `people`: lead → person.

    As in the funnel, an attempt that was first seen on its way did not come to the stages below.
    """
    rank = {stage: place for place, stage in enumerate(stages)}
    ranked = passes.with_columns(rank=pl.col("stage").replace_strict(rank, return_dtype=pl.Int64))
    units = ranked.group_by("unit", "number", maintain_order=True)
    ends = units.agg(after=pl.col("until").last()).with_columns(number=pl.col("number") + 1)
    firsts = units.agg(first=pl.col("rank").min())
    some = []
    for place, stage in enumerate(stages[1:], start=1):
        came = ranked.filter(pl.col("rank") >= place).group_by("unit", "number", maintain_order=True)
        first = came.agg(pl.col("since").first(), pl.col("known").first(), pl.col("lead").first())
        some.append(
            first.join(firsts.filter(pl.col("first") <= place), on=("unit", "number"), how="semi").with_columns(
                stage=pl.lit(stage)
            )
        )
    schema = {"unit": pl.String(), "number": pl.Int64(), "since": pl.Date(), "known": pl.Boolean()}
    empty = pl.DataFrame(schema={**schema, "lead": pl.String(), "stage": pl.String()})
    every = pl.concat([empty, *some]).join(ends, on=("unit", "number"), how="left", maintain_order="left")
    return every.select(
        "unit",
        "number",
        pl.col("lead").replace_strict(people, default=pl.col("lead"), return_dtype=pl.String).alias("person"),
        "stage",
        day="since",
        after="after",
        dated="known",
    )
