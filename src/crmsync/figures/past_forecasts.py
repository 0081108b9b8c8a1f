"""How far off forecasts would have been: made at past months' ends with what was known then, against what came.

Beside each stands what somebody would say who only looks at the last months: as many as came in the mean of three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crmsync.figures.attempts import Attempts, by_month
from crmsync.figures.forecast import forecast
from crmsync.figures.months import ends_before, last_day, later, month_of

AHEAD = 3
"""Months ahead that are looked at."""
AT_MOST = 12
"""Months' ends that are looked at, the latest."""
AT_LEAST = 3
"""Of fewer forecasts nothing is said."""
NAIVE_MONTHS = 3


@dataclass(frozen=True, slots=True)
class PastForecast:
    """One month, as it was forecast at the end of an earlier one. `ahead`: 1 = the next month. `came`: in truth."""

    made_on: date
    month: date
    ahead: int
    mean: float
    low: int
    high: int
    naive: float
    came: int

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
        """Whether the forecast was less off than the mean of the last months."""
        return self.off < self.naive_off


@dataclass(frozen=True, slots=True)
class Backtest:
    """`past`: every forecast, the latest month's end first. `errors`: by months ahead; `together`: null = too few."""

    past: tuple[PastForecast, ...]
    errors: tuple[Errors, ...]
    together: Errors | None


def backtest(told: Attempts, *, today: date) -> Backtest:
    """Forecasts of the past for months that are over. `told`: as known `today`."""
    ends = list(ends_before(today, told.first)) if told.first else []
    past = [one for end in ends[1 : AT_MOST + 1] for one in _made_on(end, told, today)]
    by_ahead = [_errors(ahead, [one for one in past if one.ahead == ahead]) for ahead in range(1, AHEAD + 1)]
    return Backtest(tuple(past), tuple(one for one in by_ahead if one is not None), _errors(None, past))


def _made_on(end: date, told: Attempts, today: date) -> list[PastForecast]:
    """What would have been forecast then for the months that are over by now."""
    known = told.on(end)
    made = forecast(known, today=end, months=AHEAD, part_of_now=False)
    before = [later(month_of(end), -place) for place in range(NAIVE_MONTHS)]
    naive = sum(by_month(known.came, before)) / NAIVE_MONTHS
    over = [one for one in made.months if last_day(one.month) <= today]
    truth = by_month(told.came, [one.month for one in over])
    return [
        PastForecast(end, one.month, ahead, one.mean, one.low, one.high, naive, count)
        for ahead, (one, count) in enumerate(zip(over, truth, strict=True), start=1)
    ]


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
