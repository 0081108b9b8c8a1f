"""Counts a lead's activities.

Asks: are there at least, or at most, so many activities of this description?
Parameters: `activities`: which (kind, outcome, direction, by_role, about, within_days, older_than_days); `at_least`
(default 1 when `at_most` is not given), `at_most`; `distinct`: count different `days`, `weeks` (from Monday on),
`months`, `quarters` or `years` of the calendar, `people`, `things` (that they are about) or `kinds` instead of
activities. Days after the decision's day never count.
An activity whose outcome, direction, role or thing is not known, but asked for, counts as possible, and so does one
of which nobody knows whether it happened: where the answer depends on it, it is unknown. So it is for kinds that the
mapping does not provide.
Meets: a lead with calls connected on Monday and Tuesday, under
`{activities: {kind: call, outcome: connected}, distinct: days, at_least: 2}`.
Does not meet: a lead with two connected calls on one day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import polars as pl
from pydantic import model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.kleene import verdict_of
from crmsync.qualify.columns.plan import activity_age
from crmsync.qualify.criteria.base import BaseCriterion, Vocabulary, bounds
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.changes import Change, Situation, happening
from crmsync.qualify.terms.once_per import OncePer
from crmsync.qualify.terms.shape import Count
from crmsync.tongue import Tongue, to_say

Distinct = Literal["days", "weeks", "months", "quarters", "years", "people", "things", "kinds"]
_DIFFERENT: Mapping[Distinct, str] = {
    "days": to_say("different days with {activity}"),
    "weeks": to_say("different weeks with {activity}"),
    "months": to_say("different months with {activity}"),
    "quarters": to_say("different quarters with {activity}"),
    "years": to_say("different years with {activity}"),
    "people": to_say("different people with {activity}"),
    "things": to_say("different things with {activity}"),
    "kinds": to_say("different kinds of {activity}"),
}
_PERIODS: Mapping[Distinct, OncePer] = {"weeks": "week", "months": "month", "quarters": "quarter", "years": "year"}
_MAY_BE_UNKNOWN: Mapping[Distinct, OncePer] = {"people": "person", "things": "thing"}


class ActivityCount(BaseCriterion):
    """See the module."""

    begins = ("activities",)

    activities: Selector
    at_least: Count | None = None
    at_most: Count | None = None
    distinct: Distinct | None = None

    @model_validator(mode="after")
    def _some_number_fits(self) -> ActivityCount:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"no number is at least {self.at_least} and at most {self.at_most}")
        return self

    @property
    def least(self) -> int:
        """The smallest number that meets it."""
        return self.at_least if self.at_least is not None else 1 if self.at_most is None else 0

    def selectors(self) -> Iterator[Selector]:
        yield self.activities

    def expression(self, builder: Builder) -> pl.Expr:
        if self.least == 1 and self.at_most is None:
            return builder.exists(self.activities)
        low, high = counted(builder, self.activities, self.distinct)
        more = pl.lit(not builder.matches(self.activities).provided)
        builder.entering(self.activities)
        builder.leaving(self.activities, when=None if self.at_most is not None else high >= self.least)
        verdict = verdict_of(low >= self.least, (high >= self.least) | more)
        if self.at_most is not None:
            verdict &= verdict_of((high <= self.at_most) & ~more, low <= self.at_most)
        return verdict

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if wanted:
            there = 0 if self.distinct else situation.certain(self.activities)
            yield from happening(self.activities, self.least - there, distinct=self.distinct)

    def sentence(self, words: Vocabulary) -> str:
        tongue = words.tongue
        if self._asks_for_one:
            return self.activities.told(tongue)
        number = bounds(tongue, self.least or None, self.at_most)
        return f"{tongue.all_of(number) if number else tongue.say('any number of')} {self._counted(tongue)}"

    def denial(self, words: Vocabulary) -> str | None:
        tongue = words.tongue
        if self._asks_for_one:
            return tongue.say("no {activity}", activity=self.activities.told(tongue))
        if self.least and self.at_most is not None:
            return None
        number = (
            tongue.say("fewer than {bound}", bound=self.least)
            if self.least
            else tongue.say("more than {bound}", bound=self.at_most)
        )
        return f"{number} {self._counted(tongue)}"

    @property
    def _asks_for_one(self) -> bool:
        return self.least == 1 and self.at_most is None and self.distinct is None

    def _counted(self, tongue: Tongue) -> str:
        told = self.activities.told(tongue)
        if self.distinct is None:
            return f"× {told}"
        return tongue.say(_DIFFERENT[self.distinct], activity=told)


def counted(builder: Builder, selector: Selector, distinct: Distinct | None) -> tuple[pl.Expr, pl.Expr]:
    """(certain, possible) number of matches in the window."""
    certain, possible = builder.windowed(selector)
    if distinct is not None and distinct in _PERIODS:
        least = most = builder.group(_PERIODS[distinct]).n_unique().cast(pl.Int64)
    elif distinct is not None and distinct in _MAY_BE_UNKNOWN:
        least, most = _named(builder.group(_MAY_BE_UNKNOWN[distinct]))
    else:
        least = most = _number(distinct)
    low = builder.aggregate(f"count {distinct} {certain}", certain, least, 0)
    return low, builder.aggregate(f"count {distinct} perhaps {possible}", possible, most, 0)


def _number(distinct: Distinct | None) -> pl.Expr:
    match distinct:
        case "days":
            return activity_age.n_unique().cast(pl.Int64)
        case "kinds":
            return pl.col("kind").n_unique().cast(pl.Int64)
        case _:
            return pl.len().cast(pl.Int64)


def _named(of: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """(fewest, most) different ones where it is not always known which.

    Those without a name may all be different, or one of the named: there is one, though.
    """
    named, unnamed = of.drop_nulls().n_unique().cast(pl.Int64), of.null_count().cast(pl.Int64)
    return pl.max_horizontal(named, unnamed.clip(0, 1)), named + unnamed
