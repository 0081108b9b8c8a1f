"""Every number of a forecast is what plain loops over leads and days give, also those of the past and of wins."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import groupby
from operator import itemgetter

import polars as pl
import pytest
from made_up_ways import LADDER, TODAY, steps, wins
from plain_forecast import Row, month_end, plain_forecast, told_of

from crmsync.figures.attempts import Attempts, attempts
from crmsync.figures.forecast import Expected, forecast
from crmsync.figures.outcomes import WON, revenue, with_wins, with_won
from crmsync.figures.past_forecasts import backtest
from crmsync.figures.ways import STEPS, passes

FIRST_SEEN = TODAY - timedelta(days=240)


@cache
def rows() -> tuple[Row, ...]:
    """Ways of leads. Some were found on their way (the first day on which they stood there is all that is known),
    some are looked at only since then, and some stood beside the ladder for a while.
    """
    made = steps(11, first=TODAY - timedelta(days=470), until=TODAY + timedelta(days=40), per_day=1.2).rows()
    told: list[Row] = []
    for lead, some in groupby(made, key=itemgetter(0)):
        way, kind = list(some), int(lead) % 5
        before = [row for row in way if row[2] < FIRST_SEEN]
        if kind == 0 and before:
            found = (lead, before[-1][1], FIRST_SEEN, False, FIRST_SEEN)
            way = [found, *way[len(before) :]]
        elif kind == 1:
            way = [(*row[:4], max(row[4], FIRST_SEEN)) for row in way]
        elif kind == 2 and way[-1][1] == "mql":
            beside = way[-1][2] + timedelta(days=9)
            way.append((lead, None, beside, True, beside))
        told += way
    return tuple(told)


def ladder_ways(goal: str) -> Attempts:
    return attempts(passes(pl.DataFrame(rows(), schema=dict(STEPS), orient="row"), LADDER), LADDER.stages, goal)


def assert_same(month: Expected, rows_: tuple[Row, ...], stages: tuple[str, ...], goal: str, today: date) -> None:
    plain = plain_forecast(rows_, stages, goal, today, [month_end(month.month)])[month.month]
    assert month.so_far == plain.so_far
    assert dict(month.from_open) == pytest.approx(plain.from_open)
    assert month.from_new == pytest.approx(plain.from_new)


@pytest.mark.parametrize("goal", ["mql", "sqo"])
def test_expected_numbers_of_each_month(goal: str) -> None:
    told = forecast(ladder_ways(goal).on(TODAY), today=TODAY, months=3)
    ends = [month_end(month.month) for month in told.months]
    plain = plain_forecast(rows(), LADDER.stages, goal, TODAY, ends)
    assert [month.month for month in told.months] == list(plain)
    assert len(plain) == 4
    for month in told.months:
        mine = plain[month.month]
        assert month.so_far == mine.so_far
        assert dict(month.from_open) == pytest.approx(mine.from_open)
        assert month.from_new == pytest.approx(mine.from_new)
        assert month.mean == pytest.approx(mine.so_far + sum(mine.from_open.values()) + mine.from_new)
    known = told_of(rows(), LADDER.stages, goal, TODAY)
    assert told.arrived == len(known.came)
    assert told.history_days == (TODAY - min(day for _, day in known.begun)).days + 1
    below = LADDER.stages[: LADDER.stages.index(goal)]
    assert told.open_now == {
        stage: sum(name == stage and until is None for name, _, until, *_ in known.visits) for stage in below
    }


def test_forecasts_of_the_past_and_how_far_off_they_and_the_last_months_were() -> None:
    tested = backtest(ladder_ways("sqo").on(TODAY), today=TODAY)
    came = told_of(rows(), LADDER.stages, "sqo", TODAY).came

    def of_month(month: date) -> int:
        return sum((day.year, day.month) == (month.year, month.month) for day in came)

    for one in tested.past[:: len(tested.past) // 5]:
        plain = plain_forecast(rows(), LADDER.stages, "sqo", one.made_on, [month_end(one.month)])[one.month]
        assert one.mean == pytest.approx(sum(plain.from_open.values()) + plain.from_new)
    for one in tested.past:
        last, number = one.made_on, 0
        for _ in range(3):
            number, last = number + of_month(last), last.replace(day=1) - timedelta(days=1)
        assert (one.came, one.naive) == (of_month(one.month), pytest.approx(number / 3))
    together = tested.together
    assert together is not None and together.number == len(tested.past) > 12
    assert together.off == pytest.approx(
        sum(abs(one.mean - of_month(one.month)) for one in tested.past) / together.number
    )
    assert together.naive_off == pytest.approx(
        sum(abs(one.naive - one.came) for one in tested.past) / together.number
    )
    assert together.naive_above == pytest.approx(sum(one.naive - one.came for one in tested.past) / together.number)
    assert together.held == sum(one.low <= one.came <= one.high for one in tested.past)


def test_wins_and_what_they_bring() -> None:
    every = pl.DataFrame(rows(), schema=dict(STEPS), orient="row")
    some = wins(every, 5).with_columns(amount=pl.when(pl.col("lead").str.ends_with("3").not_()).then("amount"))
    won = {lead: (day, amount) for lead, day, amount in some.rows() if day <= TODAY}
    stages = (*LADDER.stages, WON)
    plain_rows = [row for row in rows() if row[0] not in won or row[2] < won[row[0]][0]]
    plain_rows += [
        (lead, WON, day, True, day) for lead, (day, _) in won.items() if any(lead == r[0] for r in plain_rows)
    ]
    climbed = attempts(
        passes(with_wins(every.filter(pl.col("since") <= TODAY), some, TODAY), with_won(LADDER)), stages, WON
    )
    told = forecast(climbed, today=TODAY, months=2)
    assert not told.too_short and told.arrived == len(won)
    for month in told.months:
        assert_same(month, tuple(plain_rows), stages, WON, TODAY)
    brought = revenue(told.months, some, TODAY)
    assert brought is not None
    year = [amount for day, amount in won.values() if (TODAY - day).days < 365]
    known = [amount for amount in year if amount is not None]
    assert (brought.amounts, brought.without) == (len(known), len(year) - len(known)) and brought.without
    assert brought.mean_amount == pytest.approx(sum(known) / len(known))
    now = sum(amount or 0 for day, amount in won.values() if (day.year, day.month) == (TODAY.year, TODAY.month))
    for month, money in zip(told.months, brought.months, strict=True):
        so_far = now if month.so_far else 0.0
        assert money.so_far == pytest.approx(so_far)
        assert money.mean == pytest.approx(so_far + (month.mean - month.so_far) * sum(known) / len(year))
