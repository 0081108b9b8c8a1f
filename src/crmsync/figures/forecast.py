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
from itertools import pairwise

import polars as pl

from crmsync.estimate.counts import count_interval_between
from crmsync.estimate.hazards import hazards
from crmsync.figures.arrivals import STRETCH_DAYS, NewLeads, new_leads
from crmsync.figures.attempts import Attempts, by_month
from crmsync.figures.funnel import spells_of
from crmsync.figures.months import last_day, later, month_of
from crmsync.figures.movement import Climb, RungMoves, climb, rung, slopes, standing
from crmsync.figures.new_comers import NewComers, new_comers
from crmsync.values import replace

FEW_ARRIVALS = 20
"""Of fewer that came to the stage so far nothing is forecast."""
SHORTEST_DAYS = 120
"""Of a shorter history nothing is forecast."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How many come to the stage in one month. `so_far`: have come already.

    `from_open`: stage → how many of those who stand there now are expected to come; `from_new`: of attempts that have
    not begun yet. `low`, `high`: the middle 80 % of what can be, with `so_far`. `variance`: of what is expected.
    `uneven_new`: what may come of new ones just as well, as far as they begin unevenly; `grown_new`: if they go on to
    grow in number, or to shrink, as they did; null = `from_new`.
    """

    month: date
    so_far: int
    from_open: Mapping[str, float]
    from_new: float
    variance: float
    low: int
    high: int
    uneven_new: float | None = None
    grown_new: float | None = None

    @property
    def yet_to_come(self) -> tuple[float, float]:
        """Between which numbers the middle of the interval lies, without `so_far`."""
        some = (self.from_new, self.uneven_new, self.grown_new)
        coming = [sum(self.from_open.values()) + new for new in some if new is not None]
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
        self._stages, self._below, self._open, self._new, self._today = told.stages, told.below, open_now, new, today

    def months(self, months: Sequence[date], so_far: Sequence[int]) -> tuple[Expected, ...]:
        ends = [(last_day(month) - self._today).days for month in months]
        climbed = climb(self._rungs, ends[-1])
        coming = [self._new.per_month[name] / STRETCH_DAYS for name in self._below]
        there = standing(self._rungs, self._open, coming, ends[-1])
        leaning = [_flat(self._rungs), *(slopes(climbed, there, end) for end in ends)]
        unknown = [_unknown_of_moving(self._rungs, *both) for both in pairwise(leaning)]
        comers = new_comers(self._new, self._stages, climbed, ends)
        every = zip(months, so_far, pairwise((0, *ends)), comers, unknown, strict=True)
        return tuple(self._expected(month, had, climbed, days, new, more) for month, had, days, new, more in every)

    def _expected(
        self, month: date, had: int, climbed: Climb, days: tuple[int, int], new: NewComers, unknown: float
    ) -> Expected:
        from_open, chance = {}, 0.0
        for place, (name, ages) in enumerate(zip(self._below, self._open, strict=True)):
            comes = {age: _comes(climbed, place, age, days) for age in ages}
            from_open[name] = sum(count * comes[age] for age, count in ages.items())
            chance += sum(count * comes[age] * (1 - comes[age]) for age, count in ages.items())
        variance = chance + new.variance + unknown
        told = Expected(month, had, from_open, new.mean, variance, had, had, new.uneven, new.grown)
        low, high = count_interval_between(*told.yet_to_come, variance)
        return replace(told, low=had + low, high=had + high)


def _comes(climbed: Climb, place: int, age: int, days: tuple[int, int]) -> float:
    """The chance of one of this age today to come after the first of these days, and until the second."""
    return climbed.come(place, days[1] - 1, age + 1) - climbed.come(place, days[0] - 1, age + 1)


def _flat(rungs: Sequence[RungMoves]) -> list[dict[int, list[float]]]:
    """The slopes of nobody."""
    return [dict.fromkeys((-1, *one.onward), [0.0] * len(one.exposure)) for one in rungs]


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
