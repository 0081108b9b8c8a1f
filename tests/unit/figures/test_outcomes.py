"""Wins are a stage above the ladder, and bring what wins brought."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from made_up_ways import LADDER, TODAY

from crmsync.estimate.counts import amount_interval
from crmsync.figures.attempts import attempts
from crmsync.figures.forecast import Expected
from crmsync.figures.outcomes import AMOUNT_DAYS, WON, WON_LEADS, revenue, with_wins, with_won
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
    assert now.low > 100.0


def test_few_amounts_and_old_ones_say_nothing() -> None:
    late = TODAY - timedelta(days=AMOUNT_DAYS)
    wins = won(*((str(number), TODAY, 100.0) for number in range(4)), ("old", late, 100.0), ("none", TODAY, None))
    assert revenue((), wins, TODAY) is None
    assert revenue((), pl.concat([wins, won(("new", late + timedelta(days=1), 1.0))]), TODAY) is not None
