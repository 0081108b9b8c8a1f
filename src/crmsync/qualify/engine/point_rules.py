"""Compiles the rules of scores: each becomes a lead column for each end of its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl

from crmsync.qualify.columns.builder import Builder
from crmsync.qualify.columns.grouping import points_once
from crmsync.qualify.columns.kleene import perhaps, surely
from crmsync.qualify.columns.silence import silence_of
from crmsync.qualify.columns.spacing import spaced
from crmsync.qualify.engine.ageing import Ageing, Contribution, End, Silence
from crmsync.qualify.language.scores import ActivityRule, Rule, SilenceRule, ValuesRule, WhenRule
from crmsync.qualify.terms.points import MOST_MILLI, aged_by_half_life, aged_linearly, milli
from crmsync.values import replace


def compile_rules(builder: Builder, column: str, rules: tuple[Rule, ...]) -> tuple[Contribution, ...]:
    """Defines `<column>.<number>.low` and `.high` for each rule (after its own cap, milli-points)."""
    return tuple(_compile_rule(builder, f"{column}.{index}", rule) for index, rule in enumerate(rules))


def _compile_rule(builder: Builder, column: str, rule: Rule) -> Contribution:
    if isinstance(rule, ActivityRule):
        return _compile_activity_rule(builder, column, rule)
    if isinstance(rule, SilenceRule):
        return _compile_silence_rule(builder, column, rule)
    if isinstance(rule, ValuesRule):
        return _compile_values_rule(builder, column, rule)
    if isinstance(rule, WhenRule):
        options, otherwise = [(rule.when, milli(rule.points))], 0
    else:
        options, otherwise = [(option.when, milli(option.points)) for option in rule.first], milli(rule.otherwise)
    met = f"#first.{column}"

    def first_met() -> Mapping[str, pl.Expr]:
        """The number of the first option that is surely met; null where none is."""
        sure = [
            pl.when(surely(builder.verdict(when))).then(pl.lit(number, dtype=pl.Int32))
            for number, (when, _) in enumerate(options)
        ]
        return {met: pl.min_horizontal(sure)}

    def define() -> Mapping[str, pl.Expr]:
        first = builder.column(met)
        ends = [pl.when(first.is_null()).then(pl.lit(otherwise, dtype=pl.Int64))]
        for number, (when, points) in enumerate(options):
            possible = perhaps(builder.verdict(when)) & (first.is_null() | (first >= number))
            ends.append(pl.when(possible).then(pl.lit(points, dtype=pl.Int64)))
        return {f"{column}.low": pl.min_horizontal(ends), f"{column}.high": pl.max_horizontal(ends)}

    builder.makers[met] = first_met
    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high")


def _compile_values_rule(builder: Builder, column: str, rule: ValuesRule) -> Contribution:
    """A known fact has one of the values or another one; an unknown one may have any."""
    kind, otherwise = builder.fact_type(rule.fact), milli(rule.otherwise)
    points: dict[object, int] = {}
    for word, given in rule.values.items():
        value = word == "true" if kind == "boolean" else word.lower() if kind == "text" else word
        points.setdefault(value, milli(given))
    possible = [*map(milli, rule.values.values()), otherwise]

    def define() -> Mapping[str, pl.Expr]:
        fact = builder.fact(rule.fact)
        known = fact.replace_strict(list(points), list(points.values()), default=otherwise, return_dtype=pl.Int64)
        ends = {"low": min(possible), "high": max(possible)}
        return {
            f"{column}.{end}": pl.when(fact.is_null()).then(pl.lit(any_, dtype=pl.Int64)).otherwise(known)
            for end, any_ in ends.items()
        }

    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high")


def _compile_activity_rule(builder: Builder, column: str, rule: ActivityRule) -> Contribution:
    found, (certain, possible) = builder.matches(rule.activities), builder.windowed(rule.activities)
    if rule.once_in_days is not None:
        certain, possible = (_spaced(builder, of, rule.once_in_days) for of in (certain, possible))
    positive, table = milli(rule.points) >= 0, _table(rule)
    builder.plan.point_columns[points_column(rule)] = table

    low, high = (certain, possible) if positive else (possible, certain)

    def given(what: _What, key: str) -> dict[End, str]:
        """The lead columns of both ends, of the points or the fresh points."""
        ends: tuple[tuple[End, str], ...] = (("low", low), ("high", high))
        return {end: _given_by(builder, rule, of, key, what, most=of == possible) for end, of in ends}

    raw, ageing = given("points", _key(rule)), None
    if len(table) > 1:
        ageing = Ageing(
            raw, given("number", _key(rule)), rule.points, rule.half_life_days, rule.linear_days, len(table)
        )
    if ageing is not None and rule.after_days is not None:
        fresh = f"{milli(rule.points)} up to {rule.after_days}"
        builder.plan.point_columns[_points_column(fresh)] = (*table[: rule.after_days + 1], 0)
        ageing = replace(ageing, fresh=given("points", fresh), fresh_number=given("number", fresh))
    cap = milli(rule.cap) if rule.cap is not None else MOST_MILLI

    endless: End | None = None
    if not found.provided and milli(rule.points):  # there may be any number of them
        endless = "high" if positive else "low"

    def define() -> Mapping[str, pl.Expr]:
        ends = {end: pl.col(raw[end]).clip(-cap, cap) for end in raw}
        if endless is not None:
            ends[endless] = pl.lit(cap if positive else -cap, dtype=pl.Int64)
        return {f"{column}.low": ends["low"], f"{column}.high": ends["high"]}

    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high", ageing, cap, positive, endless)


def _spaced(builder: Builder, of: str, days: int) -> str:
    """The mask of those under another one that count where only one in so many days does."""
    return builder.mask(f"{of} once in {days}", spaced(builder.plan.masks[of], days))


_What = Literal["points", "number"]


def _given_by(builder: Builder, rule: ActivityRule, of: str, key: str, what: _What, *, most: bool) -> str:
    """Asks for the points of the activities under the mask `of`, or for how many give some: gives the lead column.

    `key`: of the activity column with their points. `most`: where one counts of each of something that is not always
    known, the most they may give, or the fewest.
    """
    column, per = _points_column(key), rule.group
    name, points = f"{what} {key} {per or 'each'} {of}", pl.col(column)
    if per is None:
        value = points if what == "points" else (points != 0).cast(pl.Int64)
        builder.aggregate(name, of, value.sum(), 0)
    else:
        once = points_once(column, per, positive=milli(rule.points) >= 0, most=most)
        builder.aggregate_once(name, of, once, once.points if what == "points" else once.number, per)
    return f"#a.{name}"


def points_column(rule: ActivityRule) -> str:
    """The activity column with the points each activity has at its age."""
    return _points_column(_key(rule))


def _points_column(key: str) -> str:
    return f"#points.{key}"


def _table(rule: ActivityRule) -> tuple[int, ...]:
    """Points by age, the last for all older ages."""
    fresh = (milli(rule.points),) * (rule.after_days or 0)
    if rule.half_life_days is not None:
        return (*fresh, *aged_by_half_life(rule.points, rule.half_life_days))
    if rule.linear_days is not None:
        return (*fresh, *aged_linearly(rule.points, rule.linear_days))
    return (milli(rule.points),)


def _key(rule: ActivityRule) -> str:
    """The same text for points that age alike."""
    after = f" after {rule.after_days}" if rule.after_days is not None else ""
    if rule.half_life_days is not None:
        return f"{rule.points} half {rule.half_life_days}{after}"
    return f"{rule.points} linear {rule.linear_days}{after}" if rule.linear_days is not None else f"{rule.points}"


def _compile_silence_rule(builder: Builder, column: str, rule: SilenceRule) -> Contribution:
    shortest, longest = silence_of(builder, rule.silence)
    points = milli(rule.points)
    cap = 0 if points == 0 else MOST_MILLI if rule.cap is None else milli(rule.cap)
    silence = Silence(f"{column}.shortest", f"{column}.longest", points, rule.per_days, cap)
    builder.define(lambda: {silence.shortest: shortest, silence.longest: longest})

    def define() -> Mapping[str, pl.Expr]:
        for asked in (silence.shortest, silence.longest):
            builder.column(asked)
        return {f"{column}.low": silence.at("low", "now"), f"{column}.high": silence.at("high", "now")}

    builder.define(define)
    return Contribution(rule, f"{column}.low", f"{column}.high", positive=points >= 0, silence=silence)
