"""Totals that are held within a lowest and a highest value after each day, from the oldest day to the youngest.

A day adds `d` and holds what comes out: `x → min(u, max(l, x + d))`. Of two such steps the second after the first is
another one of their kind, so the days of each lead are put together in pairs, then the pairs in pairs: as many rounds
as the longest lead's days can be halved, for all leads at once. All of one day counts together: there is no order.

Where one of a week counts, the youngest of that week does, on its day. A certain one surely does when none that is
possible is younger; a possible one perhaps does when none that is certain is younger. Where one in so many days
counts, and it is not known of all whether they happened, none surely counts, and one of each day perhaps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
from msgspec import Struct

from crmsync.qualify.columns.plan import activity_age
from crmsync.qualify.columns.spacing import spaced

ENDS = ("low", "high")
_MOST_AGES = 2**32
"""More than there are ages."""


class Addend(Struct, frozen=True):
    """What an activity adds: milli-points under a mask, if it is certain or only possible; with `group`, an activity
    column that is never null, the youngest of each of a lead's groups alone; with `days` one in so many.
    """

    certain: pl.Expr
    possible: pl.Expr
    points: int
    group: str | None = None
    days: int | None = None

    @property
    def each(self) -> bool:
        """Whether every activity counts."""
        return self.group is None and self.days is None

    def adds(self, end: str, certain: pl.Expr, possible: pl.Expr) -> pl.Expr:
        """The points at this end of the interval: the least there may be, or the most."""
        counts = certain if (self.points >= 0) == (end == "low") else possible
        return pl.when(counts).then(self.points).otherwise(0).cast(pl.Int64)

    def chosen(self, activities: pl.LazyFrame) -> pl.LazyFrame:
        """`row`, `#age` and both ends for each day on which one counts: only what matches is grouped, which is mostly
        little.
        """
        return self._youngest(activities) if self.days is None else self._spaced(activities, self.days)

    def _spaced(self, activities: pl.LazyFrame, apart: int) -> pl.LazyFrame:
        days = activities.filter(self.possible).group_by("row", "#age").agg(self.certain.any().alias("#certain"))
        doubtful, counts = (~pl.col("#certain")).any().over("row"), spaced(pl.col("#certain"), apart)
        ends = (self.adds(end, counts & ~doubtful, counts | doubtful).alias(end) for end in ENDS)
        return days.select("row", "#age", *ends)

    def _youngest(self, activities: pl.LazyFrame) -> pl.LazyFrame:
        assert self.group is not None
        group, certain = ["row", self.group], pl.col("#certain")
        days = activities.filter(self.possible).group_by(*group, "#age").agg(self.certain.any().alias("#certain"))
        of_group = days.group_by(group).agg(
            activity_age.min().alias("#youngest"), activity_age.filter(certain).min().alias("#sure")
        )
        surely = certain & (activity_age == pl.col("#youngest"))
        perhaps = (activity_age <= pl.col("#sure")).fill_null(True)
        ends = (self.adds(end, surely, perhaps).alias(end) for end in ENDS)
        return days.join(of_group, on=group).select("row", "#age", *ends)


def running_totals(
    addends: Sequence[Addend], lowest: int, highest: int, column: Callable[[str], str]
) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """Makes the lead columns `column("low")` and `column("high")` from activities, for leads with any that count."""

    def of(end: str) -> pl.Expr:
        told = [one.adds(end, one.certain, one.possible) for one in addends if one.each]
        return pl.sum_horizontal(told or [pl.lit(0, dtype=pl.Int64)]).alias(end)

    def folded(days: pl.DataFrame) -> pl.DataFrame:
        known = (days["low"] == days["high"]).all()
        ends = ENDS[:1] if known else ENDS  # mostly nothing is unknown, and one end is both
        steps = _first_steps(days, ends, lowest, highest)
        while (steps["place"] > 0).any():
            steps = _in_pairs(steps, ends)
        start = pl.lit(_start(lowest, highest), dtype=pl.Int64)
        told = {end: _held(start, "low" if known else end) for end in ENDS}
        return steps.select("row", *(value.alias(column(end)) for end, value in told.items()))

    def made(activities: pl.LazyFrame) -> pl.LazyFrame:
        each = activities.select("row", activity_age.alias("#age"), *(of(end) for end in ENDS))
        chosen = [one.chosen(activities) for one in addends if not one.each]
        days = (
            pl.concat([each, *chosen])
            .filter(pl.any_horizontal(pl.col(end) != 0 for end in ENDS))
            .group_by("row", "#age")
            .agg(pl.col(end).sum() for end in ENDS)
            .sort(pl.col("row").cast(pl.Int64) * _MOST_AGES - pl.col("#age"))
        )
        schema = {"row": pl.UInt32(), **{column(end): pl.Int64() for end in ENDS}}
        return days.map_batches(folded, schema=schema)

    return made


def _start(lowest: int, highest: int) -> int:
    """A lead without anything has nothing, or as near to that as the limits let it."""
    return min(highest, max(lowest, 0))


def without_any(lowest: int, highest: int) -> pl.Expr:
    """The total of a lead without any activity that counts."""
    return pl.lit(_start(lowest, highest), dtype=pl.Int64)


def _first_steps(days: pl.DataFrame, ends: Sequence[str], lowest: int, highest: int) -> pl.DataFrame:
    """Each day as a step; `place`: which day of the lead's it is, from 0. Days stand in order under each lead."""
    number = pl.int_range(pl.len(), dtype=pl.Int64)
    begins = (pl.col("row") != pl.col("row").shift(1)).fill_null(True)
    return days.select(
        "row",
        (number - pl.when(begins).then(number).forward_fill()).alias("place"),
        *(pl.col(end).alias(f"{end} add") for end in ends),
        *(pl.lit(lowest, dtype=pl.Int64).alias(f"{end} least") for end in ends),
        *(pl.lit(highest, dtype=pl.Int64).alias(f"{end} most") for end in ends),
    )


def _in_pairs(steps: pl.DataFrame, ends: Sequence[str]) -> pl.DataFrame:
    """Half as many steps of each lead, each doing what two did; the last of an odd number stays as it is."""
    follows = (pl.col("row").shift(-1) == pl.col("row")).fill_null(False)
    made = []
    for end in ends:
        add, least, most = (pl.col(f"{end} {part}") for part in ("add", "least", "most"))
        later_add, later_least, later_most = (each.shift(-1) for each in (add, least, most))
        for bound in (least, most):
            held = pl.min_horizontal(pl.max_horizontal(bound + later_add, later_least), later_most)
            made.append(pl.when(follows).then(held).otherwise(bound).alias(bound.meta.output_name()))
        made.append(pl.when(follows).then(add + later_add).otherwise(add).alias(f"{end} add"))
    return steps.with_columns(made).filter(pl.col("place") % 2 == 0).with_columns(pl.col("place") // 2)


def _held(value: pl.Expr, end: str) -> pl.Expr:
    moved = value.cast(pl.Int64) + pl.col(f"{end} add")
    return pl.min_horizontal(pl.max_horizontal(moved, f"{end} least"), f"{end} most")
