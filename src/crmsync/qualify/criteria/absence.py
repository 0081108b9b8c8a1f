"""Asks that something did not happen.

Asks: is there no activity of this description?
Parameters: `no_activities`: which (kind, outcome, direction, by_role, about, within_days, older_than_days; `{}` = any
at all). Defaults: none. Days after the decision's day never count.
Meets: a lead whose last activity was 45 days ago, under `{no_activities: {within_days: 30}}`.
Does not meet: a lead who sent a form last week. Unknown: a lead with a call of unknown outcome last week, where
`outcome: connected` is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import BaseCriterion, Vocabulary
from crmsync.qualify.terms.activities import Selector
from crmsync.qualify.terms.changes import Change, Situation, happening


class Absence(BaseCriterion):
    """See the module."""

    begins = ("no_activities",)

    no_activities: Selector

    def selectors(self) -> Iterator[Selector]:
        yield self.no_activities

    def expression(self, builder: Builder) -> pl.Expr:
        return ~builder.exists(self.no_activities)

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        if not wanted:
            yield from happening(self.no_activities, 1)

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.say("no {activity}", activity=self.no_activities.told(words.tongue))

    def denial(self, words: Vocabulary) -> str | None:
        return self.no_activities.told(words.tongue)
