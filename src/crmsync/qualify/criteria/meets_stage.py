"""Asks whether the lead meets the conditions of a stage.

Asks: are the conditions of this rung of the ladder, with those below it, met by the evidence?
Parameters: `meets`: the stage. Defaults: none. It is about the evidence, not about where the lead stands in the CRM.
Meets: a lead with all that `sql` asks for, under `{meets: sql}`.
Does not meet: a lead that misses one of its conditions.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import BaseCriterion, Path, Sort, Vocabulary
from crmsync.qualify.terms.shape import Name


class MeetsStage(BaseCriterion):
    """See the module."""

    begins = ("meets",)

    meets: Name

    def references(self) -> Iterator[tuple[Path, Sort, str]]:
        yield ("meets",), "stage", self.meets

    def expression(self, builder: Builder) -> pl.Expr:
        return builder.column(f"#meets.{self.meets}")

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.say("meets {stage}", stage=words.stages[self.meets])

    def denial(self, words: Vocabulary) -> str | None:
        return words.tongue.say("does not meet {stage}", stage=words.stages[self.meets])
