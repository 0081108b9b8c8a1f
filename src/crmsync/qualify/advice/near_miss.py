"""Leads that are one condition, or a few points, short of the next stage of the ladder.

"One short" says little where any one of ten things would do: then everybody is one short. So a lead counts as near
when it has shown something already: it lacks one of several conditions that must hold together and positively meets
another of them, or it lacks at most so many points of a score. *Positively* leaves out what is met by something
being absent or not known.

For each criterion on the way there are three columns, made once however often it is used: `#short` (0 = met, 1 = one
step short, 2 = more), `#shown` (something in it is positively met) and `#near`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any as Anything

import polars as pl

from crmsync.model import Batch
from crmsync.qualify.criteria import (
    Absence,
    All,
    Any,
    AtLeast,
    BaseCriterion,
    Criterion,
    MeetsStage,
    Not,
    NotKnown,
    ScoreLevel,
    Vocabulary,
    sentence_of,
)
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.decide import part_of
from crmsync.qualify.engine.evaluate import evaluate
from crmsync.qualify.telling.words import in_the_way, vocabulary_of
from crmsync.qualify.terms.points import milli
from crmsync.tongue import ENGLISH, Tongue

MOST_LACKS = 4
"""So many alternatives are told of one lead."""
_NEVER_SHOWN = (Absence, Not, NotKnown)
_CANNOT_TURN = (Absence, NotKnown)
"""What has happened, or is known, stays so."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What a lead lacks. `ask`: questions that may show it is there. `points_short`: milli-points, for a score."""

    sentence: str
    ask: tuple[str, ...]
    points_short: int | None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A lead (by row) near `stage`. Any one of `lacks` would do for the condition it stands for."""

    row: int
    stage: str
    lacks: tuple[Lack, ...]


def near_rows(compiled: CompiledPolicy, batch: Batch, decisions: pl.DataFrame, *, points_milli: int) -> pl.DataFrame:
    """`row`, `next_stage` of each lead that is near a stage above the one its evidence gives and the one it has.

    `decisions` is what `decide` gave for the batch. Leads that are disqualified or unmanaged are left out.
    """
    found = [
        part.filter("#is_near").select("row", "next_stage")
        for _, part in _near_parts(compiled, batch, decisions, points_milli)
    ]
    empty = pl.DataFrame(schema={"row": pl.UInt32(), "next_stage": pl.String()})
    return pl.concat([empty, *found]).sort("row")


def near_misses(
    compiled: CompiledPolicy,
    batch: Batch,
    decisions: pl.DataFrame,
    *,
    points_milli: int,
    tongue: Tongue = ENGLISH,
) -> list[NearMiss]:
    """The same in words; for the leads that somebody will read about."""
    told = []
    for teller, part in _near_parts(compiled, batch, decisions, points_milli, tongue):
        for columns in part.filter("#is_near").to_dicts():
            condition = teller.unit.conditions[f"ladder.{columns['next_stage']}"]
            lacks = tuple(dict.fromkeys(teller.lacks(condition, columns)))[:MOST_LACKS]
            told.append(NearMiss(columns["row"], columns["next_stage"], lacks))
    return sorted(told, key=lambda miss: miss.row)


def _near_parts(
    compiled: CompiledPolicy,
    batch: Batch,
    decisions: pl.DataFrame,
    points_milli: int,
    tongue: Tongue = ENGLISH,
) -> Iterator[tuple[_Teller, pl.DataFrame]]:
    """For each policy that decided leads: its teller, and the evaluated leads that could rise, with `#is_near`."""
    ranks = {rung.stage: rank for rank, rung in enumerate(compiled.policy.ladder)}
    rising = decisions.filter(pl.col("reason").is_null() & pl.col("stage").is_in(list(ranks)))
    for (policy, as_of), group in rising.group_by(["policy", "as_of"], maintain_order=True):
        unit = compiled.unit(str(policy))
        stages = [rung.stage for rung in unit.policy.ladder]
        following = pl.col("earned_stage").replace_strict(
            dict(pairwise(stages)), default=None, return_dtype=pl.String
        )
        below = group.select("row", next_stage=following, at=pl.col("stage").replace_strict(ranks)).filter(
            pl.col("next_stage").replace_strict(ranks, default=None) > pl.col("at")
        )
        if below.is_empty():
            continue
        frame = evaluate(unit, part_of(batch, below["row"]), as_of)
        frame = frame.join(below.select("row", "next_stage"), on="row", maintain_order="left")
        ladder = _Ladder(unit, points_milli)
        wanted = {stage: ladder.near(f"ladder.{stage}") for stage in below["next_stage"].unique()}
        for level in ladder.levels:
            frame = frame.with_columns(**level)
        near = pl.lit(False)
        for stage, column in wanted.items():
            near = pl.when(pl.col("next_stage") == stage).then(pl.col(column)).otherwise(near)
        yield _Teller(unit, ladder, vocabulary_of(unit.policy, tongue)), frame.with_columns(near.alias("#is_near"))


class _Ladder:
    """Collects the columns for the criteria asked for, in levels of which each uses lower ones only."""

    def __init__(self, unit: Unit, points_milli: int) -> None:
        self.unit = unit
        self.levels: list[dict[str, pl.Expr]] = []
        self._points = points_milli
        self._level_of: dict[str, int] = {}

    def near(self, condition: str) -> str:
        """The `#near` column of a condition of the policy."""
        criterion = self.unit.conditions[condition]
        self._add(criterion)
        return f"#near {self.unit.column_of(criterion)}"

    def shape(self, criterion: Criterion) -> BaseCriterion:
        """What a name stands for."""
        while isinstance(criterion, str):
            criterion = self.unit.policy.criteria[criterion]
        return criterion

    def parts(self, shape: BaseCriterion) -> tuple[tuple[Criterion, ...], int]:
        """The criteria a combination is made of, and how many of them must be met; none for a single question."""
        match shape:
            case All():
                return shape.all_, len(shape.all_)
            case Any():
                return shape.any_, 1
            case AtLeast():
                return shape.of, shape.at_least
            case MeetsStage():
                rungs = tuple(self._rungs(shape.meets))
                return rungs, len(rungs)
            case _:
                return (), 0

    def _rungs(self, stage: str) -> Iterator[Criterion]:
        order = [rung.stage for rung in self.unit.policy.ladder]
        for rung in reversed(self.unit.policy.ladder[: order.index(stage) + 1]):
            if f"ladder.{rung.stage}" in self.unit.conditions:
                yield self.unit.conditions[f"ladder.{rung.stage}"]
            if rung.stands_alone:
                return

    def _add(self, criterion: Criterion) -> int:
        """Adds the criterion's columns after those of its parts; their level."""
        column = self.unit.column_of(criterion)
        if column in self._level_of:
            return self._level_of[column]
        shape = self.shape(criterion)
        children, needed = self.parts(shape)
        level = max((self._add(child) for child in children), default=-1) + 1
        while len(self.levels) <= level:
            self.levels.append({})
        met = pl.col(column).fill_null(False)
        of = [self.unit.column_of(child) for child in children]
        made = _combined(met, of, needed) if children else self._single(met, column, shape)
        self.levels[level] |= {f"{name} {column}": expression for name, expression in made.items()}
        self._level_of[column] = level
        return level

    def _single(self, met: pl.Expr, column: str, shape: BaseCriterion) -> dict[str, pl.Expr]:
        close, turns = pl.lit(False), pl.lit(not isinstance(shape, _CANNOT_TURN))
        if isinstance(shape, ScoreLevel):
            gap = _gap(shape)
            close = ~met & (gap <= self._points) & (gap > 0) if gap is not None else pl.lit(False)
            turns = close | pl.col(column).is_null()  # what is not known yet may give the points
        return {
            "#short": pl.when(met).then(0).when(turns).then(1).otherwise(2),
            "#shown": met & pl.lit(not isinstance(shape, _NEVER_SHOWN)),
            "#near": close,
        }


def _combined(met: pl.Expr, columns: Sequence[str], needed: int) -> dict[str, pl.Expr]:
    """The columns of a combination of which `needed` parts must be met."""

    def how_many(most: int) -> pl.Expr:
        return pl.sum_horizontal([(pl.col(f"#short {column}") <= most).cast(pl.Int32) for column in columns])

    one_short = ~met & (how_many(0) == needed - 1) & (how_many(1) >= needed)
    shown = pl.any_horizontal([pl.col(f"#shown {column}") for column in columns])
    near = pl.any_horizontal([pl.col(f"#near {column}") for column in columns])
    return {
        "#short": pl.when(met).then(0).when(one_short).then(1).otherwise(2),
        "#shown": shown,
        "#near": one_short & (near | (shown & pl.lit(needed > 1))),
    }


def _gap(shape: ScoreLevel) -> pl.Expr | None:
    """Milli-points that the low end of the score lacks; null when the criterion asks for no minimum."""
    return None if shape.at_least is None else milli(shape.at_least) - pl.col(f"score.{shape.score}.low")


class _Teller:
    """Finds for one lead what the near column found for all."""

    def __init__(self, unit: Unit, ladder: _Ladder, words: Vocabulary) -> None:
        self.unit, self._ladder, self._words = unit, ladder, words

    def lacks(
        self, criterion: Criterion, columns: Mapping[str, Anything], seen: set[str] | None = None
    ) -> Iterator[Lack]:
        """The alternatives of which one is missing, each once."""
        seen = set() if seen is None else seen
        column = self.unit.column_of(criterion)
        if column in seen:
            return
        seen.add(column)
        children, needed = self._ladder.parts(self._ladder.shape(criterion))
        if not columns[f"#near {column}"] or not children:
            yield self._lack(criterion, columns)
            return
        missing = [child for child in children if columns[f"#short {self.unit.column_of(child)}"] == 1]
        nearer = [child for child in missing if columns[f"#near {self.unit.column_of(child)}"]]
        for child in nearer if needed == 1 else missing:
            yield from self.lacks(child, columns, seen)

    def _lack(self, criterion: Criterion, columns: Mapping[str, Anything]) -> Lack:
        while isinstance(criterion, str) and isinstance(self.unit.policy.criteria[criterion], str):
            criterion = self.unit.policy.criteria[criterion]  # another name for the same is no words
        shape = self._ladder.shape(criterion)
        asks = [self.unit.policy.question_for(fact) for fact in self._open_facts(criterion, columns, set())]
        short = None
        if isinstance(shape, ScoreLevel) and shape.at_least is not None:
            short = milli(shape.at_least) - columns[f"score.{shape.score}.low"]
        return Lack(self._lacking(criterion, columns), tuple(dict.fromkeys(asks)), short)

    def _lacking(self, criterion: Criterion, columns: Mapping[str, Anything]) -> str:
        """What is lacking; where all that is wrong is something that should not be there, that."""
        if columns[self.unit.column_of(criterion)] is False:
            lacking, against = in_the_way(
                self.unit.policy, criterion, self._words, lambda part: columns[self.unit.column_of(part)]
            )
            if against and not lacking:
                return self._words.tongue.say("against it: {parts}", parts=", ".join(against))
        return sentence_of(criterion, self._words)

    def _open_facts(self, criterion: Criterion, columns: Mapping[str, Anything], seen: set[str]) -> Iterator[str]:
        """Facts whose absence leaves the criterion, or a part of it, open."""
        column = self.unit.column_of(criterion)
        if columns[column] is not None or column in seen:
            return
        seen.add(column)
        shape = self._ladder.shape(criterion)
        yield from shape.facts()
        for child in self._ladder.parts(shape)[0]:
            yield from self._open_facts(child, columns, seen)
