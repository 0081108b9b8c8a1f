"""How many will come to a stage in the months to come, and between which numbers: those who are open, and new ones.

Who is open is expected to move as others did that had been there for as long (`estimate/hazards`), by each way up
the ladder (`movement`); new attempts are expected to begin at the rate of the last months. The interval has three
parts: chance (each open lead comes or does not; new ones vary as they did from month to month), and that the rates
are estimates, those of moving (by the delta method, each stretch of days apart) and those of beginning (`arrivals`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import mul

import polars as pl

from crmsync.estimate.counts import count_interval_between
from crmsync.estimate.hazards import hazards
from crmsync.figures.arrivals import STRETCH_DAYS, NewLeads, new_leads
from crmsync.figures.attempts import Attempts, by_month
from crmsync.figures.funnel import spells_of
from crmsync.figures.months import last_day, later, month_of
from crmsync.figures.movement import Climb, RungMoves, climb, rung, slopes, standing

FEW_ARRIVALS = 20
"""Of fewer that came to the stage so far nothing is forecast."""
SHORTEST_DAYS = 120
"""Of a shorter history nothing is forecast."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How many come to the stage in one month. `so_far`: have come already.

    `from_open`: stage → how many of those who stand there now are expected to come; `from_new`: of attempts that have
    not begun yet. `low`, `high`: the middle 80 % of what can be, with `so_far`. `variance`: of what is expected.
    `uneven_new`: what may come of new ones just as well, as far as they begin unevenly; null = `from_new`.
    """

    month: date
    so_far: int
    from_open: Mapping[str, float]
    from_new: float
    variance: float
    low: int
    high: int
    uneven_new: float | None = None

    @property
    def yet_to_come(self) -> tuple[float, float]:
        """Between which numbers the middle of the interval lies, without `so_far`."""
        coming = [sum(self.from_open.values()) + new for new in (self.from_new, self.uneven_new) if new is not None]
        return min(coming), max(coming)

    @property
    def mean(self) -> float:
        """So many in all."""
        return self.so_far + sum(self.from_open.values()) + self.from_new


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of one stage. `months`: this one, as far as it is not over, and those to come.

    `open_now`: stage below → how many stand there. `arrived`: came to it so far. `history_days`: since the first
    attempt of which it is known when it began. `too_short`: nothing can be said, and there are no months.
    """

    stage: str
    arrived: int
    history_days: int
    open_now: Mapping[str, int]
    new: NewLeads
    months: tuple[Expected, ...]

    @property
    def too_short(self) -> bool:
        """Whether the history says too little."""
        return is_too_short(self.arrived, self.history_days)


def is_too_short(arrived: int, history_days: int) -> bool:
    """The rule: 120 days, in which 20 came to the stage."""
    return arrived < FEW_ARRIVALS or history_days < SHORTEST_DAYS


def forecast(told: Attempts, *, today: date, months: int, part_of_now: bool = True) -> Forecast:
    """For this month (with `part_of_now`, where it is not over) and so many after it. `told`: as known `today`."""
    history_days = (today - told.first).days + 1 if told.first else 0
    open_now = _open(told, today)
    new = new_leads(told, today, history_days)
    expected: tuple[Expected, ...] = ()
    if not is_too_short(told.came.height, history_days):
        now = month_of(today)
        over = not part_of_now or today == last_day(now)
        wanted = [later(now, place) for place in range(1 if over else 0, months + 1)]
        expected = _Outlook(told, open_now, new, today).months(wanted, by_month(told.came, wanted))
    there = {name: sum(ages.values()) for name, ages in zip(told.below, open_now, strict=True)}
    return Forecast(told.stage, told.came.height, history_days, there, new, expected)


class _Outlook:
    """One forecast in the making."""

    def __init__(self, told: Attempts, open_now: Sequence[Mapping[int, int]], new: NewLeads, today: date) -> None:
        self._rungs = _rungs(told, today)
        self._below, self._open, self._new, self._today = told.below, open_now, new, today
        per_day = [new.per_month[name] / STRETCH_DAYS for name in told.stages]
        self._coming = per_day[: len(told.below)]
        self._straight = sum(per_day[len(told.below) :])
        """New attempts that begin at the stage itself, or above."""

    def months(self, months: Sequence[date], so_far: Sequence[int]) -> tuple[Expected, ...]:
        ends = [(last_day(month) - self._today).days for month in months]
        days = ends[-1]
        climbed = climb(self._rungs, days)
        there = standing(self._rungs, self._open, self._coming, days)
        told = []
        earlier = _Until.nothing(self._rungs)
        before = 0
        for month, end, had in zip(months, ends, so_far, strict=True):
            until = _Until(
                slopes(climbed, there, end), [_new_comers(climbed, place, end) for place in range(len(self._rungs))]
            )
            told.append(self._expected(month, had, climbed, (before, end), (earlier, until)))
            earlier, before = until, end
        return tuple(told)

    def _expected(
        self, month: date, had: int, climbed: Climb, days: tuple[int, int], until: tuple[_Until, _Until]
    ) -> Expected:
        from_open, chance = {}, 0.0
        for place, (name, ages) in enumerate(zip(self._below, self._open, strict=True)):
            comes = {age: _comes(climbed, place, age, days) for age in ages}
            from_open[name] = sum(count * comes[age] for age, count in ages.items())
            chance += sum(count * comes[age] * (1 - comes[age]) for age, count in ages.items())
        earlier, later_ = until
        reach = [after - so_long for so_long, after in zip(earlier.comers, later_.comers, strict=True)]
        from_new, uneven_new, chance_of_new = self._from_new(reach, days[1] - days[0])
        variance = chance + chance_of_new + _unknown_of_moving(self._rungs, earlier.slopes, later_.slopes)
        open_ = sum(from_open.values())
        low, high = count_interval_between(open_ + from_new, open_ + uneven_new, variance)
        return Expected(month, had, from_open, from_new, variance, had + low, had + high, uneven_new)

    def _from_new(self, reach: Sequence[float], straight: int) -> tuple[float, float, float]:
        """So many by the last 90 days; what it may be just as well, in so far as these tell little; the variance.

        `reach`: comers of one new attempt a day, by rung. `straight`: days of the month: who begins above comes then.
        """
        new = self._new
        mean = sum(map(mul, self._coming, reach)) + self._straight * straight
        shares = [new.shares[name] for name in self._below]
        come = sum(map(mul, shares, reach)) + (1 - sum(shares)) * straight
        """Of one new attempt a day that begins where those of the last year did."""
        of_year = come * new.per_month_of_year / STRETCH_DAYS
        uneven = come * come * new.uneven / STRETCH_DAYS
        rates = sum(rate * some * some for rate, some in zip(self._coming, reach, strict=True))
        unknown = (rates + self._straight * straight**2 + uneven) / max(new.days, 1)
        return mean, mean + new.beyond_chance * (of_year - mean), mean + uneven / max(straight, 1) + unknown


@dataclass(frozen=True, slots=True)
class _Until:
    """Until the end of a month: slopes of the expected number, and comers for one new attempt a day, by rung."""

    slopes: list[dict[int, list[float]]]
    comers: list[float]

    @classmethod
    def nothing(cls, rungs: Sequence[RungMoves]) -> _Until:
        flat = [dict.fromkeys((-1, *one.onward), [0.0] * len(one.exposure)) for one in rungs]
        return cls(flat, [0.0] * len(rungs))


def _comes(climbed: Climb, place: int, age: int, days: tuple[int, int]) -> float:
    """The chance of one of this age today to come after the first of these days, and until the second."""
    return climbed.come(place, days[1] - 1, age + 1) - climbed.come(place, days[0] - 1, age + 1)


def _new_comers(climbed: Climb, place: int, days: int) -> float:
    return sum((climbed.come(place, left) for left in range(days)), start=0.0)


def _unknown_of_moving(
    rungs: Sequence[RungMoves],
    earlier: Sequence[Mapping[int, list[float]]],
    until: Sequence[Mapping[int, list[float]]],
) -> float:
    """The variance that comes from chances of moving being estimates: multinomial in each stretch."""
    total = 0.0
    for one, less, more in zip(rungs, earlier, until, strict=True):
        for stretch, exposure in enumerate(one.exposure):
            if not exposure:
                continue
            middle = square = 0.0
            for to, some in {-1: one.elsewhere, **one.onward}.items():
                slope = more[to][stretch] - less[to][stretch]
                middle += slope * some[stretch]
                square += slope * slope * some[stretch]
            total += max(0.0, square - middle * middle) / exposure
    return total


def _rungs(told: Attempts, today: date) -> list[RungMoves]:
    """How those moved who stood below."""
    places = {name: place for place, name in enumerate(told.stages)}
    rungs = []
    for place, name in enumerate(told.below):
        above = {other: number for other, number in places.items() if number > place}
        spells = spells_of(told.stood.filter(pl.col("stage") == name), today)
        rungs.append(rung(hazards(spells, tuple(above)), above))
    return rungs


def _open(told: Attempts, today: date) -> list[dict[int, int]]:
    """Stage by stage: days there → how many."""
    age = (pl.lit(today) - pl.col("since")).dt.total_days()
    there = told.stood.filter(pl.col("until").is_null()).group_by("stage", age=age).len().sort("stage", "age")
    ages: dict[str, dict[int, int]] = {name: {} for name in told.below}
    for stage, days, count in there.iter_rows():
        if stage in ages:
            ages[stage][days] = count
    return [ages[name] for name in told.below]
