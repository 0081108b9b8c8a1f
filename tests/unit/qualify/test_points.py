"""Points: exact, whole, rounded half away from zero."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from crmsync.qualify.terms.points import (
    aged_by_half_life,
    aged_linearly,
    half_life_factors,
    milli,
    rounded,
    weight_units,
)


@pytest.mark.parametrize(
    ("value", "whole"),
    [("5/2", 3), ("-5/2", -3), ("7/2", 4), ("2.4999", 2), ("-0.5", -1), ("0.5", 1), ("0", 0), ("-0.4", 0)],
)
def test_half_away_from_zero(value: str, whole: int) -> None:
    assert rounded(Fraction(value)) == whole


@pytest.mark.parametrize(("points", "expected"), [(10, 10_000), (0.1, 100), (-2.5, -2500), (0.0005, 1), (1e6, 10**9)])
def test_points_are_what_was_written(points: float, expected: int) -> None:
    assert milli(points) == expected


def test_weights_have_three_decimals() -> None:
    assert (weight_units(0.333), weight_units(-1), weight_units(0.0005)) == (333, -1000, 1)


@pytest.mark.parametrize("points", [8, 5, 0.3, -7.77])
@pytest.mark.parametrize("half_life", [1, 7, 30, 365])
def test_half_lives(points: float, half_life: int) -> None:
    table = aged_by_half_life(points, half_life)
    assert table[-1] == 0
    assert 0 not in table[:-1]
    for age, here in enumerate(table):
        assert abs(here - 1000 * points * 2 ** (-age / half_life)) <= 0.5 + 1e-6
    assert sorted(map(abs, table), reverse=True) == list(map(abs, table))


def test_ties_of_whole_half_lives_are_exact() -> None:
    """5000, 2500, 1250, 625, 312.5 → 313, 156.25 → 156, …"""
    assert aged_by_half_life(5, 1)[:6] == (5000, 2500, 1250, 625, 313, 156)
    assert aged_by_half_life(-5, 1)[4] == -313


def test_linear_ageing_reaches_zero_on_the_last_day() -> None:
    assert aged_linearly(1, 3) == (1000, 667, 333, 0)
    assert aged_linearly(-0.001, 2) == (-1, -1, 0)


def test_factors_bound_nothing_but_reviews() -> None:
    factors = half_life_factors(7, 70)
    assert len(factors) == 71
    assert all(math.isclose(factor, 2 ** (-day / 7)) for day, factor in enumerate(factors))


def test_the_longest_table_is_bounded() -> None:
    assert len(aged_by_half_life(1_000_000, 3650)) < 3650 * 32
