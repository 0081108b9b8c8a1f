"""Asks where the lead stands, and stood, on its way through the stages.

Asks: does the lead stand in this stage, did it ever, how long, how often?
Parameters: `stands_in`: it stands in the stage now; `stood_in`: it does, or did before; both with `at_least_days`,
`at_most_days`: so long is its present, or its latest, stay there. `came_to`: how often it came to the stage, at
least (`at_least`, default 1) and at most (`at_most`) so often. A stay lasts from the day on which crmsync first saw
the lead there. What the stage was before the decision's own day counts: no decision changes by what it writes itself.
Meets: a lead that stands in `sql` since 90 days, under `{stands_in: sql, at_least_days: 90}`.
Does not meet: a lead that came there yesterday. Unknown: where nobody knows how long it has been there.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
from pydantic import model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import BaseCriterion, Path, Sort, Vocabulary, bounds
from crmsync.qualify.terms.shape import Count, Days, Name
from crmsync.tongue import Tongue


class _Stay(BaseCriterion):
    """How long a stay is to be. What is left out does not matter."""

    at_least_days: Days | None = None
    at_most_days: Days | None = None

    @model_validator(mode="after")
    def _some_length_fits(self) -> _Stay:
        if None not in (self.at_least_days, self.at_most_days) and (self.at_least_days or 0) > (
            self.at_most_days or 0
        ):
            raise ValueError(f"no stay is at least {self.at_least_days} and at most {self.at_most_days} days long")
        return self

    def long_enough(self, builder: Builder, length: pl.Expr, lasts: pl.Expr) -> pl.Expr:
        """Whether a stay of so many days fits. Adds the days on which one that lasts begins to fit, and ceases to."""
        fits = pl.lit(True)
        if self.at_least_days is not None:
            fits &= length >= self.at_least_days
            builder.edge(pl.when(lasts).then(self.at_least_days - length))
        if self.at_most_days is not None:
            fits &= length <= self.at_most_days
            builder.edge(pl.when(lasts).then(self.at_most_days + 1 - length))
        return fits

    def _days(self, tongue: Tongue) -> str:
        """`for at least 90 days`, after a space; empty where any length will do."""
        least, most = self.at_least_days, self.at_most_days
        if least is None and most is None:
            return ""
        told = tongue.say_many(
            "for {bounds} day",
            "for {bounds} days",
            least or 0 if most is None else most,
            bounds=tongue.all_of(bounds(tongue, least, most)),
        )
        return f" {told}"


class StandsIn(_Stay):
    """Where the lead stands, since when."""

    begins = ("stands_in",)

    stands_in: Name

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("stands_in",), "standing", self.stands_in

    def expression(self, builder: Builder) -> pl.Expr:
        stay = builder.stay(self.stands_in)
        return stay.lasts & self.long_enough(builder, stay.length, stay.lasts)

    def sentence(self, words: Vocabulary) -> str:
        stage = words.stages[self.stands_in]
        return words.tongue.say("the lead stands in {stage}", stage=stage) + self._days(words.tongue)


class StoodIn(_Stay):
    """Where the lead stood or stands, and how long the latest time."""

    begins = ("stood_in",)

    stood_in: Name

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("stood_in",), "standing", self.stood_in

    def expression(self, builder: Builder) -> pl.Expr:
        stay = builder.stay(self.stood_in)
        return (stay.times > 0) & self.long_enough(builder, stay.length, stay.lasts)

    def sentence(self, words: Vocabulary) -> str:
        stage = words.stages[self.stood_in]
        return words.tongue.say("the lead stood in {stage}", stage=stage) + self._days(words.tongue)


class CameTo(BaseCriterion):
    """How often the lead came to a stage."""

    begins = ("came_to",)

    came_to: Name
    at_least: Count | None = None
    at_most: Count | None = None

    @model_validator(mode="after")
    def _some_number_fits(self) -> CameTo:
        if None not in (self.at_least, self.at_most) and (self.at_least or 0) > (self.at_most or 0):
            raise ValueError(f"no number is at least {self.at_least} and at most {self.at_most}")
        return self

    @property
    def _least(self) -> int:
        return self.at_least if self.at_least is not None else 1 if self.at_most is None else 0

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("came_to",), "standing", self.came_to

    def expression(self, builder: Builder) -> pl.Expr:
        times = builder.stay(self.came_to).times
        return (times >= self._least) & (True if self.at_most is None else times <= self.at_most)

    def sentence(self, words: Vocabulary) -> str:
        tongue = words.tongue
        number = bounds(tongue, self._least or None, self.at_most)
        return tongue.say(
            "the lead came to {stage} {number} ×",
            stage=words.stages[self.came_to],
            number=tongue.all_of(number) if number else tongue.say("any number of"),
        )
