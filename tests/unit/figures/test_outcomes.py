"""Wins are a stage above the ladder, and bring what wins brought."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from made_up_ways import LADDER, TODAY, steps, wins

from crmsync.estimate.counts import amount_interval
from crmsync.figures.attempts import Attempts, attempts
from crmsync.figures.forecast import Expected, forecast
from crmsync.figures.months import last_day, later, month_of
from crmsync.figures.outcomes import AMOUNT_DAYS, WON, WON_LEADS, revenue, revenue_backtest, with_wins, with_won
from crmsync.figures.past_forecasts import AHEAD, made_then
from crmsync.figures.ways import STEPS, passes


def day(number: int) -> date:
    return TODAY - timedelta(days=100 - number)


def won(*rows: tuple[str, date, float | None]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(WON_LEADS), orient="row")


def test_a_win_ends_the_way_at_the_top() -> None:
    rows = [
        ("a", "sql", day(0), True, day(0)),
        ("a", "sqo", day(10), True, day(0)),
        ("a", None, day(30), True, day(0)),  # a stage for customers, which nobody manages
        ("b", "sql", day(0), True, day(0)),
        ("c", "sqo", day(50), True, day(50)),
        ("d", "sqo", day(0), True, day(0)),
    ]
    steps = pl.DataFrame(rows, schema=dict(STEPS), orient="row")
    wins = won(
        ("a", day(30), 10.0), ("c", day(20), 5.0), ("d", TODAY + timedelta(days=1), None), ("nobody", day(1), 1.0)
    )
    ladder = with_won(LADDER)
    told = passes(with_wins(steps, wins, TODAY), ladder)
    assert told.select("unit", "stage", "end").rows() == [
        ("a", "sql", "on"),
        ("a", "sqo", "on"),
        ("a", WON, None),
        ("b", "sql", None),
        ("d", "sqo", None),
    ]
    climbed = attempts(told, ladder.stages, WON)
    assert climbed.came["day"].to_list() == [day(30)] and climbed.below == LADDER.stages


def test_revenue_is_wins_times_what_they_brought() -> None:
    amounts = [100.0, 200.0, 300.0, 400.0, 500.0]
    wins = won(*((str(number), TODAY - timedelta(days=30 * number), amount) for number, amount in enumerate(amounts)))
    months = (
        Expected(date(2026, 11, 1), 1, {"sqo": 2.0}, 0.0, 2.0, 1, 5),
        Expected(date(2026, 12, 1), 0, {"sqo": 3.0}, 1.0, 6.0, 1, 8),
    )
    told = revenue(months, wins, TODAY)
    assert told is not None and (told.amounts, told.mean_amount) == (5, 300.0)
    now, following = told.months
    assert (now.so_far, now.mean) == (100.0, 100.0 + 2 * 300.0)
    assert (following.so_far, following.mean) == (0.0, 4 * 300.0)
    varies = 25_000.0
    assert (following.low, following.high) == pytest.approx(
        amount_interval(1_200.0, 6 * 300.0**2 + 4 * varies + 16 * varies / 5)
    )
    assert now.low == 100.0, "of two more wins, none may come"


def test_wins_without_an_amount_bring_nothing_on_both_sides() -> None:
    """One of three has none: what is expected of as many wins is a third less, as what came of them is."""
    wins = won(
        *((str(number), TODAY - timedelta(days=number), None if number % 3 == 0 else 300.0) for number in range(9))
    )
    month = Expected(date(2026, 12, 1), 0, {"sqo": 30.0}, 0.0, 30.0, 20, 40)
    told = revenue([month], wins, TODAY)
    assert told is not None and (told.amounts, told.without, told.mean_amount) == (6, 3, 300.0)
    [said] = told.months
    assert said.mean == pytest.approx(20 * 300.0) and said.low < said.mean < said.high
    varies = (6 * 100.0**2 + 3 * 200.0**2) / 8
    spread = 30 * 200.0**2 + 30 * varies + 30**2 * varies / 9
    assert (said.low, said.high) == pytest.approx(amount_interval(6_000.0, spread))


def test_few_amounts_and_old_ones_say_nothing() -> None:
    late = TODAY - timedelta(days=AMOUNT_DAYS)
    wins = won(*((str(number), TODAY, 100.0) for number in range(4)), ("old", late, 100.0), ("none", TODAY, None))
    assert revenue((), wins, TODAY) is None
    assert revenue((), pl.concat([wins, won(("new", late + timedelta(days=1), 1.0))]), TODAY) is not None


def world(seed: int, days: int, per_day: float = 4.0) -> tuple[Attempts, pl.DataFrame]:
    """Ways to a win, of so many days before TODAY and 100 after it, and all wins."""
    first, until = TODAY - timedelta(days=days), TODAY + timedelta(days=100)
    every = steps(seed, first=first, until=until, per_day=per_day)
    some, ladder = wins(every, seed), with_won(LADDER)
    return attempts(passes(with_wins(every, some, until), ladder), ladder.stages, WON), some


def brought(wins_: pl.DataFrame, month: date) -> float:
    """Added up one by one."""
    return sum(
        each
        for at, each in wins_.select("won_on", "amount").rows()
        if (at.year, at.month) == (month.year, month.month)
    )


def test_revenue_of_then_is_held_against_what_wins_brought_and_against_the_last_months() -> None:
    every, some = world(3, 400)
    told = every.on(TODAY)
    tested = revenue_backtest(made_then(told, today=TODAY), some.filter(pl.col("won_on") <= TODAY))
    assert tested.together is not None
    assert [it.ahead for it in tested.errors] == list(range(1, AHEAD + 1))
    for one in tested.past:
        assert one.came == pytest.approx(brought(some, one.month)) and last_day(one.month) <= TODAY
        before = [later(one.month, -one.ahead - place) for place in range(3)]
        assert one.naive == pytest.approx(sum(brought(some, month) for month in before) / 3)
    first = tested.past[0]
    then = forecast(every.on(first.made_on), today=first.made_on, months=AHEAD, part_of_now=False)
    again = revenue(then.months, some.filter(pl.col("won_on") <= first.made_on), first.made_on)
    assert again is not None
    assert (first.mean, first.low, first.high) == (again.months[0].mean, again.months[0].low, again.months[0].high)
    ahead = [one for one in tested.past if one.ahead == 1]
    assert tested.errors[0].off == pytest.approx(sum(abs(one.mean - one.came) for one in ahead) / len(ahead))
    assert tested.errors[0].naive_off == pytest.approx(sum(abs(one.naive - one.came) for one in ahead) / len(ahead))
    assert tested.errors[0].held == sum(one.low <= one.came <= one.high for one in ahead)


def test_a_win_without_an_amount_brought_nothing_and_few_amounts_have_no_past() -> None:
    every, some = world(3, 400)
    then = made_then(every.on(TODAY), today=TODAY)
    known = some.filter(pl.col("won_on") <= TODAY)
    without = known.with_columns(amount=pl.when(pl.col("won_on") < date(2026, 11, 1)).then("amount"))
    assert revenue_backtest(then, without).past == revenue_backtest(then, known).past
    assert revenue_backtest(then, known.with_columns(amount=pl.lit(None, pl.Float64))).together is None


def test_a_month_without_a_win_is_within_what_one_win_a_month_may_bring() -> None:
    """Every other such month brings nothing: an interval that begins above it would be wrong as often."""
    some = won(*((str(number), day(-10 * number), 900.0 + 100 * (number % 3)) for number in range(1, 15)))
    ahead = later(month_of(TODAY), 1)
    month, many = (Expected(ahead, 0, {}, wins_, wins_, 0, 0) for wins_ in (1.0, 9.0))
    told = revenue([month, many], some, TODAY)
    assert told is not None
    assert told.months[0].low == 0.0 < told.months[1].low


@pytest.mark.breadth
def test_intervals_of_revenue_hold_what_wins_bring_about_as_often_as_they_say() -> None:
    """In a firm of a handful of wins a month, where one more or less is much."""
    held = number = 0
    for seed in range(40):
        told, some = world(500 + seed, 300, per_day=1.5)
        months = forecast(told.on(TODAY), today=TODAY, months=2).months
        said = revenue(months, some.filter(pl.col("won_on") <= TODAY), TODAY)
        assert said is not None
        held += sum(it.low <= brought(some, it.month) <= it.high for it in said.months)
        number += len(said.months)
    assert number == 120
    assert 0.7 <= held / number <= 0.9, held / number
