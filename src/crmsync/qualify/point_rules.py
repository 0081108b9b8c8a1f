"""Compiles the rules of scores: each becomes a lead column for each end of its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import polars as pl

from crmsync.qualify.ageing import Ageing, Contribution, End
from crmsync.qualify.builder import Builder
from crmsync.qualify.criteria.comparison import Comparison
from crmsync.qualify.kleene import perhaps, surely
from crmsync.qualify.points import MOST_MILLI, aged_by_half_life, aged_linearly, milli
from crmsync.qualify.scores import ActivityRule, FirstRule, Rule, ValuesRule, WhenRule


def compile_rules(builder: Builder, column: str, rules: tuple[Rule, ...]) -> tuple[Contribution, ...]:
    """Defines `<column>.<number>.low` and `.high` for each rule (after its own cap, milli-points)."""
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
