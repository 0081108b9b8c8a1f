"""Forecasts: by hand, of what was known only, and held against what came in made-up worlds."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

import polars as pl
import pytest
from made_up_ways import LADDER, TODAY, bursts, steps, ways

from crmsync.figures.attempts import attempts, by_month
from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, forecast
from crmsync.figures.months import ends_before, last_day, later
from crmsync.figures.past_forecasts import Errors, backtest
from crmsync.figures.steps import until
from crmsync.figures.ways import STEPS, passes

WORLDS = 40


def made(rows: list[tuple[str, str, date]]) -> pl.DataFrame:
    told = [(lead, stage, since, True, since) for lead, stage, since in rows]
    return passes(pl.DataFrame(told, schema=dict(STEPS), orient="row"), LADDER)


def every_day(days: int, after: int, until_day: date = TODAY) -> list[tuple[str, str, date]]:
    """One lead a day, each of which comes to SQO so many days later."""
    rows = []
    for number in range(days):
        came = until_day - timedelta(days=number)
        rows.append((f"{number:04}", "sql", came))
        if number >= after:
            rows.append((f"{number:04}", "sqo", came + timedelta(days=after)))
    return rows


def test_who_comes_for_certain_is_forecast_so() -> None:
    """One a day, and each comes after exactly 21 days: 30 or 31 a month, from who is open and from who is new."""
    told = forecast(attempts(made(every_day(300, 21)), LADDER.stages, "sqo"), today=TODAY, months=2)
    assert [it.month for it in told.months] == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert [it.so_far for it in told.months] == [18, 0, 0]
    assert told.open_now == {"lead": 0, "mql": 0, "sql": 21}
    assert told.new.per_month["sql"] == pytest.approx(30.0) and told.new.uneven == 0.0
    assert [it.mean for it in told.months] == pytest.approx([30, 31, 31], abs=1.5)
    assert all(it.low <= it.mean <= it.high for it in told.months)
    now, following, last = told.months
    assert now.from_new == 0 and last.from_open["sql"] < 1
    assert following.mean - following.so_far == pytest.approx(following.from_open["sql"] + following.from_new)


def test_days_already_spent_there_count() -> None:
    """Of those who came yesterday and those who came 20 days ago, the latter come this month."""
    history = every_day(300, 21, TODAY - timedelta(days=60))
    old = [(f"old{number}", "sql", TODAY - timedelta(days=20)) for number in range(10)]
    new = [(f"new{number}", "sql", TODAY - timedelta(days=1)) for number in range(10)]
    both = [
        forecast(attempts(made(history + some), LADDER.stages, "sqo"), today=TODAY, months=1).months[0]
        for some in (old, new)
    ]
    assert both[0].from_open["sql"] - both[1].from_open["sql"] > 5


def test_a_short_history_says_nothing() -> None:
    short = forecast(attempts(made(every_day(SHORTEST_DAYS - 1, 5)), LADDER.stages, "sqo"), today=TODAY, months=2)
    assert short.too_short and not short.months and short.history_days == SHORTEST_DAYS - 1
    long = forecast(attempts(made(every_day(SHORTEST_DAYS, 5)), LADDER.stages, "sqo"), today=TODAY, months=2)
    assert not long.too_short and long.months
    few = [*every_day(FEW_ARRIVALS + 4, 5), ("first", "lead", TODAY - timedelta(days=300))]
    assert forecast(attempts(made(few), LADDER.stages, "sqo"), today=TODAY, months=2).arrived == FEW_ARRIVALS - 1
    assert forecast(attempts(made(few), LADDER.stages, "sqo"), today=TODAY, months=2).too_short
    nobody = attempts(made([]), LADDER.stages, "sqo")
    assert forecast(nobody, today=TODAY, months=2).too_short and backtest(nobody, today=TODAY).together is None


@pytest.mark.parametrize("back", [0, 1, 45, 130])
def test_what_was_known_then_holds_nothing_that_came_later(back: int) -> None:
    """Leads, moves and conversions after the day change nothing that is forecast on it."""
    day = TODAY - timedelta(days=back)
    every = steps(8, first=TODAY - timedelta(days=400), until=TODAY + timedelta(days=60), per_day=1)
    after = day + timedelta(days=1)
    rows = [(f"new{number}", stage, after, True, day) for number in range(50) for stage in ("sql", "sqo")]
    later_ones = pl.DataFrame(rows, schema=dict(STEPS), orient="row")
    whole = attempts(passes(pl.concat([every, later_ones]), LADDER), LADDER.stages, "sqo")
    then = attempts(passes(until(every, day), LADDER), LADDER.stages, "sqo")
    for one in ("stood", "begun", "came"):
        assert getattr(whole.on(day), one).equals(getattr(then, one)), one
    assert forecast(whole.on(day), today=day, months=3) == forecast(then, today=day, months=3)
    assert forecast(whole.on(day), today=day, months=3).months


def test_who_was_there_when_first_seen_did_not_come() -> None:
    """A lead found in the middle of the ladder is open, but neither an attempt that began nor one that came."""
    found = [("a", "sqo", TODAY, False, TODAY), ("b", "sql", TODAY, False, TODAY), ("b", "sqo", TODAY, True, TODAY)]
    told = attempts(passes(pl.DataFrame(found, schema=dict(STEPS), orient="row"), LADDER), LADDER.stages, "sqo")
    assert told.came.height == 1 and told.begun.is_empty()


def test_a_stage_that_is_passed_is_come_to() -> None:
    told = attempts(made([("a", "lead", TODAY), ("a", "sql", TODAY), ("a", "sqo", TODAY)]), LADDER.stages, "mql")
    assert told.came["day"].to_list() == [TODAY] and told.below == ("lead",)
    assert set(told.stood["end"]) == {"sql", "sqo", None}


def test_backtests_are_held_against_what_came_and_against_the_last_months() -> None:
    told = attempts(ways(3, days=420, per_day=1.5), LADDER.stages, "sqo").on(TODAY)
    tested = backtest(told, today=TODAY)
    assert tested.together is not None and [it.ahead for it in tested.errors] == [1, 2, 3]
    first = tested.past[0]
    assert (first.made_on, first.month, first.ahead) == (date(2026, 9, 30), date(2026, 10, 1), 1)
    counted = dict(told.came.group_by(pl.col("day").dt.truncate("1mo")).len().iter_rows())
    for one in tested.past:
        assert one.came == counted.get(one.month, 0) and last_day(one.month) <= TODAY
        before = [later(one.month, -one.ahead - place) for place in range(3)]
        assert one.naive == pytest.approx(sum(counted.get(month, 0) for month in before) / 3)
    again = forecast(told.on(date(2026, 9, 30)), today=date(2026, 9, 30), months=3, part_of_now=False)
    assert first.mean == again.months[0].mean
    ahead = tested.errors[0]
    mine = [one for one in tested.past if one.ahead == 1]
    assert ahead.number == len(mine)
    assert ahead.off == pytest.approx(sum(abs(one.mean - one.came) for one in mine) / len(mine))
    assert ahead.above == pytest.approx(sum(one.mean - one.came for one in mine) / len(mine))
    assert ahead.naive_off == pytest.approx(sum(abs(one.naive - one.came) for one in mine) / len(mine))
    assert ahead.held == sum(one.low <= one.came <= one.high for one in mine)
    assert ahead.better == (ahead.off < 0.95 * ahead.naive_off)


def test_months_ends() -> None:
    assert list(ends_before(date(2026, 3, 15), date(2026, 1, 20))) == [date(2026, 2, 28), date(2026, 1, 31)]
    assert list(ends_before(date(2026, 1, 31), date(2025, 12, 31))) == [date(2026, 1, 31), date(2025, 12, 31)]
    assert (later(date(2026, 11, 1), 2), later(date(2026, 1, 1), -1)) == (date(2027, 1, 1), date(2025, 12, 1))


@pytest.mark.breadth
def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """A small part of what `python tests/bench/forecast.py` holds them to; one world more or less is no mistake."""
    held = number = 0
    for seed in range(WORLDS):
        told = attempts(ways(1_000 + seed, days=300), LADDER.stages, "sqo")
        made_now = forecast(told.on(TODAY), today=TODAY, months=2)
        came = by_month(told.came, [it.month for it in made_now.months])
        held += sum(it.low <= count <= it.high for it, count in zip(made_now.months, came, strict=True))
        number += len(came)
    assert number == 3 * WORLDS
    assert 0.7 <= held / number <= 0.9, held / number


def test_that_chances_are_estimates_makes_the_interval_wider() -> None:
    """Of 60 that were seen so far something is known, and much hangs on it where 900 stand there now."""
    history = every_day(60, 9, TODAY - timedelta(days=90))
    lost = [
        (f"lost{number}", stage, TODAY - timedelta(days=90 + number - after))
        for number in range(60)
        for stage, after in (("sql", 0), ("disqualified", 8))
    ]
    told = [(lead, stage, since, True, since) for lead, stage, since in history + lost]
    told += [(f"found{number:04}", "sql", TODAY, False, TODAY) for number in range(900)]
    every = passes(pl.DataFrame(told, schema=dict(STEPS), orient="row"), LADDER)
    told_of = forecast(attempts(every, LADDER.stages, "sqo"), today=TODAY, months=1)
    month = told_of.months[0]  # new leads have a part in the later ones
    assert month.from_open["sql"] > 100 and month.from_new == 0
    assert month.variance > 2.5 * month.from_open["sql"], "by chance alone it is at most once that"


def test_uneven_months_make_the_interval_wider() -> None:
    """All of two months on one day of them, as fairs do."""
    even = every_day(360, 5)
    uneven = []
    for number in range(360):
        came = TODAY - timedelta(days=number - number % 60)
        uneven.append((f"{number:04}", "sql", came))
        if came + timedelta(days=5) <= TODAY:
            uneven.append((f"{number:04}", "sqo", came + timedelta(days=5)))
    one, other = (
        forecast(attempts(made(rows), LADDER.stages, "sqo"), today=TODAY, months=2) for rows in (even, uneven)
    )
    assert one.new.uneven == 0.0 and other.new.uneven > 10 * other.new.per_month_of_year
    assert (one.new.beyond_chance, other.new.beyond_chance) == (0.0, pytest.approx(0.95, abs=0.05))
    assert other.months[-1].variance > 5 * one.months[-1].variance


def test_better_is_clearly_less_far_off() -> None:
    def errors(off: float, naive: float) -> Errors:
        return Errors(None, 9, 10.0, off, 0.0, 7, naive, 0.0)

    assert [errors(off, 2.0).better for off in (1.89, 1.91, 2.0, 2.1)] == [True, False, False, False]


def test_where_nothing_tells_what_will_come_intervals_are_wide_and_the_last_months_say_as_much() -> None:
    held, widths, offs = 0, [], []
    for seed in range(20):
        told = attempts(bursts(seed, across=13 * (seed % 2)), LADDER.stages, "sqo")
        month = forecast(told.on(TODAY), today=TODAY, months=1).months[1]
        held += month.low <= by_month(told.came, [month.month])[0] <= month.high
        widths.append((month.high - month.low) / month.mean)
        if seed < 6:
            together = backtest(told.on(TODAY), today=TODAY).together
            assert together is not None
            offs.append(together.off / together.naive_off)
    steady = forecast(attempts(made(every_day(300, 1)), LADDER.stages, "sqo"), today=TODAY, months=1).months[1]
    assert median(widths) > 3.5 * (steady.high - steady.low) / steady.mean
    assert held >= 15, held
    assert 0.9 < sum(offs) / len(offs) < 1.1, "as far off as the mean of the last months"
