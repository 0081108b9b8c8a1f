"""Points as whole milli-points, and how they age. Exact arithmetic, never floats: sums must not depend on order.

`1000·p` rounded half away from zero; with half-life `h` days at age `a`: `1000·p·2^(−a/h)`; linear to zero over
`n` days: `1000·p·max(0, n−a)/n`; each rounded likewise. Source: the decision semantics every part relies on.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

MOST_MILLI = 10**12
"""Scores saturate at ±a billion points, so that sums and weights stay within 64 bits."""

_PRECISE = Context(prec=60)
_BITS = 192
_ONE, _HALF = 1 << _BITS, 1 << (_BITS - 1)
_WEIGHT_UNITS = 1000


def exact(number: float) -> Fraction:
    """The number as it was written: 0.1 is a tenth."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def rounded(value: Fraction) -> int:
    """Half away from zero: 2.5 → 3, −2.5 → −3."""
    whole = (abs(value) * 2 + 1) // 2
    return int(whole if value >= 0 else -whole)


def milli(points: float) -> int:
    """Points as milli-points."""
    return rounded(exact(points) * 1000)


def weight_units(weight: float) -> int:
    """A weight in thousandths."""
    return rounded(exact(weight) * _WEIGHT_UNITS)


@lru_cache(maxsize=512)
def aged_by_half_life(points: float, half_life_days: int) -> tuple[int, ...]:
    """Milli-points by age in days, up to and including the first age from which on they are 0."""
    full, factor = exact(points) * 1000, _days_factor(half_life_days)
    size, sign = abs(full.numerator) << _BITS, 1 if full >= 0 else -1
    table: list[int] = []
    age = value = 0
    while True:
        if age % half_life_days == 0:
            # Whole half-lives are rational, so ties are real: exact. Between them the value is irrational.
            value = size // (full.denominator << age // half_life_days)
        table.append(sign * ((value + _HALF) >> _BITS))
        if table[-1] == 0:
            return tuple(table)
        value = (value * factor) >> _BITS
        age += 1


@lru_cache(maxsize=512)
def aged_linearly(points: float, days: int) -> tuple[int, ...]:
    """Milli-points by age in days, the last one 0."""
    full = exact(points) * 1000
    return tuple(rounded(full * (days - age) / days) for age in range(days + 1))


@lru_cache(maxsize=512)
def half_life_factors(half_life_days: int, days: int) -> tuple[float, ...]:
    """`2^(−t/h)` for t = 0 … days, as the nearest 64-bit floats: bounds for the review day, never points."""
    factor, value = _days_factor(half_life_days), _ONE
    table = [1.0]
    for _ in range(days):
        value = (value * factor) >> _BITS
        table.append(value / _ONE)
    return tuple(table)


def _days_factor(half_life_days: int) -> int:
    """What one day leaves of something, in 2^−_BITS: whole numbers are multiplied in a third of a Decimal's time."""
    factor = _PRECISE.power(Decimal(2), _PRECISE.divide(Decimal(-1), Decimal(half_life_days)))
    return int(_PRECISE.multiply(factor, Decimal(_ONE)))
