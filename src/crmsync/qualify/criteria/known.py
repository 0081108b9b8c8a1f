"""Asks whether a fact is known at all.

Asks: has somebody entered the fact (`known`), or is it still missing (`unknown`)?
Parameters: `known` or `unknown`: the fact. Defaults: none. Never unknown itself: the one kind of criterion that
may turn *met* because a fact is missing, so use it on the ladder on purpose only.
Meets: a lead with any `timeline`, under `{known: timeline}`.
Does not meet: a lead whose `timeline` is empty, or not mapped from the CRM.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import BaseCriterion, Path, Sort, Vocabulary
from crmsync.qualify.terms.changes import Change, FactBecomes, Situation
from crmsync.qualify.terms.shape import Name


class Known(BaseCriterion):
    """The fact is known."""

    begins = ("known",)

    known: Name

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("known",), "fact", self.known

    def changes(self, wanted: bool, situation: Situation) -> Iterator[Change]:
        kind = situation.types[self.known]
        if wanted and situation.settable(self.known):
            if kind == "choice":
                yield FactBecomes(self.known, situation.choices[self.known][0])
            elif kind == "text":
                yield FactBecomes(self.known, "…")

    def expression(self, builder: Builder) -> pl.Expr:
        return builder.fact(self.known).is_not_null()

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.say("{fact} is known", fact=words.facts[self.known])

    def denial(self, words: Vocabulary) -> str | None:
        return words.tongue.say("{fact} is not known", fact=words.facts[self.known])


class NotKnown(BaseCriterion):
    """The fact is missing."""

    begins = ("unknown",)

    unknown: Name

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("unknown",), "fact", self.unknown

    def expression(self, builder: Builder) -> pl.Expr:
        return builder.fact(self.unknown).is_null()

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.say("{fact} is not known", fact=words.facts[self.unknown])

    def denial(self, words: Vocabulary) -> str | None:
        return words.tongue.say("{fact} is known", fact=words.facts[self.unknown])
