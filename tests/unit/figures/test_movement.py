"""Forward and backward are the same: how many come by who stands where, and by each one's chances."""

from __future__ import annotations

from itertools import pairwise

import pytest

from crmsync.estimate.hazards import Hazards
from crmsync.figures.movement import RungMoves, climb, rung, slopes, standing
from crmsync.values import replace

HAZARDS = (
    Hazards((0, 1, 4), (100, 200, 900), {"mql": (8, 20, 30), "sql": (3, 2, 9)}, (5, 0, 40)),
    Hazards((0, 2), (150, 700), {"sql": (20, 90)}, (4, 30)),
)
RUNGS = (rung(HAZARDS[0], {"mql": 1, "sql": 2}), rung(HAZARDS[1], {"sql": 2}))
PRESENT = ({0: 3, 2: 1, 90: 4}, {1: 2})
COMING = (0.7, 0.2)
DAYS = 12


def expected(rungs: tuple[RungMoves, ...], days: int) -> float:
    climbed = climb(rungs, DAYS)
    told = sum(
        count * climbed.come(place, days - 1, age + 1)
        for place, ages in enumerate(PRESENT)
        for age, count in ages.items()
    )
    return told + sum(rate * climbed.come(place, left) for place, rate in enumerate(COMING) for left in range(days))


def test_as_many_come_as_leave_for_the_goal() -> None:
    there = standing(RUNGS, PRESENT, COMING, DAYS)
    came = 0.0
    for day in there:
        for one, ages in zip(RUNGS, day, strict=True):
            stretches = zip(pairwise(one.stretches), one.onward[2], strict=True)
            came += sum(sum(ages[first:after]) * chance for (first, after), chance in stretches)
    assert came == pytest.approx(expected(RUNGS, DAYS))
    assert 0 < came < sum(COMING) * DAYS + 10


def test_a_chance_by_hand() -> None:
    """In the second stage 20 of 150 go on on each of the first two days, then 90 of 700."""
    climbed = climb(RUNGS, DAYS)
    first, later = 20 / 150, 90 / 700
    stays, stays_later = 1 - 24 / 150, 1 - 120 / 700
    assert climbed.come(1, 0) == pytest.approx(first)
    assert climbed.come(1, 2) == pytest.approx(first + stays * first + stays**2 * later)
    assert climbed.come(1, 1, 50) == pytest.approx(later + stays_later * later)
    assert climbed.come(1, -1, 5) == 0.0 and climbed.come(2, 0) == 1.0
    lead = 3 / 100 + 8 / 100 * first
    assert climbed.come(0, 0) == pytest.approx(lead), "past the second stage on one day, too"


@pytest.mark.parametrize("days", [1, 5, DAYS])
def test_slopes_are_what_a_little_more_of_each_chance_makes(days: int) -> None:
    told = slopes(climb(RUNGS, DAYS), standing(RUNGS, PRESENT, COMING, DAYS), days)
    little = 1e-6
    for place, one in enumerate(RUNGS):
        for to in (-1, *one.onward):
            for stretch in range(len(one.exposure)):
                more = list(RUNGS)
                more[place] = _more(one, to, stretch, little)
                change = (expected(tuple(more), days) - expected(RUNGS, days)) / little
                assert told[place][to][stretch] == pytest.approx(change, rel=1e-4, abs=1e-6)


def _more(one: RungMoves, to: int, stretch: int, little: float) -> RungMoves:
    first, after = one.stretches[stretch], one.stretches[stretch + 1]
    stays = tuple(stay - little if first <= age < after else stay for age, stay in enumerate(one.stays))
    if to == -1:
        return replace(one, stays=stays)
    some = tuple(chance + little * (place == stretch) for place, chance in enumerate(one.onward[to]))
    return replace(one, stays=stays, onward={**one.onward, to: some})
