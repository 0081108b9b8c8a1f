"""Activities by period or thing: which of them belong together, and the points where one of each group counts.

Of each group the youngest activity counts: it has the most points. Where it is not known to which group some belong,
the fewest points are those with all of them in one group, whichever adds least; the most, each in a group of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from crmsync.qualify.terms.once_per import MAY_BE_UNKNOWN, OncePer

_day, _day_number = pl.col("day"), pl.col("day").to_physical()
_MONDAY = 3
"""1970-01-01 was a Thursday: so many days after the Monday of its week."""

GROUPS: Mapping[OncePer, pl.Expr] = {
    "day": _day_number,
    "week": (_day_number + _MONDAY) // 7,
    "month": _day.dt.year() * 12 + _day.dt.month(),
    "quarter": _day.dt.year() * 4 + _day.dt.quarter(),
    "year": _day.dt.year(),
    "kind": pl.col("kind"),
    "person": pl.col("by"),
    "thing": pl.col("about").str.to_lowercase(),
}
"""Over a batch's activities: the same value for those that belong together, null = nobody knows."""


def group_column(once_per: OncePer) -> str:
    """The activity column that tells the group."""
    return f"#once.{once_per}"


class PointsOnce(Struct, frozen=True):
    """The points of one column of activities, one activity of each group counting.

    `of_group`: aggregates over each lead's activities of one group; the others over a lead's groups. `points`: their
    sum, `number`: how many activities of some points it is made of; both the most there may be, or the fewest.
    """

    of_group: tuple[pl.Expr, ...]
    points: pl.Expr
    number: pl.Expr


def points_once(points: str, once_per: OncePer, *, positive: bool, most: bool) -> PointsOnce:
    """See `PointsOnce`. `points`: an activity column, falling with age; `positive`: the direction of its values."""
    column, best_name, all_name, number_name = pl.col(points), f"{points} best", f"{points} all", f"{points} number"
    best_of_group = (column.max() if positive else column.min()).alias(best_name)
    best = pl.col(best_name)
    if once_per not in MAY_BE_UNKNOWN:
        return PointsOnce((best_of_group,), best.sum(), _given(best).sum())
    known = pl.col(group_column(once_per)).is_not_null()
    named, unnamed = best.filter(known), best.filter(~known)
    if most:
        every = (best_of_group, column.sum().alias(all_name), _given(column).sum().alias(number_name))
        return PointsOnce(
            every,
            named.sum() + pl.col(all_name).filter(~known).sum(),
            _given(named).sum() + pl.col(number_name).filter(~known).sum(),
        )
    beyond = unnamed.sum() - (named.max() if positive else named.min()).fill_null(0)
    added = beyond.clip(lower_bound=0) if positive else beyond.clip(upper_bound=0)
    return PointsOnce((best_of_group,), named.sum() + added, _given(best).sum())


def _given(points: pl.Expr) -> pl.Expr:
    return (points != 0).cast(pl.Int64)
