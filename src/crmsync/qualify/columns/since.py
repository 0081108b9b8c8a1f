"""The days of a lead since when activities count, as ages: an activity counts when it is younger than that.

Two columns for each moment: what is younger than `sure` certainly came later, what is not younger than `perhaps`
certainly did not. Where a lead stood in a stage already when crmsync first saw it, it came on that day or before.

A move counts from the day after it was seen. So what a decision itself writes changes nothing on its own day, and the
same day's next decision is the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from crmsync.qualify.terms.activities import ENDLESS
from crmsync.qualify.terms.since import SinceDay

_NOTHING, _EVERYTHING = -ENDLESS, ENDLESS
_begun, _ended, _before = pl.col("#begun"), pl.col("#ended"), pl.col("#before")


def sure_column(moment: SinceDay) -> str:
    """The column of the age below which an activity certainly counts."""
    return f"#since.sure.{moment.key}"


def perhaps_column(moment: SinceDay) -> str:
    """The column of the age below which it may count."""
    return f"#since.perhaps.{moment.key}"


def of_fact(moment: SinceDay, days_ago: pl.Expr) -> Mapping[str, pl.Expr]:
    """The two columns from the days since a fact's day: of an unknown day nothing is known."""
    return {
        sure_column(moment): days_ago.fill_null(_NOTHING).cast(pl.Int32),
        perhaps_column(moment): days_ago.fill_null(_EVERYTHING).cast(pl.Int32),
    }


def of_stays(
    rows: pl.Series,
    stays: pl.DataFrame | None,
    moments: Sequence[SinceDay],
    today: int,
    lowest: str,
    beside: str | None,
) -> pl.DataFrame:
    """The two columns of each moment, one row for each of `rows`. `stays`: see `Batch`; null = nobody knows the past.

    `today`: days from 1970-01-01 to `as_of`; `lowest`, `beside`: the lowest stage and the disqualified one.
    """
    leads = pl.DataFrame({"row": rows})
    if stays is None:
        return leads.with_columns(
            pl.lit(age, dtype=pl.Int32).alias(column(moment))
            for moment in moments
            for column, age in ((sure_column, _NOTHING), (perhaps_column, _EVERYTHING))
        ).drop("row")
    known = aged(stays, today, lowest)
    frame = leads
    for moment in moments:
        found = known.filter(pl.col("stage") == (beside if moment.how == "recycled" else moment.name))
        frame = frame.join(_moments(found, moment), on="row", how="left", maintain_order="left")
    never = {
        column(moment): _EVERYTHING if moment.all_if_never else _NOTHING
        for moment in moments
        for column in (sure_column, perhaps_column)
    }
    return frame.select(pl.col(name).fill_null(age).cast(pl.Int32).alias(name) for name, age in never.items())


def aged(stays: pl.DataFrame, today: int, lowest: str) -> pl.DataFrame:
    """The stays that began before today: `row, stage`, ages of begin and end, and whether it began on that very day.

    `#begun` null = nobody knows when. `#ended` null = it lasts, as far as is known today; 0 = it ended today.
    """
    ended = today - pl.col("until").to_physical()
    told = stays.select(
        "row",
        pl.col("stage").fill_null(lowest),
        (today - pl.col("since").to_physical()).alias("#begun"),
        pl.when(ended >= 0).then(ended).alias("#ended"),
        "exact",
    )
    return told.filter(_begun.is_null() | (_begun > 0))


def _moments(stays: pl.DataFrame, moment: SinceDay) -> pl.DataFrame:
    """`row` and the two columns, for leads that have such a moment."""
    if moment.how == "recycled":  # while it stands there, nothing is later
        sure = perhaps = _ended.fill_null(0).min()
    elif moment.how == "left":
        stays = stays.filter(_ended > 0)
        sure = perhaps = _ended.min()
    else:
        stays = stays.with_columns(
            pl.when("exact").then(_begun).otherwise(_EVERYTHING).fill_null(_EVERYTHING).alias("#before"),
            _begun.fill_null(_NOTHING),
        )
        sure = _begun.min() if moment.how == "reached" else _begun.max()
        if moment.how == "first_reached":
            sure = pl.when((_begun == _NOTHING).any()).then(_NOTHING).otherwise(sure)
        perhaps = pl.when(sure == _NOTHING).then(_EVERYTHING).otherwise(_before.filter(_begun == sure).max())
    named = {sure_column(moment): sure, perhaps_column(moment): perhaps}
    return stays.group_by("row").agg(value.alias(name) for name, value in named.items())
