"""Asks for one thing after another.

Asks: is there an activity of the second description on the same day as, or after, another of the first?
Parameters: `first`, `then`: which activities (kind, outcome, direction, by_role, within_days, older_than_days);
`at_most_days_apart` (whole days; default: any). They must be two different activities. Order is by day: on one day
either order will do.
Meets: a lead with a pricing talk on the 3rd and a demo on the 9th, under
`{first: {kind: pricing_talk}, then: {kind: demo}}`.
Does not meet: a lead whose demo came first. Unknown: a lead where that depends on an unknown outcome.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.qualify.activities import Selector
from crmsync.qualify.builder import Builder, in_window, key_of
from crmsync.qualify.changes import Change, Situation, happening
from crmsync.qualify.criteria.base import BaseCriterion, Vocabulary
from crmsync.qualify.kleene import verdict_of
from crmsync.qualify.plan import activity_age
from crmsync.qualify.shape import Days


class Sequence(BaseCriterion):
    """See the module."""

    first: Selector
    then: Selector
    at_most_days_apart: Days | None = None

    def selectors(self) -> Iterator[Selector]:
        yield self.first
        yield self.then

    def expression(self, builder: Builder) -> pl.Expr:
        for selector in (self.first, self.then):
            builder.entering(selector)
            builder.leaving(selector)
        one, two = builder.matches(self.first), builder.matches(self.then)
        key = f"{key_of(self.first)} then {key_of(self.then)} {self.at_most_days_apart}"
        certain = self._happened(builder, f"{key} c", one.certain, two.certain)
        possible = self._happened(builder, f"{key} p", one.possible, two.possible)
        return verdict_of(certain, possible | pl.lit(not (one.provided and two.provided)))

    def _happened(self, builder: Builder, key: str, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        """A lead column: whether a pair exists."""
        one, two = one & in_window(self.first), two & in_window(self.then)
        apart = self.at_most_days_apart

        def pairs(activities: pl.LazyFrame) -> pl.LazyFrame:
            days = (
                activities.select("row", activity_age.alias("#age"), one.alias("one"), two.alias("two"))
                .filter(pl.col("one") | pl.col("two"))
                .group_by("row", "#age")
                .agg(
                    pl.col("one").sum().cast(pl.Int64),
                    pl.col("two").sum().cast(pl.Int64),
                    (pl.col("one") & pl.col("two")).sum().cast(pl.Int64).alias("both"),
                )
                .sort("row", "#age", descending=[False, True])
            )
            ones, twos, both = pl.col("one"), pl.col("two"), pl.col("both")
            single = (ones == 1) & (twos == 1) & (both == 1)  # one activity cannot follow itself
            same_day = (ones > 0) & (twos > 0) & ~single
            before = pl.when(ones > 0).then(activity_age).forward_fill().shift(1).over("row")
            later = (twos > 0) & before.is_not_null()
            if apart is not None:
                later &= before - activity_age <= apart
            return days.with_columns((same_day | later).alias(key)).group_by("row").agg(pl.col(key).any())

        builder.plan.per_day[key] = pairs
        return pl.col(key).fill_null(False)

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if wanted:
            for then in happening(self.then, 1):
                if situation.certain(self.first):
                    yield then
                for first in happening(self.first, 1):
                    yield (*first, *then)

    def sentence(self, words: Vocabulary) -> str:
        apart = f", at most {self.at_most_days_apart} days later" if self.at_most_days_apart is not None else ""
        return f"{self.first.words} and then {self.then.words}{apart}"
