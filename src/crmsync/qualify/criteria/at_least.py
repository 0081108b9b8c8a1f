"""Asks for a number of criteria out of several, such as three of the four BANT questions.

Asks: are at least `at_least` (and at most `at_most`) of the listed criteria met?
Parameters: `of`: a list of criteria (names or written out); `at_least` (default 1), `at_most` (default: all).
Unknown ones may go either way: with two met and two unknown, "at least 3 of 4" is unknown.
Meets: a lead with budget, authority and need, under `{at_least: 3, of: [budget, authority, need, timing]}`.
Does not meet: a lead with budget only and no authority, no need. Unknown: two met, two not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from pydantic import model_validator

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.kleene import how_many, verdict_of
from crmsync.qualify.criteria.base import BaseCriterion, Path, Vocabulary, bounds
from crmsync.qualify.criteria.combination import Several, sentence_of
from crmsync.qualify.terms.shape import Count

if TYPE_CHECKING:
    from crmsync.qualify.criteria import Criterion


class AtLeast(BaseCriterion):
    """See the module."""

    begins = ("of",)

    of: Several
    at_least: Count = 1
    at_most: Count | None = None

    @model_validator(mode="after")
    def _some_number_fits(self) -> AtLeast:
        if self.at_least > len(self.of):
            raise ValueError(f"`at_least: {self.at_least}` of {len(self.of)} can never be met")
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"no number is at least {self.at_least} and at most {self.at_most}")
        return self

    def children(self) -> Iterator[tuple[Path, Criterion]]:
        for index, criterion in enumerate(self.of):
            yield ("of", index), criterion

    def expression(self, builder: Builder) -> pl.Expr:
        low, high = how_many([builder.verdict(criterion) for criterion in self.of])
        verdict = verdict_of(low >= self.at_least, high >= self.at_least)
        if self.at_most is not None:
            verdict &= verdict_of(high <= self.at_most, low <= self.at_most)
        return verdict

    def sentence(self, words: Vocabulary) -> str:
        number = words.tongue.all_of(bounds(words.tongue, self.at_least, self.at_most))
        listing = "; ".join(sentence_of(criterion, words) for criterion in self.of)
        return words.tongue.say("{number} of: {listing}", number=number, listing=listing)
