"""Shares by time: against another implementation, by hand, and as often right as they claim."""

from __future__ import annotations

import random
from math import exp

import polars as pl
import pytest

from crmsync.estimate.fates import SPELLS, Fates, fates
from crmsync.estimate.intervals import wilson
from suite.breadth import broadly

Spell = tuple[int, int, str | None]


def of(*spells: Spell) -> Fates:
    return fates(pl.DataFrame(spells, schema=dict(SPELLS), orient="row"))


def drawn(rng: random.Random, number: int, on: float, otherwise: float, *, seen_late: bool = False) -> list[Spell]:
    """Exponential waits of 20 days in the mean, seen for up to half a year; `seen_late`: from some day on."""
    spells: list[Spell] = []
    while len(spells) < number:
        chance = rng.random()
        end = "on" if chance < on else "disqualified" if chance < on + otherwise else None
        days = int(rng.expovariate(1 / 20)) if end else 10_000
        seen, begun = rng.randrange(180), rng.randrange(30) if seen_late else 0
        if begun and min(days, seen) <= begun:
            continue  # gone before anybody looked: never seen
        spells.append((begun, days, end) if days <= seen else (begun, seen, None))
    return spells


def test_without_open_ones_it_is_the_plain_share_with_wilsons_interval() -> None:
    spells: list[Spell] = [(0, day % 7, "on" if day % 4 else "disqualified") for day in range(40)]
    told = of(*spells).moved_on(6)
    assert told is not None and told.value == pytest.approx(0.75)
    assert (told.low, told.high) == pytest.approx(wilson(30, 40))


@pytest.mark.parametrize("seed", broadly(range(20), core=4))
def test_what_is_left_is_what_another_implementation_says(seed: int) -> None:
    from scipy import stats  # late, see spread in test_counts

    spells = drawn(random.Random(seed), 60, 0.6, 0.2)
    seen = [days for _, days, end in spells if end]
    curve = stats.ecdf(stats.CensoredData(uncensored=seen, right=[days for _, days, end in spells if end is None])).sf
    found = of(*spells)
    ended = [place for place, day in enumerate(curve.quantiles) if day in found.days]
    assert found.left == pytest.approx([curve.probabilities[place] for place in ended], abs=1e-12)
    interval = curve.confidence_interval(method="log-log")
    middle = next((day for day, left in zip(found.days, found.left, strict=True) if left <= 0.5), None)
    told = found.median_days()
    assert (told and told.value) == middle
    if told is not None:
        lows, days = interval.low.probabilities, curve.quantiles
        assert told.low == min(day for day, low in zip(days, lows, strict=True) if low <= 0.5)


def test_ends_that_compete_are_no_lack_of_sight() -> None:
    """By hand: of four one moves on, one ends, then one of the two that are left moves on, one is open."""
    found = of((0, 1, "on"), (0, 2, "disqualified"), (0, 3, "on"), (0, 9, None))
    assert found.on == pytest.approx((1 / 4, 1 / 4, 1 / 4 + 1 / 2 * 1 / 2))
    assert found.left == pytest.approx((3 / 4, 1 / 2, 1 / 4))


def test_an_end_comes_before_the_last_sight_of_the_same_day() -> None:
    assert of((0, 2, None), (0, 2, "on")).on == (0.5,)


def test_who_was_first_seen_later_is_at_risk_from_then_on() -> None:
    found = of((0, 2, "on"), (5, 6, "on"), (5, 5, "on"), (0, 9, None))
    assert found.days == (2, 6)
    assert found.on == pytest.approx((1 / 2, 1 / 2 + 1 / 2 * 1 / 2))
    assert [found.at_risk(day) for day in (0, 2, 5, 6, 9, 10)] == [2, 2, 1, 2, 1, 0]


def test_nothing_is_said_of_days_on_which_nobody_was_seen() -> None:
    found = of((0, 2, "on"), (0, 9, None))
    assert found.moved_on(9) is not None and found.moved_on(10) is None
    assert of().moved_on(0) is None and of().median_days() is None
    whole = of((0, 2, "on"), (0, 3, "on")).moved_on(400)
    assert whole is not None and whole.value == 1.0, "nobody is left to wait for"


def test_where_nothing_moved_on_the_interval_is_as_wide_as_few_are_seen() -> None:
    told = of(*[(0, 9, None)] * 5).moved_on(9)
    assert told is not None
    assert (told.value, told.low, told.high) == pytest.approx((0, *wilson(0, 5)))


def test_where_all_moved_on_the_interval_is_of_all_of_them() -> None:
    told = of(*[(0, day, "on") for day in range(20)], (0, 3, None)).moved_on(60)
    assert told is not None
    assert (told.value, told.low, told.high) == pytest.approx((1, *wilson(20, 20)))
    assert of(*[(0, day, "lost") for day in range(20)]).moved_on(60).high == pytest.approx(wilson(0, 20)[1])  # type: ignore[union-attr]


def test_more_than_half_still_there_is_no_median() -> None:
    assert of((0, 2, "on"), (0, 9, None), (0, 9, None)).median_days() is None


@pytest.mark.parametrize(
    ("number", "on", "otherwise", "seen_late"),
    broadly([(20, 0.3, 0.2, False), (50, 0.05, 0.5, False), (200, 0.9, 0.05, False), (200, 0.3, 0.3, True)]),
)
def test_intervals_hold_the_truth_as_often_as_they_claim(
    number: int, on: float, otherwise: float, seen_late: bool
) -> None:
    """95 of 100; of 400 worlds 368 to 394 are what chance leaves to an interval that keeps its word."""
    truth = on * (1 - exp(-61 / 20))
    rng = random.Random(f"{number} {on}")
    told = [of(*drawn(rng, number, on, otherwise, seen_late=seen_late)).moved_on(60) for _ in range(400)]
    held = sum(one is not None and one.low <= truth <= one.high for one in told)
    assert 368 <= held <= 394, held
