"""Scores as expressions: interval ends now, and bounds for any later day.

Points of a rule that nothing ages change only at edges. Ageing points fall: positive ones down to 0, negative ones
up to 0. So for each score two bounds are enough to tell on which day a threshold could first be crossed: *fallen*
(positive parts at their later value, negative ones as today) and *risen* (the other way round).

Between two edges the later value of an ageing sum S of m activities, t days on, is bounded without looking at the
activities again: each was rounded by at most half a milli-point, so with a half-life it is at least
`(S − m/2)·2^(−t/h) − m/2`, and linearly each loses at most its points' share of t days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import polars as pl

from crmsync.qualify.builder import Builder
from crmsync.qualify.criteria.comparison import Comparison
from crmsync.qualify.kleene import perhaps, surely
from crmsync.qualify.points import (
    MOST_MILLI,
    aged_by_half_life,
    aged_linearly,
    half_life_factors,
    milli,
    weight_units,
)
from crmsync.qualify.scores import ActivityRule, FirstRule, Limited, Rule, Score, ValuesRule, WhenRule, bands_of

End = Literal["low", "high"]
Drift = Literal["now", "fallen", "risen"]
days_later = pl.col("#later")
"""Days after `as_of` for which the bounds are asked (Int32)."""


@dataclass(frozen=True)
class Ageing:
    """An ageing rule's raw sums (before its cap) and how they fall. Columns are lead columns."""

    raw: Mapping[End, str]
    number: Mapping[End, str]
    points: float
    half_life_days: int | None
    linear_days: int | None
    days: int

    def fallen(self, end: End) -> pl.Expr:
        """A lower bound of the sum's size, `#later` days on."""
        size, number = pl.col(self.raw[end]).abs(), pl.col(self.number[end])
        if self.half_life_days is not None:
            factors = pl.Series(half_life_factors(self.half_life_days, self.days), dtype=pl.Float64)
            factor = pl.lit(factors).gather(days_later.clip(0, self.days))
            left = ((size - number / 2) * factor - number / 2).floor().cast(pl.Int64) - 1
        else:
            assert self.linear_days is not None
            share = -(-days_later.cast(pl.Int64) * abs(milli(self.points)) // self.linear_days)
            left = size - number * (share + 1)
        return left.clip(lower_bound=0)


@dataclass(frozen=True)
class Contribution:
    """One compiled rule: lead columns with its interval (after its own cap), and its ageing if it ages."""

    rule: Rule
    low: str
    high: str
    ageing: Ageing | None = None
    cap: int = MOST_MILLI
    positive: bool = True
    endless: End | None = None  # this end stands at the cap, whatever the activities, and does not age

    def at(self, end: End, drift: Drift) -> pl.Expr:
        """One end of the interval now, or its bound later."""
        ages = drift == ("fallen" if self.positive else "risen") and end != self.endless
        if self.ageing is None or not ages:
            return pl.col(self.low if end == "low" else self.high)
        size = self.ageing.fallen(end).clip(upper_bound=self.cap)
        return size if self.positive else -size


@dataclass(frozen=True)
class CompiledScore:
    """A score's shape and its compiled rules, in the order of the policy (own rules, then group by group)."""

    name: str
    score: Score
    rules: tuple[Contribution, ...]
    groups: tuple[tuple[Contribution, ...], ...]
    parts: tuple[tuple[int, CompiledScore], ...] = ()

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Its own rules and those of its groups, in the order of the policy."""
        return (*self.rules, *(one for group in self.groups for one in group))

    @property
    def longest_ageing(self) -> int:
        """Days after which nothing ages any more; 0 when nothing does."""
        own = [one.ageing.days for one in self.contributions if one.ageing]
        return max([*own, *(part.longest_ageing for _, part in self.parts)], default=0)

    def at(self, end: End, drift: Drift = "now") -> pl.Expr:
        """One end of the score's interval now, or its bound later (milli-points)."""
        if self.parts:
            total = pl.lit(0, dtype=pl.Int64)
            for units, part in self.parts:
                total += units * (part.at(end, drift) if units >= 0 else part.at(_other(end), _opposite(drift)))
            return _limited(_thousandth(total), self.score)
        total = _sum([one.at(end, drift) for one in self.rules])
        for shape, group in zip(self.score.groups, self.groups, strict=True):
            total += _limited(_sum([one.at(end, drift) for one in group]), shape)
        return _limited(total, self.score)


def compile_score(
    builder: Builder, name: str, score: Score, others: Mapping[str, CompiledScore]
) -> tuple[CompiledScore, dict[str, pl.Expr]]:
    """Compiles one score, for a `define`: with its columns `score.<name>.low` and `.high`."""
    if score.combine is not None:
        parts = tuple((weight_units(weight), others[part]) for part, weight in sorted(score.combine.items()))
        compiled = CompiledScore(name, score, (), (), parts)
        asked = [f"score.{part}.{end}" for part in sorted(score.combine) for end in ("low", "high")]
    else:
        rules = _compile_rules(builder, f"#rule.{name}.own", score.rules)
        groups = tuple(
            _compile_rules(builder, f"#rule.{name}.{number}", group.rules)
            for number, group in enumerate(score.groups)
        )
        compiled = CompiledScore(name, score, rules, groups)
        asked = [column for one in compiled.contributions for column in (one.low, one.high)]
    for column in asked:
        builder.column(column)
    return compiled, {f"score.{name}.low": compiled.at("low"), f"score.{name}.high": compiled.at("high")}


def band(points: pl.Expr, score: Score) -> pl.Expr:
    """The label of the highest band reached; null below the lowest."""
    label = pl.lit(None, dtype=pl.String)
    for word, lowest in reversed(bands_of(score)):
        label = pl.when(points >= milli(lowest)).then(pl.lit(word)).otherwise(label)
    return label


@dataclass(frozen=True)
class Watch:
    """What the review looks at: bounds of scores for a later day, and thresholds they could have crossed by then.

    `bounds` are expressions over lead columns and `#later`; `crossed` are predicates over the bounds and the scores
    of today, and monotone in the days.
    """

    bounds: Mapping[str, pl.Expr]
    crossed: tuple[pl.Expr, ...]
    days: int


def watch_of(compiled: CompiledScore, thresholds: set[int], band_edges: set[int]) -> Watch:
    """Watches a score's thresholds (both ends count) and band edges (the low end counts), milli-points."""
    name = compiled.name
    low, high = pl.col(f"score.{name}.low"), pl.col(f"score.{name}.high")
    bounds: dict[str, pl.Expr] = {}

    def bound(end: End, drift: Drift) -> pl.Expr:
        return pl.col(bounds_column(end, drift))

    def bounds_column(end: End, drift: Drift) -> str:
        column = f"#bound.{name}.{end}.{drift}"
        bounds.setdefault(column, compiled.at(end, drift))
        return column

    crossed = []
    for edge in sorted(thresholds):
        from_unknown = (bound("low", "risen") >= edge) | (bound("high", "fallen") < edge)
        crossed.append(
            pl.when(low >= edge)
            .then(bound("low", "fallen") < edge)
            .when(high < edge)
            .then(bound("high", "risen") >= edge)
            .otherwise(from_unknown)
        )
    for edge in sorted(band_edges - thresholds):
        falls, rises = bound("low", "fallen") < edge, bound("low", "risen") >= edge
        crossed.append(pl.when(low >= edge).then(falls).otherwise(rises))
    return Watch(bounds, tuple(crossed), compiled.longest_ageing)


def _compile_rules(builder: Builder, column: str, rules: tuple[Rule, ...]) -> tuple[Contribution, ...]:
    return tuple(_compile_rule(builder, f"{column}.{index}", rule) for index, rule in enumerate(rules))


def _compile_rule(builder: Builder, column: str, rule: Rule) -> Contribution:
    if isinstance(rule, ActivityRule):
        return _compile_activity_rule(builder, column, rule)
    options: list[tuple[Callable[[], pl.Expr], int]]
    if isinstance(rule, WhenRule):
        options, otherwise = [(partial(builder.verdict, rule.when), milli(rule.points))], 0
    elif isinstance(rule, FirstRule):
        options = [(partial(builder.verdict, option.when), milli(option.points)) for option in rule.first]
        otherwise = milli(rule.otherwise)
    else:
        options, otherwise = _values_as_options(builder, rule), milli(rule.otherwise)

    def define() -> Mapping[str, pl.Expr]:
        low: list[pl.Expr] = []
        high: list[pl.Expr] = []
        open_ = pl.lit(True)  # no earlier option is surely met
        for verdict_of, points in options:
            verdict = verdict_of()
            possible = open_ & perhaps(verdict)
            for ends in (low, high):
                ends.append(pl.when(possible).then(pl.lit(points, dtype=pl.Int64)))
            open_ &= ~surely(verdict)
        for ends in (low, high):
            ends.append(pl.when(open_).then(pl.lit(otherwise, dtype=pl.Int64)))
        return {f"{column}.low": pl.min_horizontal(low), f"{column}.high": pl.max_horizontal(high)}

    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high")


def _values_as_options(builder: Builder, rule: ValuesRule) -> list[tuple[Callable[[], pl.Expr], int]]:
    boolean = builder.fact_type(rule.fact) == "boolean"
    options: list[tuple[Callable[[], pl.Expr], int]] = []
    for word, points in rule.values.items():
        comparison = Comparison.model_construct(fact=rule.fact, is_=word == "true" if boolean else word)
        options.append((partial(comparison.expression, builder), milli(points)))
    return options


def _compile_activity_rule(builder: Builder, column: str, rule: ActivityRule) -> Contribution:
    found, (certain, possible) = builder.matches(rule.activities), builder.windowed(rule.activities)
    positive = milli(rule.points) >= 0
    table, key = _table(rule)
    builder.plan.point_columns[points_column(rule)] = table
    points = pl.col(points_column(rule))

    def summed(of: str) -> str:
        name = f"points {key} {of}"
        builder.aggregate(name, of, points.sum(), 0)
        return f"#a.{name}"

    def numbered(of: str) -> str:
        name = f"number {key} {of}"
        builder.aggregate(name, of, (points != 0).cast(pl.Int64).sum(), 0)
        return f"#a.{name}"

    low, high = (certain, possible) if positive else (possible, certain)
    raw: dict[End, str] = {"low": summed(low), "high": summed(high)}
    ageing = None
    if len(table) > 1:
        number: dict[End, str] = {"low": numbered(low), "high": numbered(high)}
        ageing = Ageing(raw, number, rule.points, rule.half_life_days, rule.linear_days, len(table))
    cap = milli(rule.cap) if rule.cap is not None else MOST_MILLI

    endless: End | None = None
    if not found.provided:  # there may be any number of them
        endless = "high" if positive else "low"

    def define() -> Mapping[str, pl.Expr]:
        ends = {end: pl.col(raw[end]).clip(-cap, cap) for end in raw}
        if endless is not None:
            ends[endless] = pl.lit(cap if positive else -cap, dtype=pl.Int64)
        return {f"{column}.low": ends["low"], f"{column}.high": ends["high"]}

    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high", ageing, cap, positive, endless)


def points_column(rule: ActivityRule) -> str:
    """The activity column with the points each activity has at its age."""
    return f"#points.{_table(rule)[1]}"


def _table(rule: ActivityRule) -> tuple[tuple[int, ...], str]:
    """(points by age, the last for all older ages; a key)."""
    if rule.half_life_days is not None:
        return aged_by_half_life(rule.points, rule.half_life_days), f"{rule.points} half {rule.half_life_days}"
    if rule.linear_days is not None:
        return aged_linearly(rule.points, rule.linear_days), f"{rule.points} linear {rule.linear_days}"
    return (milli(rule.points),), f"{rule.points}"


def _sum(points: list[pl.Expr]) -> pl.Expr:
    total = pl.lit(0, dtype=pl.Int64)
    for one in points:
        total += one
    return total


def _limited(points: pl.Expr, limits: Limited) -> pl.Expr:
    lowest = -MOST_MILLI if limits.floor is None else milli(limits.floor)
    highest = MOST_MILLI if limits.cap is None else milli(limits.cap)
    return points.clip(lowest, highest)


def _thousandth(total: pl.Expr) -> pl.Expr:
    """A thousandth, rounded half away from zero, in whole numbers."""
    size = (total.abs() * 2 + 1000) // 2000
    return pl.when(total >= 0).then(size).otherwise(-size)


def _other(end: End) -> End:
    return "high" if end == "low" else "low"


def _opposite(drift: Drift) -> Drift:
    return {"now": "now", "fallen": "risen", "risen": "fallen"}[drift]  # type: ignore[return-value]
