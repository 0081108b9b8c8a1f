"""How far off forecasts would have been: made at past months' ends with what was known then, against what came.

Beside each stands what somebody would say who only looks at the last months: as many as came in the mean of three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from crmsync.figures.attempts import Attempts, by_month
from crmsync.figures.forecast import Expected, forecast
from crmsync.figures.months import ends_before, last_day, later, month_of

AHEAD = 3
"""Months ahead that are looked at."""
AT_MOST = 12
"""Months' ends that are looked at, the latest."""
CLEARLY = 0.05
"""By so much less, as a share, a forecast is off where it is worth more: where nothing can be told beforehand, both
are about as far off."""
AT_LEAST = 3
"""Of fewer forecasts nothing is said."""
NAIVE_MONTHS = 3


@dataclass(frozen=True, slots=True)
class MadeThen:
    """What would have been forecast at the end of a month, with what was known then, for months that are over now."""

    made_on: date
    months: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class PastForecast:
    """One month, as it was forecast at the end of an earlier one. `ahead`: 1 = the next month. `came`: in truth.

    `low`, `high`, `came`: whole numbers where leads are counted.
    """

    made_on: date
    month: date
    ahead: int
    mean: float
    low: float
    high: float
    naive: float
    came: float

    @property
    def held(self) -> bool:
        """Whether it came as the interval said."""
        return self.low <= self.came <= self.high


@dataclass(frozen=True, slots=True)
class Errors:
    """Of `number` forecasts that looked so many months ahead; null = of all.

    `came`: in a month, in the mean. `off`: how far off a forecast was in the mean, above or below alike; `above`: in
    the mean too high (below 0: too low). `held`: how many intervals held what came. `naive_off`, `naive_above`: the
    same of the mean of the last three months.
    """

    ahead: int | None
    number: int
    came: float
    off: float
    above: float
    held: int
    naive_off: float
    naive_above: float

    @property
    def better(self) -> bool:
        """Whether the forecast was clearly less off than the mean of the last months."""
        return self.off < (1 - CLEARLY) * self.naive_off


@dataclass(frozen=True, slots=True)
class ForecastBacktest:
    """`past`: every forecast, the latest month's end first. `errors`: by months ahead; `together`: null = too few."""

    past: tuple[PastForecast, ...]
    errors: tuple[Errors, ...]
    together: Errors | None


def backtest(told: Attempts, *, today: date) -> ForecastBacktest:
    """Forecasts of the past for months that are over. `told`: as known `today`."""
    return backtest_of(made_then(told, today=today), told)


def made_then(told: Attempts, *, today: date) -> tuple[MadeThen, ...]:
    """The forecasts of the past, the latest month's end first."""
    ends = list(ends_before(today, told.first)) if told.first else []
    made = (
        (end, forecast(told.on(end), today=end, months=AHEAD, part_of_now=False)) for end in ends[1 : AT_MOST + 1]
    )
    return tuple(MadeThen(end, tuple(one for one in it.months if last_day(one.month) <= today)) for end, it in made)


def backtest_of(then: Sequence[MadeThen], told: Attempts) -> ForecastBacktest:
    """These forecasts, held against who came."""
    return held_against(one for made in then for one in _counted(made, told))


def held_against(past: Iterable[PastForecast]) -> ForecastBacktest:
    """How far off these were."""
    every = tuple(past)
    by_ahead = [_errors(ahead, [one for one in every if one.ahead == ahead]) for ahead in range(1, AHEAD + 1)]
    return ForecastBacktest(every, tuple(one for one in by_ahead if one is not None), _errors(None, every))


def naive_months(made_on: date) -> list[date]:
    """The months whose mean somebody would say at this month's end: it, and those before."""
    return [later(month_of(made_on), -place) for place in range(NAIVE_MONTHS)]


def _counted(made: MadeThen, told: Attempts) -> Iterator[PastForecast]:
    naive = sum(by_month(told.came, naive_months(made.made_on))) / NAIVE_MONTHS
    truth = by_month(told.came, [one.month for one in made.months])
    for ahead, (one, count) in enumerate(zip(made.months, truth, strict=True), start=1):
        yield PastForecast(made.made_on, one.month, ahead, one.mean, one.low, one.high, naive, count)


def _errors(ahead: int | None, past: Sequence[PastForecast]) -> Errors | None:
    number = len(past)
    if number < AT_LEAST:
        return None
    return Errors(
        ahead=ahead,
        number=number,
        came=sum(one.came for one in past) / number,
        off=sum(abs(one.mean - one.came) for one in past) / number,
        above=sum(one.mean - one.came for one in past) / number,
        held=sum(one.held for one in past),
        naive_off=sum(abs(one.naive - one.came) for one in past) / number,
        naive_above=sum(one.naive - one.came for one in past) / number,
    )
