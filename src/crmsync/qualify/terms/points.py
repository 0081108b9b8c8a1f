"""Points as whole milli-points, and how they age. Exact arithmetic, never floats: sums must not depend on order.

`1000·p` rounded half away from zero; with half-life `h` days at age `a`: `1000·p·2^(−a/h)`; linear to zero over
`n` days: `1000·p·max(0, n−a)/n`; each rounded likewise. Source: the decision semantics every part relies on.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

MOST_MILLI = 10**12
"""Scores saturate at ±a billion points, so that sums and weights stay within 64 bits."""

_PRECISE = Context(prec=60)
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
    full = exact(points) * 1000
    factor = _PRECISE.power(Decimal(2), _PRECISE.divide(Decimal(-1), Decimal(half_life_days)))
    value = _PRECISE.divide(Decimal(full.numerator), Decimal(full.denominator))
    table: list[int] = []
    age = 0
    while True:
        if age % half_life_days == 0:
            # Whole half-lives are rational, so ties are real: exact. Between them the value is irrational.
            here = full / 2 ** (age // half_life_days)
            value = _PRECISE.divide(Decimal(here.numerator), Decimal(here.denominator))
            table.append(rounded(here))
        else:
            table.append(int(value.to_integral_value(ROUND_HALF_UP)))
        if table[-1] == 0:
            return tuple(table)
        value = _PRECISE.multiply(value, factor)
        age += 1


@lru_cache(maxsize=512)
def aged_linearly(points: float, days: int) -> tuple[int, ...]:
    """Milli-points by age in days, the last one 0."""
    full = exact(points) * 1000
    return tuple(rounded(full * (days - age) / days) for age in range(days + 1))


@lru_cache(maxsize=512)
def half_life_factors(half_life_days: int, days: int) -> tuple[float, ...]:
    """`2^(−t/h)` for t = 0 … days, as the nearest 64-bit floats: bounds for the review day, never points."""
    factor = _PRECISE.power(Decimal(2), _PRECISE.divide(Decimal(-1), Decimal(half_life_days)))
    table, value = [1.0], Decimal(1)
    for _ in range(days):
        value = _PRECISE.multiply(value, factor)
        table.append(float(value))
    return tuple(table)
