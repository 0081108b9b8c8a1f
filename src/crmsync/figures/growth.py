"""Whether numbers grow or shrink from stretch to stretch, all along, and by how much.

The growth is that of a curve e^(a+gt), fitted as to Poisson numbers, with as much more variance as they scatter
around it (P. McCullagh, J. A. Nelder, Generalized Linear Models, 1989, section 6.2). Of what is found, as much is
believed as is more than chance (James and Stein's way) and as the later half may have grown, too, and nothing where
one half went another way than the whole: a season is no growth, nor is what grew once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import copysign, exp, sqrt
from operator import mul

LEAST_STRETCHES = 6
"""Of fewer nothing is said."""
FEW = 10
"""Nor where so few are counted in all."""
MOST = 0.25
"""Faster growth from stretch to stretch is not believed (as a logarithm)."""
STEPS = 40


@dataclass(frozen=True, slots=True)
class Growth:
    """`rate`: the logarithm of what each stretch is of the one before, with its `variance`."""

    rate: float
    variance: float

    def times(self, stretches: float) -> float:
        """So many times as much it is after so many stretches."""
        return exp(self.rate * stretches)


def growth(counts: Sequence[int]) -> Growth | None:
    """Of these numbers, the latest first; null = none that can be told from chance."""
    half = len(counts) // 2
    if len(counts) < LEAST_STRETCHES or min(sum(counts[:half]), sum(counts[half:])) < FEW:
        return None
    whole, lately, before = _fitted(counts), _fitted(counts[:half]), _fitted(counts[half:])
    believed = 1 - whole.variance / whole.rate**2 if whole.rate else 0.0
    if believed <= 0 or min(whole.rate * lately.rate, whole.rate * before.rate) <= 0:
        return None
    rate = min(abs(whole.rate) * believed, abs(lately.rate) + sqrt(lately.variance), MOST)
    return Growth(copysign(rate, whole.rate), whole.variance * believed)


def _fitted(counts: Sequence[int]) -> Growth:
    """The rate at which the mean time of all that were counted is what such a curve's would be, by halving."""
    number, every = len(counts), sum(counts)
    times = [(number - 1) / 2 - place for place in range(number)]
    low, high, wanted = -1.0, 1.0, sum(map(mul, counts, times)) / every
    for _ in range(STEPS):
        rate = (low + high) / 2
        low, high = (rate, high) if _mean_and_spread(rate, times)[0] < wanted else (low, rate)
    weights = [exp(rate * time) for time in times]
    means = [every * weight / sum(weights) for weight in weights]
    scatter = sum((count - mean) ** 2 / mean for count, mean in zip(counts, means, strict=True)) / (number - 2)
    return Growth(rate, max(1.0, scatter) / (every * _mean_and_spread(rate, times)[1]))


def _mean_and_spread(rate: float, times: Sequence[float]) -> tuple[float, float]:
    """Of the times on the curve."""
    weights = [exp(rate * time) for time in times]
    mean = sum(map(mul, weights, times)) / sum(weights)
    return mean, sum(weight * (time - mean) ** 2 for weight, time in zip(weights, times, strict=True)) / sum(weights)
