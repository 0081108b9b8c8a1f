"""Wins as one more stage above the ladder, and what they bring: then they are forecast as any stage is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from crmsync.estimate.counts import TAIL, amount_interval, nothing_comes
from crmsync.figures.forecast import Expected
from crmsync.figures.months import month_of
from crmsync.figures.past_forecasts import (
    NAIVE_MONTHS,
    ForecastBacktest,
    MadeThen,
    PastForecast,
    held_against,
    naive_months,
)
from crmsync.figures.ways import STEPS, Ladder

WON = "@won"
WON_LEADS: Mapping[str, pl.DataType] = {"lead": pl.String(), "won_on": pl.Date(), "amount": pl.Float64()}
"""One row for each lead that was won. `amount`: null = not known."""
FEW_AMOUNTS = 5
"""Of fewer known amounts nothing is said."""
AMOUNT_DAYS = 365
"""Amounts of wins count for so long."""


@dataclass(frozen=True, slots=True)
class RevenueMonth:
    """What the wins of one month bring. `low`, `high`: the middle 80 % of what can be, with `so_far`."""

    month: date
    so_far: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Revenue:
    """`amounts`: of so many wins of the last year, whose mean is `mean_amount`; so many others are `without`."""

    amounts: int
    without: int
    mean_amount: float
    months: tuple[RevenueMonth, ...]


def with_wins(steps: pl.DataFrame, won: pl.DataFrame, today: date) -> pl.DataFrame:
    """The steps with the wins that were known `today`; what came after a win is left out. `won`: WON_LEADS.

    Who was won before it was first seen was never on the way.
    """
    known = won.filter(pl.col("won_on") <= today).select("lead", "won_on")
    joined = steps.join(known, on="lead", how="left", maintain_order="left")
    kept = joined.filter(pl.col("won_on").is_null() | (pl.col("since") < pl.col("won_on"))).drop("won_on")
    seen = known.join(kept.select("lead").unique(), on="lead", how="semi")
    wins = seen.select("lead", stage=pl.lit(WON), since="won_on", known=pl.lit(value=True), seen="won_on").select(
        STEPS.keys()
    )
    return pl.concat([kept.select(STEPS.keys()), wins]).sort("lead", maintain_order=True)


def with_won(ladder: Ladder) -> Ladder:
    """The ladder, with the wins at its top."""
    return Ladder((*ladder.stages, WON), ladder.disqualified)


def revenue(months: Sequence[Expected], won: pl.DataFrame, today: date) -> Revenue | None:
    """What these wins bring, each as much as those of the last year; null where too few amounts are known.

    A win without an amount brings nothing that anybody could add up, neither here nor in what came. The interval
    takes in how much wins vary in what they bring, and how little is known of its mean.
    """
    lately = won.filter((pl.col("won_on") <= today) & (pl.col("won_on") > today - timedelta(days=AMOUNT_DAYS)))
    amounts = lately["amount"].drop_nulls().to_list()
    if len(amounts) < FEW_AMOUNTS:
        return None
    without = lately.height - len(amounts)
    brought = _Brought.by([*amounts, *[0.0] * without], len(amounts))
    now = lately.filter(pl.col("won_on") >= month_of(today))["amount"].sum()
    told = []
    for month in months:
        so_far = float(now) if month.month == month_of(today) else 0.0
        mean, low, high = brought.of(month)
        told.append(RevenueMonth(month.month, so_far, so_far + mean, so_far + low, so_far + high))
    return Revenue(len(amounts), without, sum(amounts) / len(amounts), tuple(told))


@dataclass(frozen=True, slots=True)
class _Brought:
    """What each of so many wins brought, in the mean; those without an amount are among them."""

    number: int
    each: float
    varies: float
    with_amount: float

    @classmethod
    def by(cls, values: Sequence[float], amounts: int) -> _Brought:
        number = len(values)
        each = sum(values) / number
        varies = sum((value - each) ** 2 for value in values) / (number - 1)
        return cls(number, each, varies, amounts / number)

    def of(self, month: Expected) -> tuple[float, float, float]:
        """What its wins that are yet to come bring, and the middle 80 % of what that can be."""
        wins = month.mean - month.so_far
        least, most = month.yet_to_come
        spread = month.variance * self.each**2 + wins * self.varies + wins**2 * self.varies / self.number
        low = amount_interval(least * self.each, spread)[0]
        share = self.with_amount
        if nothing_comes(least * share, month.variance * share * share + least * share * (1 - share)) >= TAIL:
            low = 0.0  # a month without such a win brings nothing at all, which no amount comes near
        return wins * self.each, low, amount_interval(most * self.each, spread)[1]


def revenue_backtest(then: Sequence[MadeThen], won: pl.DataFrame) -> ForecastBacktest:
    """What wins would have been said to bring, against what those of each month brought.

    Amounts are those that are known today. A win that has none has brought nothing that anybody could add up.
    """
    month = pl.col("won_on").dt.truncate("1mo")
    brought = dict(won.drop_nulls("amount").group_by(month).agg(pl.col("amount").sum()).iter_rows())
    return held_against(one for made in then for one in _brought(made, won, brought))


def _brought(made: MadeThen, won: pl.DataFrame, brought: Mapping[date, float]) -> Iterator[PastForecast]:
    """Nothing where too few amounts were known then."""
    told = revenue(made.months, won, made.made_on)
    if told is None:
        return
    naive = sum(brought.get(month, 0.0) for month in naive_months(made.made_on)) / NAIVE_MONTHS
    for ahead, one in enumerate(told.months, start=1):
        came = brought.get(one.month, 0.0)
        yield PastForecast(made.made_on, one.month, ahead, one.mean, one.low, one.high, naive, came)
