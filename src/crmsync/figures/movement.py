"""How leads move up the ladder by the day: the chances of coming to a stage, and who stands where on days to come.

A lead that comes to a stage has on that same day the chances of its first day there, so that it can pass several
stages in one day. The last stretch of each stage's hazards goes on for ever: all who have been there for longer are
alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul

from crmsync.estimate.hazards import Hazards


@dataclass(frozen=True, slots=True)
class RungMoves:
    """One stage below the goal. `onward`: place of the stage above → the chance on one day, by stretch.

    `stretches`: the first age of each and, at the end, one more than the oldest that is told apart. `exposure`: what
    the chances were seen in. `stays`: the chance to stay a day, by age.
    """

    stretches: tuple[int, ...]
    onward: Mapping[int, tuple[float, ...]]
    elsewhere: tuple[float, ...]
    exposure: tuple[int, ...]
    stays: tuple[float, ...]

    @property
    def oldest(self) -> int:
        """The age from which on all are alike."""
        return self.stretches[-1] - 1


@dataclass(frozen=True, slots=True)
class Climb:
    """The way to the goal: the rungs below it, from the bottom, and the chances to have come there.

    `chances`: rung → days left after this one → age on this day, before it has passed.
    """

    rungs: tuple[RungMoves, ...]
    chances: tuple[tuple[tuple[float, ...], ...], ...]

    def come(self, place: int, days_left: int, age: int = 0) -> float:
        """The chance of one who stands there to come to the goal today or in so many days after."""
        if place >= len(self.rungs):
            return 1.0
        if days_left < 0:
            return 0.0
        return self.chances[place][days_left][min(age, self.rungs[place].oldest)]


def rung(stage: Hazards, places: Mapping[str, int]) -> RungMoves:
    """One stage's, made ready. `places`: of the stages above."""
    onward = {place: stage.chance(name) for name, place in places.items()}
    leaves = [sum(some) for some in zip(stage.elsewhere, *onward.values(), strict=True)]
    stretches = (*stage.edges, stage.last + 1)
    stays = tuple(
        1 - gone
        for gone, (first, after) in zip(leaves, pairwise(stretches), strict=True)
        for _ in range(after - first)
    )
    return RungMoves(stretches, onward, stage.elsewhere, stage.exposure, stays)


def climb(rungs: Sequence[RungMoves], days: int) -> Climb:
    """The chances within so many days."""
    goal = len(rungs)
    chances: list[tuple[tuple[float, ...], ...]] = [()] * goal
    for place in range(goal - 1, -1, -1):
        one = rungs[place]
        longer: tuple[float, ...] = (0.0,) * (one.oldest + 1)
        told = []
        for left in range(days):
            gained = [0.0] * len(one.exposure)
            for to, some in one.onward.items():
                then = 1.0 if to >= goal else chances[to][left][0]
                gained = [had + chance * then for had, chance in zip(gained, some, strict=True)]
            longer = tuple(
                gain + stay * later
                for gain, stay, later in zip(
                    _by_age(gained, one.stretches), one.stays, (*longer[1:], longer[-1]), strict=True
                )
            )
            told.append(longer)
        chances[place] = tuple(told)
    return Climb(tuple(rungs), tuple(chances))


def standing(
    rungs: Sequence[RungMoves], present: Sequence[Mapping[int, int]], coming: Sequence[float], days: int
) -> list[list[list[float]]]:
    """Day → rung → by age, how many stand there before this day has passed.

    `present`: age today → how many, by rung; `coming`: how many come new to it on each day.
    """
    now = [_aged(ages, one.oldest) for ages, one in zip(present, rungs, strict=True)]
    told = []
    for _ in range(days):
        for place, one in enumerate(rungs):
            now[place][0] += coming[place]
            by_stretch = [sum(now[place][first:after]) for first, after in pairwise(one.stretches)]
            for to, some in one.onward.items():
                if to < len(rungs):
                    now[to][0] += sum(map(mul, by_stretch, some))
        told.append(now)
        now = [_a_day_later(ages, one.stays) for ages, one in zip(now, rungs, strict=True)]
    return told


def slopes(climbed: Climb, there: Sequence[Sequence[Sequence[float]]], days: int) -> list[dict[int, list[float]]]:
    """How the expected number of comers within so many days changes with each chance: rung → where to → stretch.

    Elsewhere has the place -1. `there`: as `standing` gives it.
    """
    told: list[dict[int, list[float]]] = []
    goal = len(climbed.rungs)
    for place, one in enumerate(climbed.rungs):
        lost = [0.0] * len(one.exposure)
        gained = {to: [0.0] * len(one.exposure) for to in one.onward}
        for day in range(days):
            left = days - 1 - day
            ages = there[day][place]
            if left:
                later = climbed.chances[place][left - 1]
                kept = list(map(mul, ages, (*later[1:], later[-1])))
                for stretch, (first, after) in enumerate(pairwise(one.stretches)):
                    lost[stretch] += sum(kept[first:after])
            by_stretch = [sum(ages[first:after]) for first, after in pairwise(one.stretches)]
            for to, some in gained.items():
                then = 1.0 if to >= goal else climbed.chances[to][left][0]
                for stretch, count in enumerate(by_stretch):
                    some[stretch] += count * then
        told.append(
            {-1: [-some for some in lost]}
            | {to: [one - less for one, less in zip(some, lost, strict=True)] for to, some in gained.items()}
        )
    return told


def _by_age(values: Sequence[float], stretches: Sequence[int]) -> list[float]:
    told: list[float] = []
    for value, (first, after) in zip(values, pairwise(stretches), strict=True):
        told += [value] * (after - first)
    return told


def _aged(ages: Mapping[int, int], oldest: int) -> list[float]:
    """Those who are there, a day older than today: on the first day to come."""
    told = [0.0] * (oldest + 1)
    for age, count in ages.items():
        told[min(age + 1, oldest)] += count
    return told


def _a_day_later(ages: Sequence[float], stays: Sequence[float]) -> list[float]:
    stayed = list(map(mul, ages, stays))
    older = [0.0, *stayed[:-1]]
    older[-1] += stayed[-1]
    return older
