"""Asks for one thing after another.

Asks: is there an activity of the second description on the same day as, or after, another of the first?
Parameters: `first`, `then`: which activities (kind, outcome, direction, by_role, about, within_days,
older_than_days); `at_most_days_apart` (whole days; default: any). They must be two different activities. Order is by
day: on one day either order will do.
Meets: a lead with a pricing talk on the 3rd and a demo on the 9th, under
`{first: {kind: pricing_talk}, then: {kind: demo}}`.
Does not meet: a lead whose demo came first. Unknown: a lead where that depends on an unknown outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl

from crmsync.qualify.columns.builder import Builder, in_window, key_of
from crmsync.qualify.columns.kleene import verdict_of
from crmsync.qualify.columns.plan import activity_age
from crmsync.qualify.criteria.base import BaseCriterion, Vocabulary
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.changes import Change, Situation, happening
from crmsync.qualify.terms.shape import Days


class Sequence(BaseCriterion):
    """See the module."""

    begins = ("first", "then")

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
        certain, possible = f"{key} c", f"{key} p"
        columns = {certain: (one.certain, two.certain), possible: (one.possible, two.possible)}
        builder.plan.per_day[key] = self._pairs(columns)
        maybe = pl.col(possible).fill_null(False) | pl.lit(not (one.provided and two.provided))
        return verdict_of(pl.col(certain).fill_null(False), maybe)

    def _pairs(self, columns: Mapping[str, tuple[pl.Expr, pl.Expr]]) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
        """Makes lead columns: whether a pair exists. `columns`: name → masks of `first` and `then`."""
        apart = self.at_most_days_apart
        masks = {
            f"{part} {name}": mask & in_window(selector)
            for name, both in columns.items()
            for part, mask, selector in zip(("one", "two"), both, (self.first, self.then), strict=True)
        }

        def counts(name: str) -> Iterator[pl.Expr]:
            one, two = pl.col(f"one {name}"), pl.col(f"two {name}")
            yield one.sum().cast(pl.Int64)
            yield two.sum().cast(pl.Int64)
            yield (one & two).sum().cast(pl.Int64).alias(f"both {name}")

        def found(name: str) -> pl.Expr:
            ones, twos, both = (pl.col(f"{part} {name}") for part in ("one", "two", "both"))
            single = (ones == 1) & (twos == 1) & (both == 1)  # one activity cannot follow itself
            same_day = (ones > 0) & (twos > 0) & ~single
            # Days stand in order under each lead: the day before with one of `first` may belong to another lead.
            before, lead = (
                pl.when(ones > 0).then(of).forward_fill().shift(1) for of in (activity_age, pl.col("row"))
            )
            later = (twos > 0) & (lead == pl.col("row"))
            if apart is not None:
                later &= before - activity_age <= apart
            return same_day | later.fill_null(False)

        def pairs(activities: pl.LazyFrame) -> pl.LazyFrame:
            days = (
                activities.select("row", activity_age.alias("#age"), **masks)
                .filter(pl.any_horizontal(list(masks)))
                .group_by("row", "#age")
                .agg(count for name in columns for count in counts(name))
                .sort("row", "#age", descending=[False, True])
            )
            told = days.select("row", *(found(name).alias(name) for name in columns))
            return told.group_by("row").agg(pl.col(name).any() for name in columns)

        return pairs

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if wanted:
            for then in happening(self.then, 1):
                if situation.certain(self.first):
                    yield then
                for first in happening(self.first, 1):
                    yield (*first, *then)

    def sentence(self, words: Vocabulary) -> str:
        tongue, apart = words.tongue, self.at_most_days_apart
        first, then = self.first.told(tongue), self.then.told(tongue)
        if apart is None:
            return tongue.say("{first} and then {then}", first=first, then=then)
        return tongue.say_many(
            "{first} and then {then}, at most {number} day later",
            "{first} and then {then}, at most {number} days later",
            apart,
            first=first,
            then=then,
        )
