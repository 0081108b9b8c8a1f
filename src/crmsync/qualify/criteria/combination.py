"""Combines criteria: all of them, any of them, not this one.

Asks: are all met (`all`), is at least one met (`any`), is it not met (`not`)?
Parameters: `all`, `any`: a list of criteria (names or written out); `not`: one criterion. Defaults: none.
Unknown counts as unknown: `all` is not met as soon as one is not met, `any` is met as soon as one is met, else an
unknown one makes the whole unknown; `not` of unknown is unknown.
Meets: a lead with budget and need, under `{all: [has_budget, clear_need]}`.
Does not meet: a lead whose budget is none, whether the need is known or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import polars as pl
from pydantic import Field

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.criteria.base import BaseCriterion, Path, Vocabulary

if TYPE_CHECKING:
    from crmsync.qualify.criteria import Criterion

Several = Annotated["tuple[Criterion, ...]", Field(min_length=1, max_length=500)]


class All(BaseCriterion):
    """Every one is met."""

    begins = ("all",)

    all_: Several = Field(alias="all")

    def children(self) -> Iterator[tuple[Path, Criterion]]:
        for index, criterion in enumerate(self.all_):
            yield ("all", index), criterion

    def expression(self, builder: Builder) -> pl.Expr:
        return pl.all_horizontal([builder.verdict(criterion) for criterion in self.all_])

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.all_of(_told(self, words))


class Any(BaseCriterion):
    """At least one is met."""

    begins = ("any",)

    any_: Several = Field(alias="any")

    def children(self) -> Iterator[tuple[Path, Criterion]]:
        for index, criterion in enumerate(self.any_):
            yield ("any", index), criterion

    def expression(self, builder: Builder) -> pl.Expr:
        return pl.any_horizontal([builder.verdict(criterion) for criterion in self.any_])

    def sentence(self, words: Vocabulary) -> str:
        return words.tongue.any_of(_told(self, words))


class Not(BaseCriterion):
    """It is not met."""

    begins = ("not",)

    not_: Criterion = Field(alias="not")

    def children(self) -> Iterator[tuple[Path, Criterion]]:
        yield ("not",), self.not_

    def expression(self, builder: Builder) -> pl.Expr:
        return ~builder.verdict(self.not_)

    def sentence(self, words: Vocabulary) -> str:
        return denial_of(self.not_, words)

    def denial(self, words: Vocabulary) -> str | None:
        return sentence_of(self.not_, words)


def sentence_of(criterion: Criterion, words: Vocabulary) -> str:
    """A criterion's label, or its sentence; a named one's own words."""
    if isinstance(criterion, str):
        return words.criteria[criterion]
    return words.tongue.own(criterion.label) if criterion.label else criterion.sentence(words)


def denial_of(criterion: Criterion, words: Vocabulary) -> str:
    """What holds when a criterion is not met. A label cannot be turned round, so it is quoted."""
    if isinstance(criterion, str):
        return words.denied.get(criterion) or words.tongue.say("not “{what}”", what=words.criteria[criterion])
    said = criterion.denial(words) if criterion.label is None else None
    return said or words.tongue.say("not “{what}”", what=sentence_of(criterion, words))


def _told(criterion: BaseCriterion, words: Vocabulary) -> list[str]:
    parts = []
    for _, child in criterion.children():
        told = sentence_of(child, words)
        compound = not isinstance(child, str) and child.label is None and len(list(child.children())) > 1
        parts.append(f"({told})" if compound else told)
    return parts
