"""95 % intervals: Wilson's for shares, the bootstrap's for everything else. The same data give the same interval."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

Interval = tuple[float, float]
Z_95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
SAMPLES = 300
SEED = 20_240_229


def wilson(part: int, whole: int) -> Interval:
    """Interval of the share part/whole (E. B. Wilson 1927); everything is possible where nobody was asked."""
    return wilson_of(part / whole, whole) if whole else (0.0, 1.0)


def wilson_of(share: float, whole: float) -> Interval:
    """The same of a number that need not be whole, but is not 0."""
    square = Z_95 * Z_95
    middle = share + square / (2 * whole)
    reach = Z_95 * (share * (1 - share) / whole + square / (4 * whole * whole)) ** 0.5
    low, high = (middle - reach) / (1 + square / whole), (middle + reach) / (1 + square / whole)
    return max(0.0, low), min(1.0, high)


def bootstrap(
    frame: pl.DataFrame,
    measure: Callable[[pl.DataFrame], float | None],
    *,
    samples: int = SAMPLES,
    seed: int = SEED,
) -> Interval | None:
    """The middle 95 % of a measure over leads drawn with replacement (Efron's percentile interval).

    Samples in which nothing can be measured are left out; null when that is most of them.
    """
    if frame.is_empty():
        return None
    drawn = (frame.sample(frame.height, with_replacement=True, seed=seed + index) for index in range(samples))
    found = sorted(value for value in map(measure, drawn) if value is not None)
    if len(found) < samples / 2:
        return None
    last = len(found) - 1
    return found[round(0.025 * last)], found[round(0.975 * last)]
