"""What the review looks at: thresholds and band edges that ageing points could cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmsync.qualify.engine.ageing import Drift, End
from crmsync.qualify.engine.scoring import CompiledScore

WHOLE_POINT = 1000
"""In milli-points."""
_DRIFTS: tuple[Drift, ...] = ("fallen", "risen")


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


def points_watch(compiled: CompiledScore) -> Watch:
    """Watches for another number of whole points (the low end, rounded down)."""
    low = pl.col(f"score.{compiled.name}.low")
    bounds = {f"#bound.{compiled.name}.low.{drift}": compiled.at("low", drift) for drift in _DRIFTS}
    falls, rises = (pl.col(name) // WHOLE_POINT for name in bounds)
    crossed = (falls < low // WHOLE_POINT) | (rises > low // WHOLE_POINT)
    return Watch(bounds, (crossed,), compiled.longest_ageing)
