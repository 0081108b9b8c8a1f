"""`report forecast`: who will come to a stage, by month."""

from __future__ import annotations

from typing import Literal

from crmsync.showing.answers.funnels import Estimated
from crmsync.showing.answers.shape import Day, Format, Shape


class FromStage(Shape):
    """Of those who stand on one stage now."""

    stage: str
    """Its name."""
    expected: float
    """How many of them are expected to come in this month."""


class ForecastMonth(Shape):
    """One month."""

    month: Day
    """Its first day."""
    so_far: int
    """Have come in it already."""
    from_open: list[FromStage]
    """Expected from those who stand below now, from the bottom of the ladder."""
    from_new: float
    """Expected from attempts that have not begun yet."""
    expected: float
    """All together, with those who have come already."""
    low: int
    """The lower end of the 80 % interval of all together."""
    high: int
    """Its upper end."""


class ForecastStage(Shape):
    """One stage below."""

    stage: str
    """Its name."""
    open: int
    """Stand there."""
    new_in_30_days: float
    """New attempts that begin there in 30 days, as in the last 90."""
    on_within_90_days: Estimated | None
    """The share that moves on within 90 days; null = nobody was seen so long."""
    median_days: Estimated | None
    """Days until half have left, by whatever way; null = more than half are still here."""


class ForecastErrors(Shape):
    """How far off forecasts of the past were, made with what was known then."""

    ahead: int | None
    """So many months ahead; null = all together."""
    number: int
    """Of so many forecasts."""
    came: float
    """How many came in a month, or what its wins brought, in the mean."""
    off: float
    """How far off a forecast was, in the mean."""
    above: float
    """How much too high it was in the mean; below 0 = too low."""
    held: int
    """How many of the 80 % intervals held what came."""
    naive_off: float
    """How far off the mean of the three months before was, in the mean."""
    naive_above: float
    """How much too high that was in the mean."""


class PastForecast(Shape):
    """One month, as it would have been forecast at the end of an earlier one."""

    made_on: Day
    """With what was known on this day."""
    month: Day
    """The first day of the month that was forecast."""
    ahead: int
    """1 = the month after `made_on`."""
    expected: float
    """The forecast."""
    low: int
    """The lower end of its 80 % interval."""
    high: int
    """Its upper end."""
    naive: float
    """The mean of the three months up to `made_on`."""
    came: int
    """How many came in truth."""
    held: bool
    """Whether the interval holds them."""


class ForecastBacktest(Shape):
    """Forecasts of the past, held against what came."""

    better: bool
    """Whether the forecasts were clearly less far off than the mean of the three months before: by a twentieth."""
    together: ForecastErrors
    """Of all of them."""
    ahead: list[ForecastErrors]
    """By months ahead; where there are fewer than three, left out."""
    forecasts: list[PastForecast]
    """Every one, those made last first."""


class Outlook(Shape):
    """What is expected of one stage, or of wins."""

    arrived: int
    """Came so far."""
    history_days: int
    """Days since the first attempt of which it is known when it began."""
    too_short: bool
    """Nothing is forecast: fewer came, or there are fewer days, than it takes."""
    months: list[ForecastMonth]
    """This month, where it is not over, and those after it; none where the history is too short."""
    backtest: ForecastBacktest | None
    """How far off such forecasts were; null = there are fewer than three."""


class PastRevenue(Shape):
    """What one month's wins bring, as it would have been forecast at the end of an earlier one."""

    made_on: Day
    """With what was known on this day; amounts are those that are known today."""
    month: Day
    """The first day of the month that was forecast."""
    ahead: int
    """1 = the month after `made_on`."""
    expected: float
    """The forecast."""
    low: float
    """The lower end of its 80 % interval."""
    high: float
    """Its upper end."""
    naive: float
    """The mean of the three months up to `made_on`."""
    came: float
    """What the month's wins brought in truth."""
    held: bool
    """Whether the interval holds it."""


class RevenueBacktest(Shape):
    """Revenue that would have been forecast, held against what wins brought."""

    better: bool
    """Whether the forecasts were clearly less far off than the mean of the three months before: by a twentieth."""
    together: ForecastErrors
    """Of all of them, in the unit of the mapped fact."""
    ahead: list[ForecastErrors]
    """By months ahead; where there are fewer than three, left out."""
    forecasts: list[PastRevenue]
    """Every one, those made last first."""


class RevenueMonth(Shape):
    """What the wins of one month bring, in the unit of the mapped fact."""

    month: Day
    """Its first day."""
    so_far: float
    """Have brought in it already."""
    expected: float
    """All together, with what was brought already."""
    low: float
    """The lower end of the 80 % interval of all together."""
    high: float
    """Its upper end."""


class Revenue(Shape):
    """What wins bring, each as much as those of the last year. Wins without an amount bring nothing that anybody
    could add up: neither in what is expected, nor in what came.
    """

    amounts: int
    """Wins of the last year whose amount is known."""
    without_amount: int
    """Wins of the last year whose amount is not known."""
    mean_amount: float
    """The mean of the known amounts."""
    months: list[RevenueMonth]
    """The months of the wins."""
    backtest: RevenueBacktest | None
    """How far off such forecasts were; null = there are fewer than three."""


class Wins(Outlook):
    """Who will be won."""

    revenue: Revenue | None
    """What that brings; null = fewer than five amounts are known."""


class ForecastReport(Outlook):
    """One connection: of one stage. Who comes past it counts, too."""

    connection: str
    """Its name in crmsync.yaml."""
    as_of: Day
    """The day up to which everything is known."""
    stage: str
    """The stage."""
    least_arrived: int
    """So many must have come to say anything."""
    least_history_days: int
    """So many days it takes."""
    new_growth: float | None
    """By which share new attempts became more with each 30 days of the last year (below 0: fewer): the interval
    reaches to what comes if that goes on, `expected` does not; null = none that can be told from chance."""
    stages: list[ForecastStage]
    """Every stage below, from the bottom of the ladder."""
    wins: Wins | None
    """Who will be won; null = the mapping has no `outcome`, or the stage is not the last."""


class Forecasts(Shape):
    """How many will come to a stage by month, and how far off that would have been."""

    format: Format
    report: Literal["forecast"]
    """Which report this is."""
    connections: list[ForecastReport]
    """One report for each."""
