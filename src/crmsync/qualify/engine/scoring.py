"""Scores as expressions: the sum of their rules within their limits, and bands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

import polars as pl
from msgspec import Struct

from crmsync.qualify.columns.builder import Builder, in_window
from crmsync.qualify.columns.grouping import group_column
from crmsync.qualify.columns.running import Addend, running_totals, without_any
from crmsync.qualify.engine.ageing import Contribution, Drift, End
from crmsync.qualify.engine.point_rules import compile_rules
from crmsync.qualify.language.scores import ActivityRule, Limited, Score, bands_of
from crmsync.qualify.terms.points import MOST_MILLI, milli, weight_units


class CompiledScore(Struct, frozen=True):
    """A score's shape and its compiled rules, in the order of the policy (own rules, then group by group).

    `parts`: weight in thousandths and score of a combination. `height`: how many combinations lie inside each other.
    `longest_ageing`: days after which time alone changes nothing any more; 0 when it never does.
    """

    name: str
    score: Score
    rules: tuple[Contribution, ...]
    groups: tuple[tuple[Contribution, ...], ...]
    parts: tuple[tuple[int, CompiledScore], ...] = ()
    running: Mapping[End, str] | None = None
    height: int = 0
    longest_ageing: int = 0

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """Its own rules and those of its groups, in the order of the policy."""
        return (*self.rules, *(one for group in self.groups for one in group))

    def at(self, end: End, drift: Drift = "now", *, of: PartAt) -> pl.Expr:
        """One end of the score's interval now, or its bound later (milli-points). `of`: the same of its parts."""
        if self.running is not None:  # nothing in it ages
            return pl.col(self.running[end])
        if self.parts:
            total = pl.lit(0, dtype=pl.Int64)
            for units, part in self.parts:
                total += units * (of(part, end, drift) if units >= 0 else of(part, _other(end), _opposite(drift)))
            return _limited(_thousandth(total), self.score)
        total = _sum([one.at(end, drift) for one in self.rules])
        for shape, group in zip(self.score.groups, self.groups, strict=True):
            total += _limited(_sum([one.at(end, drift) for one in group]), shape)
        return _limited(total, self.score)


PartAt = Callable[[CompiledScore, End, Drift], pl.Expr]
"""One end of a part, now or later. Parts have columns of their own: one is often a part of several."""


def column_at(score: CompiledScore, end: End, drift: Drift) -> pl.Expr:
    """What the score is now."""
    assert drift == "now"
    return pl.col(f"score.{score.name}.{end}")


def compile_score(
    builder: Builder, name: str, score: Score, others: Mapping[str, CompiledScore]
) -> tuple[CompiledScore, dict[str, pl.Expr]]:
    """Compiles one score, for a `define`: with its columns `score.<name>.low` and `.high`."""
    if score.combine is not None:
        parts = tuple((weight_units(weight), others[part]) for part, weight in sorted(score.combine.items()))
        height = 1 + max((part.height for _, part in parts), default=0)
        longest = max((part.longest_ageing for _, part in parts), default=0)
        compiled = CompiledScore(name, score, (), (), parts, height=height, longest_ageing=longest)
        asked = [f"score.{part}.{end}" for part in sorted(score.combine) for end in ("low", "high")]
    else:
        rules = compile_rules(builder, f"#rule.{name}.own", score.rules)
        groups = tuple(
            compile_rules(builder, f"#rule.{name}.{number}", group.rules) for number, group in enumerate(score.groups)
        )
        running = _running(builder, name, score) if score.running else None
        longest = max((one.days for one in (*rules, *chain.from_iterable(groups))), default=0)
        compiled = CompiledScore(name, score, rules, groups, running=running, longest_ageing=longest)
        asked = [column for one in compiled.contributions for column in (one.low, one.high)]
    for column in asked:
        builder.column(column)
    return compiled, {f"score.{name}.{end}": compiled.at(end, of=column_at) for end in ENDS}


def _running(builder: Builder, name: str, score: Score) -> Mapping[End, str]:
    """Defines the two ends of a total that is held within its limits after each day."""
    lowest, highest = _limits(score)
    addends: list[Addend] = []
    endless: dict[End, int] = {}
    for rule in score.rules:
        assert isinstance(rule, ActivityRule)
        found, inside, points = builder.matches(rule.activities), in_window(rule.activities), milli(rule.points)
        if rule.group is not None:
            builder.group(rule.group)
        group = group_column(rule.group) if rule.group is not None else None
        addends.append(Addend(found.certain & inside, found.possible & inside, points, group, rule.once_in_days))
        if points and not found.provided:  # there may be any number of them, on the last day, too
            endless |= {"high": highest} if points > 0 else {"low": lowest}
    builder.plan.per_day[f"running {name}"] = running_totals(
        addends, lowest, highest, lambda end: f"#running.{name}.{end}"
    )
    columns: dict[End, str] = {"low": f"#total.{name}.low", "high": f"#total.{name}.high"}
    builder.define(
        lambda: {
            column: pl.lit(endless[end], dtype=pl.Int64)
            if end in endless
            else pl.coalesce(pl.col(f"#running.{name}.{end}"), without_any(lowest, highest))
            for end, column in columns.items()
        }
    )
    for column in columns.values():
        builder.column(column)
    return columns


def band(points: pl.Expr, score: Score) -> pl.Expr:
    """The label of the highest band reached; null below the lowest."""
    label = pl.lit(None, dtype=pl.String)
    for word, lowest in reversed(bands_of(score)):
        label = pl.when(points >= milli(lowest)).then(pl.lit(word)).otherwise(label)
    return label


def _sum(points: list[pl.Expr]) -> pl.Expr:
    total = pl.lit(0, dtype=pl.Int64)
    for one in points:
        total += one
    return total


def _limited(points: pl.Expr, limits: Limited) -> pl.Expr:
    return points.clip(*_limits(limits))


def _limits(limits: Limited) -> tuple[int, int]:
    lowest = -MOST_MILLI if limits.floor is None else milli(limits.floor)
    return lowest, MOST_MILLI if limits.cap is None else milli(limits.cap)


def _thousandth(total: pl.Expr) -> pl.Expr:
    """A thousandth, rounded half away from zero, in whole numbers."""
    size = (total.abs() * 2 + 1000) // 2000
    return pl.when(total >= 0).then(size).otherwise(-size)


ENDS: tuple[End, ...] = ("low", "high")


def _other(end: End) -> End:
    return "high" if end == "low" else "low"


def _opposite(drift: Drift) -> Drift:
    return {"now": "now", "fallen": "risen", "risen": "fallen"}[drift]  # type: ignore[return-value]
