"""Compares a score with a threshold.

Asks: has the score reached `at_least`, or is it still below `below` (points)?
Parameters: `score`: its name; `at_least`, `below`: points, one or both. Defaults: none. A score is an interval where
facts are unknown: `at_least` is met when its low end reaches the threshold, not met when its high end misses it.
Meets: a lead with engagement 25, under `{score: engagement, at_least: 20}`.
Does not meet: a lead with engagement 3. Unknown: a lead with a fit between 10 and 30.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from pydantic import model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.kleene import reaches
from crmsync.qualify.criteria.base import BaseCriterion, Path, Sort, Vocabulary
from crmsync.qualify.terms.points import milli
from crmsync.qualify.terms.shape import Name, Points
from crmsync.tongue import Tongue


class ScoreLevel(BaseCriterion):
    """See the module."""

    begins = ("score",)

    score: Name
    at_least: Points | None = None
    below: Points | None = None

    @model_validator(mode="after")
    def _has_a_threshold(self) -> ScoreLevel:
        if self.at_least is None and self.below is None:
            raise ValueError(f"`score: {self.score}` is compared with nothing\n→ add `at_least` or `below`")
        return self

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("score",), "score", self.score

    def thresholds(self) -> Iterator[int]:
        """The milli-points at which the answer turns."""
        for points in (self.at_least, self.below):
            if points is not None:
                yield milli(points)

    def expression(self, builder: Builder) -> pl.Expr:
        low, high = builder.column(f"score.{self.score}.low"), builder.column(f"score.{self.score}.high")
        verdict = pl.lit(True)
        if self.at_least is not None:
            verdict &= reaches(low, high, milli(self.at_least))
        if self.below is not None:
            verdict &= ~reaches(low, high, milli(self.below))
        return verdict

    def sentence(self, words: Vocabulary) -> str:
        told = [_at_least(self.at_least, words.tongue)] if self.at_least is not None else []
        told += [_below(self.below, words.tongue)] if self.below is not None else []
        return self._told(words.tongue.all_of(told), self.at_least if self.below is None else self.below, words)

    def denial(self, words: Vocabulary) -> str | None:
        if self.at_least is not None and self.below is not None:
            return None
        if self.at_least is not None:
            return self._told(_below(self.at_least, words.tongue), self.at_least, words)
        return self._told(_at_least(self.below, words.tongue), self.below, words)

    def _told(self, bounds: str, last: float | None, words: Vocabulary) -> str:
        return words.tongue.say_many(
            "{score} is {bounds} point",
            "{score} is {bounds} points",
            last or 0,
            score=words.scores[self.score],
            bounds=bounds,
        )


def _at_least(points: float | None, tongue: Tongue) -> str:
    return tongue.say("at least {bound}", bound=tongue.number(points or 0))


def _below(points: float | None, tongue: Tongue) -> str:
    return tongue.say("below {bound}", bound=tongue.number(points or 0))
