"""Intervals of counts and amounts hold what they claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from crmsync.estimate import counts
from crmsync.estimate.counts import amount_interval, count_interval, count_interval_between, nothing_comes

if TYPE_CHECKING:
    from scipy.stats import rv_discrete


def spread(mean: float, variance: float) -> rv_discrete:
    """The distribution with these moments, as scipy has it."""
    from scipy import stats  # not before: the threads of what it loads would not outlive the fork of a worker

    if variance > mean:
        return stats.nbinom(mean**2 / (variance - mean), mean / variance)
    if variance < mean:
        number = round(mean**2 / (mean - variance))
        return stats.binom(number, mean / number)
    return stats.poisson(mean)


@pytest.mark.parametrize(
    ("mean", "variance"), [(6, 6), (40, 40), (12, 30), (300, 900), (1_500, 1_500), (5_000, 9_000), (8, 6), (50, 25)]
)
def test_the_middle_80_percent_are_80_percent(mean: float, variance: float) -> None:
    low, high = count_interval(mean, variance)
    told = spread(mean, variance)
    inside = told.cdf(high) - told.cdf(low - 1)
    borders = told.pmf(low) + told.pmf(high)
    assert inside - borders <= 0.8 <= inside + borders
    below, above = told.cdf(low - 1) + told.pmf(low) / 2, told.sf(high) + told.pmf(high) / 2
    assert below == pytest.approx(0.1, abs=told.pmf(low)) and above == pytest.approx(0.1, abs=told.pmf(high))


@pytest.mark.parametrize(
    ("mean", "variance"), [(9.2, 2.7e7), (50, 1e6), (50, 5e4), (500, 5e6), (1_999, 3.9e6), (6_000, 1e9), (1e6, 3e9)]
)
def test_a_variance_of_any_size_is_reckoned_with_few_weights(
    monkeypatch: pytest.MonkeyPatch, mean: float, variance: float
) -> None:
    """A year that holds a bulk import has such a variance."""
    plain, listed = counts._steps, 0

    def counted(a: float, b: float, middle: int, step: int) -> Iterator[float]:
        nonlocal listed
        for weight in plain(a, b, middle, step):
            listed += 1
            assert listed < 200_000
            yield weight

    monkeypatch.setattr(counts, "_steps", counted)
    low, high = count_interval(mean, variance)
    assert count_interval_between(mean / 2, mean, variance)[1] == high
    told = spread(mean, variance)
    assert high == pytest.approx(told.ppf(0.9), rel=0.015, abs=1)
    assert low == pytest.approx(told.ppf(0.1), abs=max(1, 0.015 * mean))


def test_nothing_is_nothing_and_little_begins_at_nothing() -> None:
    assert count_interval(0, 0) == (0, 0)
    assert count_interval(0.1, 0.1) == (0, 0)
    assert count_interval(1.5, 1.5)[0] == 0
    assert count_interval(7.0, 0.0) == (7, 7)


@pytest.mark.parametrize(("mean", "variance"), [(0.5, 0.5), (1.2, 1.2), (3.0, 3.0), (1.0, 2.0), (2.0, 9.0)])
def test_how_likely_it_is_that_nothing_comes(mean: float, variance: float) -> None:
    assert nothing_comes(mean, variance) == pytest.approx(spread(mean, variance).pmf(0))


@pytest.mark.parametrize("shape", [0.04, 0.1, 0.3, 0.49])
def test_of_amounts_that_few_bring_both_ends_are_right(shape: float) -> None:
    from scipy import stats

    told = stats.gamma(shape, scale=1_000.0 / shape)
    low, high = amount_interval(1_000.0, told.var())
    assert told.cdf(high) == pytest.approx(0.9, abs=1e-6)
    assert told.ppf(0.1) == pytest.approx(low, abs=1e-6)


@pytest.mark.parametrize("shape", [0.5, 1.0, 4.0, 100.0])
def test_amounts_are_those_of_the_gamma_distribution(shape: float) -> None:
    from scipy import stats

    mean = 1_000.0
    told = stats.gamma(shape, scale=mean / shape)
    low, high = amount_interval(mean, told.var())
    assert told.cdf(low) == pytest.approx(0.1, abs=0.1 if shape < 1 else 0.015)
    assert told.cdf(high) == pytest.approx(0.9, abs=0.01)
    assert amount_interval(0.0, 0.0) == (0.0, 0.0)
    assert amount_interval(7.0, 0.0) == (7.0, 7.0)
