"""The interval of a number of things, of which mean and variance are known.

The counts are taken for ones of the class (a, b, 0), which the two determine: binomial where the variance is below
the mean, Poisson's where they are alike, negative binomial above (H. H. Panjer, ASTIN Bulletin 12, 1981). A whole
number cannot lie outside in exactly one of five cases; half of the border's own chance is reckoned to each side, so
that 80 % intervals hold what they claim in the mean, and not more.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, lgamma, log, sqrt

Z_80 = 1.2815515655446004
"""The 90 % point of the normal distribution."""
TAIL = 0.1
MANY = 2_000
"""From this mean on, the normal distribution is as good; from so many times the mean as variance, gamma's is."""
NOTHING = 1e-9
UNEVEN = 0.5
"""Of a gamma distribution: below this shape most of a sum comes from few of its parts."""


def count_interval(mean: float, variance: float) -> tuple[int, int]:
    """The middle 80 % of such counts."""
    if mean <= NOTHING:
        return 0, 0
    if variance <= NOTHING:
        return round(mean), round(mean)
    if variance > MANY * mean:
        low_end, high_end = amount_interval(mean, variance)
        return round(low_end), round(high_end)
    if mean > MANY:
        reach = Z_80 * sqrt(variance)
        return max(0, round(mean - reach)), round(mean + reach)
    first, weights = _weights(mean, variance)
    whole, below = sum(weights), 0.0
    low = high = first
    for count, weight in enumerate(weights, start=first):
        share = (below + weight / 2) / whole
        below += weight
        if share < TAIL:
            low = count + 1
        if share <= 1 - TAIL:
            high = count
    return min(low, high), max(low, high)


def count_interval_between(one: float, other: float, variance: float) -> tuple[int, int]:
    """The same where the mean may be either, or anything in between."""
    return count_interval(min(one, other), variance)[0], count_interval(max(one, other), variance)[1]


def amount_interval(mean: float, variance: float) -> tuple[float, float]:
    """The middle 80 % of a sum that cannot be negative: of the gamma distribution with these moments, by E. B. Wilson
    and M. M. Hilferty's cubes (1931). Unlike a lognormal, it lets a month bring next to nothing. Of shapes for which
    the cubes are too far off, by the distribution's own series.
    """
    if mean <= 0 or variance <= NOTHING:
        return max(mean, 0.0), max(mean, 0.0)
    shape = mean**2 / variance
    if shape < UNEVEN:
        return _gamma_quantile(shape, TAIL) * mean / shape, _gamma_quantile(shape, 1 - TAIL) * mean / shape
    wide = variance / (9 * mean**2)
    low, high = (mean * max(0.0, 1 - wide + side * Z_80 * sqrt(wide)) ** 3 for side in (-1, 1))
    return low, high


def nothing_comes(mean: float, variance: float) -> float:
    """The chance that such a count is 0."""
    if mean <= NOTHING:
        return 1.0
    if variance <= mean + NOTHING:
        return exp(-mean)
    return float((mean / variance) ** (mean**2 / (variance - mean)))


def _gamma_quantile(shape: float, share: float) -> float:
    """Below this lies that share of the gamma distribution of this shape and scale 1; halved in between."""
    low, high = 0.0, 1.0
    while _gamma_below(shape, high) < share:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _gamma_below(shape, middle) < share else (low, middle)
    return high


def _gamma_below(shape: float, reach: float) -> float:
    """The distribution's function, by its series (M. Abramowitz, I. A. Stegun, 6.5.29)."""
    term = total = 1.0
    count = 0
    while term > NOTHING * total:
        count += 1
        term *= reach / (shape + count)
        total += term
    return exp(shape * log(reach) - reach - lgamma(shape + 1)) * total if reach > 0 else 0.0


def _weights(mean: float, variance: float) -> tuple[int, list[float]]:
    """The first count that matters, and how often it and the following occur beside the most frequent one."""
    a = 1 - mean / variance
    b = mean * (1 - a) - a
    middle = max(0, round(mean))
    above = list(_steps(a, b, middle, 1))
    below = list(_steps(a, b, middle, -1))
    return middle - len(below), [*reversed(below), 1.0, *above]


def _steps(a: float, b: float, middle: int, step: int) -> Iterator[float]:
    weight, count = 1.0, middle
    while True:
        if step > 0:
            count += 1
            weight *= a + b / count
        else:
            if count == 0 or a + b / count <= 0:
                return
            weight /= a + b / count
            count -= 1
        if weight < NOTHING:
            return
        yield weight
