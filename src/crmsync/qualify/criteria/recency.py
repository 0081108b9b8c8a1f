"""Asks how long ago something last happened.

Asks: was the latest activity of this description at least, or at most, so many days ago?
Parameters: `latest`: which (kind, outcome, direction, by_role, about; no window); `at_least_days_ago`,
`at_most_days_ago` (whole days, one or both). Defaults: none. A lead without such an activity does not meet it.
Meets: a lead last met 20 days ago, under `{latest: {kind: meeting}, at_least_days_ago: 14, at_most_days_ago: 60}`.
Does not meet: a lead met yesterday as well. Unknown: a lead with a possible, newer match.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from pydantic import model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.kleene import verdict_of
from crmsync.qualify.criteria.base import BaseCriterion, Vocabulary, bounds
from crmsync.qualify.terms.activities import ENDLESS, Selector
from crmsync.qualify.terms.changes import Change, Situation, happening
from crmsync.qualify.terms.shape import Days


class Recency(BaseCriterion):
    """See the module."""

    begins = ("latest",)

    latest: Selector
    at_least_days_ago: Days | None = None
    at_most_days_ago: Days | None = None

    @model_validator(mode="after")
    def _asks_for_days(self) -> Recency:
        if self.at_least_days_ago is None and self.at_most_days_ago is None:
            raise ValueError("`latest` asks for no days\n→ add `at_least_days_ago` or `at_most_days_ago`")
        if self.latest.within_days is not None or self.latest.older_than_days is not None:
            raise ValueError("`latest` looks at all days\n→ use `at_least_days_ago` and `at_most_days_ago`")
        if self._first > self._last:
            raise ValueError(f"nothing is at least {self._first} and at most {self._last} days ago")
        return self

    @property
    def _first(self) -> int:
        return self.at_least_days_ago or 0

    @property
    def _last(self) -> int:
        return ENDLESS if self.at_most_days_ago is None else self.at_most_days_ago

    def selectors(self) -> Iterator[Selector]:
        yield self.latest

    def expression(self, builder: Builder) -> pl.Expr:
        certain, possible = builder.latest(self.latest)
        builder.entering(self.latest)
        fitting = builder.latest_from(self.latest, self._first) if self._first else possible
        for age in (certain, possible, fitting):
            builder.edge(self._first - age)
            builder.edge(self._last + 1 - age)
        # Each possible match that no certain one follows may be the latest; where none is certain, there may be none.
        oldest = certain.fill_null(ENDLESS)
        if not builder.matches(self.latest).provided:  # it may be of any day up to this one
            possible, fitting = pl.lit(0), pl.lit(self._first)
        met = (possible.fill_null(ENDLESS) >= self._first) & (oldest <= self._last) & certain.is_not_null()
        return verdict_of(met, (fitting <= pl.min_horizontal(oldest, self._last)).fill_null(False))

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if wanted and self._first == 0:
            yield from happening(self.latest, 1)

    def sentence(self, words: Vocabulary) -> str:
        least, most = self.at_least_days_ago, self.at_most_days_ago
        return words.tongue.say_many(
            "the latest {activity} was {bounds} day ago",
            "the latest {activity} was {bounds} days ago",
            least or 0 if most is None else most,
            activity=self.latest.told(words.tongue),
            bounds=words.tongue.all_of(bounds(words.tongue, least, most)),
        )
