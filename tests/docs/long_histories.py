"""What reports answer where the history is long: longer than that of a world which a test can make in a minute."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "unit" / "figures"))

from made_up_ways import LADDER, TODAY, ways

from crmsync.figures.attempts import attempts
from crmsync.figures.forecast import forecast
from crmsync.figures.funnel import funnel
from crmsync.figures.past_forecasts import backtest
from crmsync.operations.report.forecast import ForecastReport


def long_history(report: str) -> list[Any]:
    """The answer of this report; none where short histories tell everything."""
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
    )
    return [{"format": 1, "report": "forecast", "connections": [one.to_json()]}]
