"""`crmsync report forecast`: who will come to a stage in the months to come, and how far off that would have been."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from crmsync.clock import local_day
from crmsync.configuration import did_you_mean
from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.figures.attempts import attempts
from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Expected, Forecast, forecast
from crmsync.figures.funnel import Funnel, funnel
from crmsync.figures.outcomes import WON, WON_LEADS, Revenue, revenue, revenue_backtest, with_wins, with_won
from crmsync.figures.past_forecasts import Errors, ForecastBacktest, PastForecast, backtest, backtest_of, made_then
from crmsync.figures.ways import passes
from crmsync.model import FACT_PREFIX
from crmsync.operations.report.estimates import estimate_json
from crmsync.operations.report.ways import Ways, ways_of
from crmsync.operations.run.ready import every_stored
from crmsync.settings import Settings
from crmsync.store import Store
from crmsync.values import asdict

WITHIN_DAYS = 90
"""Of the shares that are told beside a forecast."""


@dataclass(frozen=True, slots=True)
class ForecastRequest:
    """`stage`: null = the last of the ladder. `months`: after this one. `as_of`: null = today in the org's zone."""

    stage: str | None = None
    months: int = 3
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Wins:
    """Who will be won, and what that brings; `revenue`: null = too few amounts are known. `brought`: how far off that
    would have been.
    """

    forecast: Forecast
    backtest: ForecastBacktest
    revenue: Revenue | None
    brought: ForecastBacktest


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """One connection. `funnel`: what those who were there did so far; of its stages the ones below are shown.

    `wins`: null = the mapping does not tell of wins, or another stage than the last was asked for.
    """

    connection: str
    as_of: date
    labels: Mapping[str, str]
    forecast: Forecast
    backtest: ForecastBacktest
    funnel: Funnel
    wins: Wins | None = None

    @property
    def label(self) -> str:
        """The stage as people call it."""
        return self.labels[self.forecast.stage]

    def to_json(self) -> dict[str, Any]:
        """The stable shape."""
        told = self.forecast
        return {
            "connection": self.connection,
            "as_of": self.as_of.isoformat(),
            "stage": told.stage,
            "least_arrived": FEW_ARRIVALS,
            "least_history_days": SHORTEST_DAYS,
            **_outlook(told, self.backtest),
            "new_growth": None if told.new.growth is None else round(told.new.growth.times(1) - 1, 3),
            "stages": [
                {
                    "stage": stage.stage,
                    "open": told.open_now[stage.stage],
                    "new_in_30_days": round(told.new.per_month[stage.stage], 3),
                    "on_within_90_days": estimate_json(stage.within),
                    "median_days": estimate_json(stage.median_days),
                }
                for stage in self.funnel.stages
                if stage.stage in told.open_now
            ],
            "wins": self.wins and _wins(self.wins),
        }


def forecast_reports(
    settings: Settings,
    connections: Sequence[str],
    request: ForecastRequest,
    *,
    now: Callable[[], datetime],
) -> Iterator[ForecastReport]:
    """One report for each connection (all when none is named), from what is stored.

    Raises `UsageError` for a stage that nobody can come to.
    """
    with closing(Store(settings.store)) as store:
        for prepared in every_stored(settings, connections, store, now):
            day = request.as_of or local_day(now(), prepared.org.time_zone)
            yield _report(prepared, store, request, day)


def _report(prepared: Prepared, store: Store, request: ForecastRequest, day: date) -> ForecastReport:
    policy = prepared.settings.policy
    ways = ways_of(prepared, store, day)
    stages = ways.ladder.stages
    stage = stage_of_ladder(request.stage, stages)
    told = passes(ways.steps, ways.ladder)
    climbed = attempts(told, stages, stage)
    return ForecastReport(
        connection=prepared.name,
        as_of=day,
        labels={name: policy.label_of(name) or name for name in stages},
        forecast=forecast(climbed, today=day, months=request.months),
        backtest=backtest(climbed, today=day),
        funnel=funnel(told, stages, today=day, within_days=WITHIN_DAYS),
        wins=_of_wins(prepared, ways, request, day) if stage == stages[-1] else None,
    )


def _of_wins(prepared: Prepared, ways: Ways, request: ForecastRequest, day: date) -> Wins | None:
    """Null where the mapping does not say which fact tells of wins."""
    outcome = prepared.mapping.outcome
    if outcome is None:
        return None
    won_on, zone = pl.col(FACT_PREFIX + outcome.won_on), prepared.org.time_zone
    if prepared.mapping.fact_types[outcome.won_on] == "datetime":
        won_on = won_on.dt.convert_time_zone(zone).dt.date()
    amount = pl.col(FACT_PREFIX + outcome.amount) if outcome.amount else pl.lit(None)
    told = ways.leads.select("lead", won_on=won_on, amount=amount).drop_nulls("won_on")
    won = told.select(pl.col(name).cast(kind) for name, kind in WON_LEADS.items())
    ladder = with_won(ways.ladder)
    steps = with_wins(ways.steps, won, day)
    climbed = attempts(passes(steps, ladder), ladder.stages, WON)
    # Who was won before anything was known of them is expected by nobody: what they brought is no forecast's measure.
    won = won.join(steps.filter(pl.col("stage") == WON).select("lead"), on="lead", how="semi")
    expected, then = forecast(climbed, today=day, months=request.months), made_then(climbed, today=day)
    brings = revenue(expected.months, won, day)
    return Wins(expected, backtest_of(then, climbed), brings, revenue_backtest(then, won))


def stage_of_ladder(asked: str | None, stages: Sequence[str]) -> str:
    """The stage that is meant. Raises `UsageError` for one to which nobody comes from below."""
    above = stages[1:] or stages
    if asked is None:
        return above[-1]
    if asked not in above:
        raise UsageError(f"`{asked}` is no stage that leads come to from below", hint=did_you_mean(asked, above))
    return asked


def _outlook(told: Forecast, tested: ForecastBacktest) -> dict[str, Any]:
    return {
        "arrived": told.arrived,
        "history_days": told.history_days,
        "too_short": told.too_short,
        "months": [_month(month) for month in told.months],
        "backtest": _backtest(tested),
    }


def _wins(wins: Wins) -> dict[str, Any]:
    return {
        **_outlook(wins.forecast, wins.backtest),
        "revenue": wins.revenue and _revenue(wins.revenue, wins.brought),
    }


def _revenue(brought: Revenue, tested: ForecastBacktest) -> dict[str, Any]:
    return {
        "amounts": brought.amounts,
        "without_amount": brought.without,
        "mean_amount": round(brought.mean_amount, 2),
        "months": [
            {
                "month": month.month.isoformat(),
                "so_far": round(month.so_far, 2),
                "expected": round(month.mean, 2),
                "low": round(month.low, 2),
                "high": round(month.high, 2),
            }
            for month in brought.months
        ],
        "backtest": _backtest(tested),
    }


def _month(month: Expected) -> dict[str, Any]:
    return {
        "month": month.month.isoformat(),
        "so_far": month.so_far,
        "from_open": [{"stage": stage, "expected": round(mean, 3)} for stage, mean in month.from_open.items()],
        "from_new": round(month.from_new, 3),
        "expected": round(month.mean, 3),
        "low": month.low,
        "high": month.high,
    }


def _backtest(tested: ForecastBacktest) -> dict[str, Any] | None:
    """Null where there are too few forecasts to say anything."""
    if tested.together is None:
        return None
    return {
        "better": tested.together.better,
        "together": _errors(tested.together),
        "ahead": [_errors(errors) for errors in tested.errors],
        "forecasts": [_past(one) for one in tested.past],
    }


def _errors(errors: Errors) -> dict[str, Any]:
    told = asdict(errors)
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in told.items()}


def _past(one: PastForecast) -> dict[str, Any]:
    return {
        "made_on": one.made_on.isoformat(),
        "month": one.month.isoformat(),
        "ahead": one.ahead,
        "expected": round(one.mean, 3),
        "low": round(one.low, 3),
        "high": round(one.high, 3),
        "naive": round(one.naive, 3),
        "came": round(one.came, 3),
        "held": one.held,
    }
