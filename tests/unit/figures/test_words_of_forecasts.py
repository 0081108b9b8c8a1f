"""What forecasts and capacities say beside their numbers."""

from __future__ import annotations

import pytest
from made_up_ways import LADDER, TODAY, ways

from crmsync.figures.attempts import attempts
from crmsync.figures.capacity import Part, Receiver, capacity
from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Forecast, forecast
from crmsync.figures.outcomes import Revenue
from crmsync.figures.past_forecasts import ForecastBacktest, backtest
from crmsync.operations.report.capacity import CapacityReport
from crmsync.showing.report.capacity_words import caption, load_rows
from crmsync.showing.report.forecast_page import _course
from crmsync.showing.report.forecast_words import TWO_YEARS, revenue_words, season_words, too_short_words
from crmsync.tongue import ENGLISH
from crmsync.values import replace


@pytest.fixture(scope="module")
def told() -> tuple[Forecast, ForecastBacktest]:
    climbed = attempts(ways(2, days=300, after=0, per_day=1.0), LADDER.stages, "sql")
    return forecast(climbed, today=TODAY, months=1), backtest(climbed, today=TODAY)


@pytest.mark.parametrize(
    ("arrived", "days", "said", "not_said"),
    [
        (FEW_ARRIVALS - 1, SHORTEST_DAYS, "Too few came to SQL", "history"),
        (FEW_ARRIVALS, SHORTEST_DAYS - 1, "The history is too short to say anything: 119 days", "Too few"),
        (3, 9, "The history is too short, and too few came to SQL, to say anything: 3 in 9 days", "Too few"),
    ],
)
def test_the_reason_that_nothing_is_forecast_is_the_one_that_there_is(
    told: tuple[Forecast, ForecastBacktest], arrived: int, days: int, said: str, not_said: str
) -> None:
    short = replace(told[0], arrived=arrived, history_days=days)
    assert short.too_short
    words = too_short_words(short, "SQL", ENGLISH)
    assert said in words
    assert not_said not in words


def test_that_seasons_are_not_reckoned_with_is_told(told: tuple[Forecast, ForecastBacktest]) -> None:
    """With how much history there is while it cannot show one; not where nobody new comes, or nothing is forecast."""
    made = told[0]
    assert f"not reckoned with, and {made.history_days} days are too few to see one" in season_words(made, ENGLISH)
    assert "too few" in season_words(replace(made, history_days=TWO_YEARS - 1), ENGLISH)
    assert "not reckoned with: while" in season_words(replace(made, history_days=TWO_YEARS), ENGLISH)
    assert season_words(replace(made, arrived=3), ENGLISH) == ""
    nobody = replace(made.new, per_month=dict.fromkeys(made.new.per_month, 0.0))
    assert season_words(replace(made, new=nobody), ENGLISH) == ""


def test_wins_without_an_amount_are_told() -> None:
    all_known, some = Revenue(20, 0, 1_000.0, ()), Revenue(20, 5, 1_000.0, ())
    assert "of the 20 wins of the last year." in revenue_words(all_known, ENGLISH)
    assert "20 of 25 in the last year, times their mean, 1,000" in revenue_words(some, ENGLISH)


def test_what_came_is_named_where_it_is_drawn(told: tuple[Forecast, ForecastBacktest]) -> None:
    expected, tested = told
    assert "Came" in _course(expected, tested, ENGLISH)
    assert "Came" not in _course(expected, replace(tested, past=()), ENGLISH)


def test_of_whom_the_roster_names_no_hours_it_is_told_that_every_day_counts(
    told: tuple[Forecast, ForecastBacktest],
) -> None:
    receivers = (
        Receiver("ann", (9, 22), (1.0, 1.0), (None, None), 4, 30),
        Receiver("ben", (12, 31), (1.0, 1.0), (None, None), 0, None),
    )
    parts = (Part("ae", 1.0, {"ann": 1.0, "ben": 1.0}),)
    loads = capacity(told[0].months, (12, 31), parts, receivers, 0.01)
    one = CapacityReport("c", TODAY, "hand_off", "hand-off", "sql", told[0], 66, {}, loads, frozenset({"ben"}))
    days = {(row[0], row[2]) for row in load_rows(one, ENGLISH)}
    assert ("ann", "9") in days
    assert ("ben", "12 (every day)") in days
    assert "weekends too" in caption(one, ENGLISH)
    assert "weekends too" not in caption(replace(one, without_hours=frozenset()), ENGLISH)
    assert {each["person"] for each in one.to_json()["receivers"] if each["every_day"]} == {"ben"}
