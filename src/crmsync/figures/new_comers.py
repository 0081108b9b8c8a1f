"""Who comes of those who are yet to begin: how many in each month, and how far that may be another number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from crmsync.figures.arrivals import STRETCH_DAYS, NewLeads
from crmsync.figures.movement import Climb


@dataclass(frozen=True, slots=True)
class NewComers:
    """Of one month. `mean`: at the rate of the last days; `variance`: of the number that comes.

    `uneven`: what it may be just as well, in so far as these days tell little; `grown`: if they go on to grow in
    number, or to shrink, as they did; null = they did not.
    """

    mean: float
    uneven: float
    grown: float | None
    variance: float


def new_comers(new: NewLeads, stages: Sequence[str], climbed: Climb, ends: Sequence[int]) -> Iterator[NewComers]:
    """Month by month. `stages`: the ladder from the bottom; `ends`: days from now to the last of each month."""
    below = len(climbed.rungs)
    per_day = [new.per_month[name] / STRETCH_DAYS for name in stages]
    coming = [*per_day[:below], sum(per_day[below:])]
    shares = [new.shares[name] for name in stages[:below]]
    places = _Places(new, coming, [*shares, 1 - sum(shares)])
    even, grown, leaning = _courses(new, ends[-1])
    reaches = [[_reach(climbed, course[:end]) for end in (0, *ends)] for course in (even, grown, leaning)]
    for steps in zip(*map(pairwise, reaches), strict=True):
        yield places.month(*([more - less for less, more in zip(*pair, strict=True)] for pair in steps))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where they begin: by rung, and at the end those who begin at the goal or above. `coming`: on a day, as in the
    last days. `shares`: of those of the last year.

    A reach is how many come of one that begins on each day, by where they begin.
    """

    new: NewLeads
    coming: Sequence[float]
    shares: Sequence[float]

    def month(self, reach: Sequence[float], grown: Sequence[float], leaning: Sequence[float]) -> NewComers:
        mean, come, variance = self._by(self.coming, reach), self._by(self.shares, reach), self._variance(reach)
        of_year = come * self.new.per_month_of_year / STRETCH_DAYS
        uneven = mean + self.new.beyond_chance * (of_year - mean)
        if self.new.growth is None:
            return NewComers(mean, uneven, None, variance)
        more = self._by(self.coming, grown)
        unknown = self._by(self.coming, leaning) ** 2 * self.new.growth.variance
        return NewComers(mean, uneven, more, max(variance, variance * (more / mean if mean else 1.0) + unknown))

    def _variance(self, reach: Sequence[float]) -> float:
        """By chance, by what is uneven, and by the rate being an estimate."""
        come = self._by(self.shares, reach)
        uneven = come * come * self.new.uneven / STRETCH_DAYS
        unknown = sum(rate * some * some for rate, some in zip(self.coming, reach, strict=True)) + uneven
        return self._by(self.coming, reach) + uneven / max(reach[-1], 1) + unknown / max(self.new.days, 1)

    @staticmethod
    def _by(rates: Sequence[float], reach: Sequence[float]) -> float:
        return sum(map(mul, rates, reach), start=0.0)


def _courses(new: NewLeads, days: int) -> tuple[Sequence[float], ...]:
    """How many begin on each day to come, for each that began on one of the last: as many; as many as growth makes of
    it; and how this changes with its rate."""
    even = [1.0] * days
    if new.growth is None:
        return even, even, [0.0] * days
    on = [new.stretches_on(day) for day in range(1, days + 1)]
    grown = [new.growth.times(stretches) for stretches in on]
    return even, grown, list(map(mul, grown, on))


def _reach(climbed: Climb, course: Sequence[float]) -> list[float]:
    days = len(course)
    return [
        sum((some * climbed.come(place, days - 1 - day) for day, some in enumerate(course)), start=0.0)
        for place in range(len(climbed.rungs) + 1)
    ]
