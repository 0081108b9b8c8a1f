"""Growth of numbers: as another fit finds it, believed where it is more than chance, and reached by the interval."""

from __future__ import annotations

import random
from math import exp, log, pi, sin
from typing import Any

import pytest
from made_up_ways import LADDER, TODAY, changing

from crmsync.figures.arrivals import new_leads
from crmsync.figures.attempts import attempts, by_month
from crmsync.figures.forecast import Forecast, forecast
from crmsync.figures.growth import MOST, growth
from crmsync.showing.report.forecast_words import growth_words
from crmsync.tongue import ENGLISH
from crmsync.values import replace

GROWS = (61, 56, 55, 49, 50, 45, 41, 42, 36, 35, 34, 31)
"""By a twentieth from month to month, the latest first."""


def test_the_rate_is_that_of_the_likeliest_curve() -> None:
    """Held against a general search for the greatest likelihood, and its curvature for the variance."""
    from scipy.optimize import minimize

    def against(numbers: Any) -> float:
        level, rate = numbers
        return sum(exp(level - rate * ago) - count * (level - rate * ago) for ago, count in enumerate(GROWS))

    found = minimize(against, (log(GROWS[0]), 0.0), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    told = growth(GROWS)
    assert told is not None
    means = [exp(found.x[0] - found.x[1] * ago) for ago in range(12)]
    middle = sum(mean * ago for ago, mean in enumerate(means)) / sum(means)
    variance = 1 / sum(mean * (ago - middle) ** 2 for ago, mean in enumerate(means))
    believed = 1 - variance / found.x[1] ** 2
    assert told.rate == pytest.approx(found.x[1] * believed, rel=1e-4)
    assert told.variance == pytest.approx(variance * believed, rel=1e-4)
    assert told.times(2) == pytest.approx(exp(2 * told.rate))


@pytest.mark.parametrize(
    "counts",
    [
        GROWS[:5],
        (3, 2, 2, 2, 1, 2, 1, 1, 1, 1, 0, 1),
        (30,) * 12,
        (60, 0, 60, 0, 60, 0, 60, 0, 60, 0, 60, 0),
        (0,) * 12,
        (0, 0, 0, 0, 0, 90, 0, 0, 0, 0, 0, 30),
        (50, 48, 52, 50, 51, 49, 9, 10, 11, 12, 13, 14),
    ],
    ids=[
        "too few months",
        "too few leads",
        "even",
        "bursts",
        "nobody",
        "two fairs",
        "less and less, and then a jump",
    ],
)
def test_none_is_seen(counts: tuple[int, ...]) -> None:
    assert growth(counts) is None


def test_none_is_made_of_a_season() -> None:
    """Whatever month of it is the last: at most what one half year says goes on."""
    seasons = [
        growth([round(60 + 30 * sin(2 * pi * (first - ago) / 12)) for ago in range(12)]) for first in range(12)
    ]
    assert sum(it is not None for it in seasons) <= 2


def test_chance_is_seldom_taken_for_growth_and_growth_is_bounded() -> None:
    rng = random.Random(3)
    found = [growth([sum(rng.random() < 0.1 for _ in range(300)) for _ in range(12)]) for _ in range(200)]
    assert sum(it is not None and abs(it.rate) > 0.03 for it in found) < 20
    fast = growth([2 ** (12 - ago) for ago in range(12)])
    assert fast is not None and fast.rate == MOST


def made(rate: float) -> Forecast:
    told = attempts(changing(7, lambda month: 3 * rate**month), LADDER.stages, "sqo")
    return forecast(told.on(TODAY), today=TODAY, months=3)


@pytest.mark.parametrize("rate", [1.08, 0.93])
def test_the_interval_reaches_to_what_comes_if_it_goes_on_and_the_rest_is_as_it_was(rate: float) -> None:
    grown = made(rate)
    assert grown.new.growth is not None and grown.new.growth.times(1) == pytest.approx(rate, abs=0.03)
    last = grown.months[-1]
    assert last.grown_new is not None
    lag = (45 + 90) / 30  # to the middle of that month, since the middle of the last 90 days
    assert last.grown_new == pytest.approx(last.from_new * grown.new.growth.times(lag), rel=0.05)
    least, most = last.yet_to_come
    expected = sum(last.from_open.values())
    assert (least if rate < 1 else most) == pytest.approx(expected + last.grown_new)
    assert last.low < least and most < last.high
    bursts = grown.new.uneven > 0.3 * grown.new.per_month_of_year
    assert bursts == (rate < 1), "growth is not taken for bursts, too; a season's rise after its fall has to be"
    if rate > 1:
        assert grown.new.per_month_of_year == pytest.approx(sum(grown.new.per_month.values()), rel=0.1)


def test_it_goes_on_for_three_months_at_most() -> None:
    new = made(1.08).new
    assert new.stretches_on(1) == pytest.approx(45.5 / 30)
    assert new.stretches_on(90) < new.stretches_on(91) == new.stretches_on(400) == pytest.approx(135 / 30)


@pytest.mark.breadth
def test_intervals_hold_where_numbers_grow_all_along() -> None:
    """A small part of what `python tests/bench/forecast.py` holds them to. Without growth 20 of 40 were held."""
    held = 0
    for seed in range(40):
        told = attempts(changing(900 + seed, lambda month: 1.1**month), LADDER.stages, "sqo")
        last = forecast(told.on(TODAY), today=TODAY, months=2).months[-1]
        held += last.low <= by_month(told.came, [last.month])[0] <= last.high
    assert held >= 28, held


def test_it_is_told() -> None:
    more, fewer = made(1.08), made(0.93)
    assert more.new.growth is not None
    share = round(100 * more.new.growth.times(1) - 100)
    assert f"about {share} % more with each 30 days" in growth_words(more, ENGLISH) and 5 < share < 11
    assert "fewer with each 30 days" in growth_words(fewer, ENGLISH)
    assert growth_words(replace(more, new=replace(more.new, growth=None)), ENGLISH) == ""
    assert growth_words(replace(more, arrived=3), ENGLISH) == ""


def test_a_history_without_anybody_has_none() -> None:
    nobody = attempts(changing(1, lambda month: 0.001), LADDER.stages, "sqo")
    assert new_leads(nobody, TODAY, 420).growth is None
