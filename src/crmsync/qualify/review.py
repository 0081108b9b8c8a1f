"""The review day: the earliest day on which time alone could change a verdict, a band or the stage.

Edges are exact days on which something enters or leaves a window. Between edges only ageing points move, and they
move one way; the predicates of `scoring.watch` say whether a threshold could be crossed within so many days. They
are monotone in the days, so the first such day is found by bisection, for all leads at once. A review may find
nothing changed; it never comes late.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from crmsync.qualify.compile import Unit

_LAST_DAY = date.max.toordinal() - date(1970, 1, 1).toordinal()
_NEVER = 2**30


def days_to_review(unit: Unit, frame: pl.DataFrame) -> pl.Series:
    """Days from `as_of` to the review (Int32, null = never by time alone), from an evaluated frame."""
    if not unit.watches:
        return frame["#edge"].alias("#review")
    crossed = pl.any_horizontal(list(unit.watches))
    horizon = pl.min_horizontal("#edge", pl.lit(unit.longest_ageing + 1, dtype=pl.Int32))
    searched = frame.with_columns(horizon.alias("#later"))
    searched = searched.filter(crossed).with_columns(
        pl.lit(0, dtype=pl.Int32).alias("#before"), pl.col("#later").alias("#by")
    )
    for _ in range((unit.longest_ageing + 1).bit_length()):
        searched = searched.with_columns(((pl.col("#before") + pl.col("#by")) // 2).alias("#later"))
        searched = searched.with_columns(crossed.alias("#crossed")).with_columns(
            pl.when("#crossed").then("#later").otherwise("#by").alias("#by"),
            pl.when("#crossed").then("#before").otherwise("#later").alias("#before"),
        )
    first = frame.select("row", "#edge").join(
        searched.select("row", "#by"), on="row", how="left", maintain_order="left"
    )
    return first.select(pl.min_horizontal("#edge", pl.col("#by").clip(lower_bound=1)).alias("#review"))["#review"]


def review_day(days: pl.Expr, today: pl.Expr) -> pl.Expr:
    """The day itself; null for never, and for days after the year 9999."""
    day = today.cast(pl.Int64) + days
    return pl.when(day <= _LAST_DAY).then(day).cast(pl.Int32).cast(pl.Date)
