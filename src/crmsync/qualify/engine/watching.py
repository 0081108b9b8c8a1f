"""What the review looks at: thresholds and band edges that ageing points could cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
from msgspec import Struct

from crmsync.qualify.engine.ageing import Drift, End
from crmsync.qualify.engine.scoring import CompiledScore, column_at

WHOLE_POINT = 1000
"""In milli-points."""
_DRIFTS: tuple[Drift, ...] = ("fallen", "risen")


class Watch(Struct, frozen=True):
    """What the review looks at: bounds of scores for a later day, and thresholds they could have crossed by then.

    `bounds` are expressions over lead columns, `#later` and bounds of the levels before: those of a combination's
    parts. `crossed` are predicates over the bounds and the scores of today, and monotone in the days.
    """

    bounds: Sequence[Mapping[str, pl.Expr]]
    crossed: tuple[pl.Expr, ...]
    days: int


class _Bounds:
    """Bounds by level, each made once however often it is asked for."""

    def __init__(self) -> None:
        self.levels: list[dict[str, pl.Expr]] = []

    def __call__(self, score: CompiledScore, end: End, drift: Drift) -> pl.Expr:
        if drift == "now":
            return column_at(score, end, drift)
        while len(self.levels) <= score.height:
            self.levels.append({})
        level, column = self.levels[score.height], f"#bound.{score.name}.{end}.{drift}"
        if column not in level:
            level[column] = score.at(end, drift, of=self)
        return pl.col(column)


def watch_of(compiled: CompiledScore, thresholds: set[int], band_edges: set[int]) -> Watch:
    """Watches a score's thresholds (both ends count) and band edges (the low end counts), milli-points."""
    name = compiled.name
    low, high = pl.col(f"score.{name}.low"), pl.col(f"score.{name}.high")
    bounds = _Bounds()

    def bound(end: End, drift: Drift) -> pl.Expr:
        return bounds(compiled, end, drift)

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
    return Watch(bounds.levels, tuple(crossed), compiled.longest_ageing)


def points_watch(compiled: CompiledScore) -> Watch:
    """Watches for another number of whole points (the low end, rounded down)."""
    low, bounds = pl.col(f"score.{compiled.name}.low"), _Bounds()
    falls, rises = (bounds(compiled, "low", drift) // WHOLE_POINT for drift in _DRIFTS)
    crossed = (falls < low // WHOLE_POINT) | (rises > low // WHOLE_POINT)
    return Watch(bounds.levels, (crossed,), compiled.longest_ageing)
