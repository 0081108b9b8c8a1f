"""New attempts: how many begin, by the last months, and how unevenly they did.

Where each begins by itself, the number varies from month to month as chance has it, and the last 90 days tell the
rate. Where they come in bursts (fairs, campaigns), the number varies by more than that, and 90 days tell little: what
may come then lies between what they and what the whole year say, and as far around as months were apart. Where they
grow in number, or shrink, from month to month, what may come lies between the rate of 90 days and what comes if that
goes on (`growth`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from crmsync.figures.attempts import Attempts
from crmsync.figures.growth import Growth, growth

RATE_DAYS = 90
"""New attempts are expected to begin as in so many last days."""
STRETCH_DAYS = 30
"""They are counted in stretches of so many days, to see how much they vary."""
STRETCHES = 12
LEAST_STRETCHES = 4
"""Of fewer nothing is said of how they vary."""
OFFSETS = (0, 10, 20)
"""Days by which stretches are moved: a burst that lies across two of them looks like none."""
GROWS_ON_DAYS = 90
"""For so long growth may go on; then numbers stay."""
EXPLAINED = 0.75
"""Where growth is so much of all that is more than chance, what else varies is told without it."""


@dataclass(frozen=True, slots=True)
class NewLeads:
    """How many attempts begin. `per_month`: stage → in 30 days, by the last `days`. `shares`: stage → of a year's.

    `per_month_of_year`: in 30 days, by the last year. `uneven`: by how much the number of 30 days varies (as a
    variance) more than if each came by itself. `growth`: of the number of 30 days; null = none is seen. Where it is
    nearly all of what is uneven, these two are of numbers that are brought to the level of the last days.
    """

    per_month: Mapping[str, float]
    days: int
    shares: Mapping[str, float]
    per_month_of_year: float
    uneven: float
    growth: Growth | None = None

    @property
    def beyond_chance(self) -> float:
        """Which part of all variance is more than chance: so little the last days tell of the next."""
        return self.uneven / (self.uneven + self.per_month_of_year) if self.uneven else 0.0

    def stretches_on(self, day: int) -> float:
        """For so many stretches of 30 days growth may have gone on, on this day from now on (1 = the first), since
        the middle of the last days."""
        return (min(day - 0.5, GROWS_ON_DAYS) + self.days / 2) / STRETCH_DAYS


def new_leads(told: Attempts, today: date, history_days: int) -> NewLeads:
    """As known `today`."""
    days = min(RATE_DAYS, max(history_days, 1))
    lately = _by_stage(told, _since(today, days))
    whole = min(STRETCHES, history_days // STRETCH_DAYS) * STRETCH_DAYS
    year = _since(today, whole)
    of_year = _by_stage(told, year)
    number = sum(of_year.values())
    ago = (pl.lit(today) - pl.col("day")).dt.total_days()
    by_day: dict[int, int] = dict(told.begun.filter(year).group_by(ago=ago).len().iter_rows())
    daily = [by_day.get(place, 0) for place in range(whole)]
    grows = growth([sum(daily[place : place + STRETCH_DAYS]) for place in range(0, whole, STRETCH_DAYS)])
    levelled, varies = _without(daily, grows, days)
    return NewLeads(
        per_month={name: lately.get(name, 0) * STRETCH_DAYS / days for name in told.stages},
        days=days,
        shares={name: of_year.get(name, 0) / max(number, 1) for name in told.stages},
        per_month_of_year=sum(levelled) * STRETCH_DAYS / max(whole, 1),
        uneven=varies,
        growth=grows,
    )


def _without(daily: Sequence[float], grows: Growth | None, days: int) -> tuple[Sequence[float], float]:
    """The numbers and how uneven they are: without growth, where it is nearly all that makes them so.

    Not where they shrink: a year that ends in the rise of a season looks like that, and the interval must hold it.
    """
    varies = uneven(daily)
    if grows is None or grows.rate < 0:
        return daily, varies
    level = [count * grows.times((place + 0.5 - days / 2) / STRETCH_DAYS) for place, count in enumerate(daily)]
    beside = uneven(level)
    return (level, beside) if beside < (1 - EXPLAINED) * varies else (daily, varies)


def uneven(daily: Sequence[float]) -> float:
    """By how much numbers of 30 days vary more than Poisson's would. `daily`: how many on each day, the latest first.

    What few stretches say of their variance may be too little: it is taken for as much more as Student's distribution
    has more variance than the normal one.
    """
    found = []
    for offset in OFFSETS:
        last = len(daily) - STRETCH_DAYS
        counts = [sum(daily[place : place + STRETCH_DAYS]) for place in range(offset, last + 1, STRETCH_DAYS)]
        number = len(counts)
        if number >= LEAST_STRETCHES:
            mean = sum(counts) / number
            more = sum((count - mean) ** 2 for count in counts) / (number - 1) - mean
            found.append(more * (number - 1) / (number - 3) if more > 0 else more)
    return max(0.0, sum(found) / len(found)) if found else 0.0


def _since(today: date, days: int) -> pl.Expr:
    return pl.col("day") > today - timedelta(days=days)


def _by_stage(told: Attempts, some: pl.Expr) -> dict[str, int]:
    return dict(told.begun.filter(some).group_by("stage").len().iter_rows())
