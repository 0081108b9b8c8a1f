"""Three-valued logic on polars columns: true = met, false = not met, null = unknown.

polars' own `&`, `|`, `not`, `all_horizontal` and `any_horizontal` are Kleene's. What is not: `when(null)` takes
the *otherwise* branch, `sum_horizontal` counts null as 0, and `NaN >= 50` is true. So whatever goes through
`when` or a count goes through this module.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def verdict_of(met: pl.Expr, maybe: pl.Expr) -> pl.Expr:
    """Met where `met`; unknown where only `maybe`; else not met. Both must be known everywhere."""
    return pl.when(met).then(True).when(maybe).then(None).otherwise(False)


def reaches(low: pl.Expr, high: pl.Expr, threshold: int) -> pl.Expr:
    """Whether a value known to lie in [low, high] is at least `threshold`."""
    return verdict_of(low >= threshold, high >= threshold)


def surely(verdict: pl.Expr) -> pl.Expr:
    """True only where met: unknown does not count."""
    return verdict.fill_null(False)


def perhaps(verdict: pl.Expr) -> pl.Expr:
    """True where met or unknown."""
    return verdict.fill_null(True)


def how_many(verdicts: Sequence[pl.Expr]) -> tuple[pl.Expr, pl.Expr]:
    """(surely met, perhaps met) counts."""
    low = pl.sum_horizontal([surely(verdict).cast(pl.Int32) for verdict in verdicts])
    high = pl.sum_horizontal([perhaps(verdict).cast(pl.Int32) for verdict in verdicts])
    return low, high
