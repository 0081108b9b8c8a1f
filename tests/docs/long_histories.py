"""What reports answer where the history is long: longer than that of a world which a test can make in a minute."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

sys.path.append(str(Path(__file__).parents[1] / "unit" / "figures"))

from made_up_ways import LADDER, TODAY, steps, ways

from crmsync.figures.attempts import attempts
from crmsync.figures.capacity import Part, Receiver, capacity
from crmsync.figures.forecast import forecast
from crmsync.figures.funnel import funnel
from crmsync.figures.outcomes import WON, revenue, revenue_backtest, with_wins, with_won
from crmsync.figures.past_forecasts import backtest, backtest_of, made_then
from crmsync.figures.ways import passes
from crmsync.operations.report.capacity import CapacityReport
from crmsync.operations.report.forecast import ForecastReport, Wins


def _capacity() -> Any:
    """One receiver with limits, and one without."""
    told = ways(2, days=300, after=0, per_day=1.0)
    expected = forecast(attempts(told, LADDER.stages, "sql"), today=TODAY, months=1)
    receivers = (
        Receiver("ann", (9, 22), (1.0, 1.0), (5.0, 20.0), 4, 30),
        Receiver("ben", (9, 22), (1.0, 1.0), (None, None), 0, None),
    )
    loads = capacity(expected.months, (12, 31), (Part("ae", 1.0, {"ann": 1.0, "ben": 1.0}),), receivers, 0.01)
    one = CapacityReport("made_up", TODAY, "hand_off", "hand-off", "sql", expected, 66, {}, loads)
    return {"format": 1, "report": "capacity", "hand_overs": [one.to_json()]}


def _wins() -> Wins:
    """Everybody who came to SQL was won after ten days, for 1,000 to 5,000."""
    every = steps(2, first=TODAY - timedelta(days=300), until=TODAY, per_day=1.0)
    reached = every.filter(pl.col("stage") == "sql").unique("lead", maintain_order=True)
    amount = 1_000.0 + 1_000.0 * (pl.int_range(pl.len()) % 5)
    won = reached.select("lead", won_on=pl.col("since") + timedelta(days=10), amount=amount)
    won = won.filter(pl.col("won_on") <= TODAY)
    ladder = with_won(LADDER)
    climbed = attempts(passes(with_wins(every, won, TODAY), ladder), ladder.stages, WON)
    made, then = forecast(climbed, today=TODAY, months=2), made_then(climbed, today=TODAY)
    brought = revenue(made.months, won, TODAY)
    return Wins(made, backtest_of(then, climbed), brought, revenue_backtest(then, won))


def long_history(report: str) -> list[Any]:
    """The answer of this report; none where short histories tell everything."""
    if report == "capacity":
        return [_capacity()]
    if report != "forecast":
        return []
    told = ways(2, days=300, after=0, per_day=1.0)
    climbed = attempts(told, LADDER.stages, "sqo")
    labels = {stage: stage for stage in LADDER.stages}
    one = ForecastReport(
        "made_up",
        TODAY,
        labels,
        forecast(climbed, today=TODAY, months=2),
        backtest(climbed, today=TODAY),
        funnel(told, LADDER.stages, today=TODAY, within_days=90),
        _wins(),
    )
    return [{"format": 1, "report": "forecast", "connections": [one.to_json()]}]
