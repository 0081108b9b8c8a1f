"""The interval of a number of things, of which mean and variance are known.

The counts are taken for ones of the class (a, b, 0), which the two determine: binomial where the variance is below
the mean, Poisson's where they are alike, negative binomial above (H. H. Panjer, ASTIN Bulletin 12, 1981). A whole
number cannot lie outside in exactly one of five cases; half of the border's own chance is reckoned to each side, so
that 80 % intervals hold what they claim in the mean, and not more.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

Z_80 = 1.2815515655446004
"""The 90 % point of the normal distribution."""
TAIL = 0.1
MANY = 2_000
"""From this mean on, the normal distribution is as good."""
NOTHING = 1e-9


def count_interval(mean: float, variance: float) -> tuple[int, int]:
    """The middle 80 % of such counts."""
    if mean <= NOTHING:
        return 0, 0
    if variance <= NOTHING:
        return round(mean), round(mean)
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


def amount_interval(mean: float, variance: float) -> tuple[float, float]:
    """The middle 80 % of a sum that cannot be negative: of the gamma distribution with these moments, by E. B. Wilson
    and M. M. Hilferty's cubes (1931). Unlike a lognormal, it lets a month bring next to nothing.
    """
    if mean <= 0 or variance <= NOTHING:
        return max(mean, 0.0), max(mean, 0.0)
    wide = variance / (9 * mean**2)
    low, high = (mean * max(0.0, 1 - wide + side * Z_80 * sqrt(wide)) ** 3 for side in (-1, 1))
    return low, high


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
