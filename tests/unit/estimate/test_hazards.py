"""Chances by the day: the same ones of which the curves are made."""

from __future__ import annotations

import random

import polars as pl
import pytest

from crmsync.estimate.fates import SPELLS, fates
from crmsync.estimate.hazards import EDGES, ENOUGH, hazards


def drawn(seed: int, number: int = 400) -> pl.DataFrame:
    """Some move on, some end otherwise, some are open, some were first seen after they had come."""
    rng = random.Random(seed)
    rows = []
    for _ in range(number):
        days = min(int(rng.expovariate(0.03)), 60)
        seen_from = rng.choice([0, 0, 0, rng.randrange(1, 30)])
        end = None if days == 60 else rng.choice(["on", "on", "further", "disqualified", None])
        if seen_from <= days:
            rows.append((seen_from, days, end))
    return pl.DataFrame(rows, schema=dict(SPELLS), orient="row")


@pytest.mark.parametrize("seed", range(3))
def test_a_stretch_for_each_day_makes_the_curves(seed: int) -> None:
    spells = drawn(seed)
    told = hazards(spells, ["on", "further"], edges=range(61), enough=0)
    curves = fates(spells)
    on, further, other = told.chance("on"), told.chance("further"), told.elsewhere
    left, share = 1.0, 0.0
    for day in range(61):
        share += left * on[day]
        left *= 1 - on[day] - further[day] - other[day]
        if day in curves.days:
            place = curves.days.index(day)
            assert share == pytest.approx(curves.on[place], abs=1e-12)
            assert left == pytest.approx(curves.left[place], abs=1e-12)


def test_a_stretch_is_so_long_that_some_leave_in_it_and_nothing_is_lost() -> None:
    spells = drawn(9, 150)
    told = hazards(spells, ["on"])
    leave = [on + other for on, other in zip(told.events["on"], told.other, strict=True)]
    assert len(leave) > 2 and min(leave) >= ENOUGH
    assert sum(leave) == spells["end"].is_not_null().sum() - _unseen(spells)
    fine = hazards(spells, ["on"], enough=0)
    assert sum(fine.exposure) == sum(told.exposure) and fine.edges == EDGES
    assert told.last == told.edges[-1] and told.stretch(10_000) == len(told.edges) - 1 and told.stretch(0) == 0


def _unseen(spells: pl.DataFrame) -> int:
    """Those that ended on the day on which they were first seen."""
    same = (pl.col("seen_from") > 0) & (pl.col("days") == pl.col("seen_from")) & pl.col("end").is_not_null()
    return spells.filter(same).height


def test_days_before_the_first_sight_count_for_nothing() -> None:
    spells = pl.DataFrame([(5, 8, "on"), (0, 2, None)], schema=dict(SPELLS), orient="row")
    told = hazards(spells, ["on"], edges=range(10), enough=0)
    assert told.exposure == (1, 1, 1, 0, 0, 0, 1, 1, 1, 0)
    assert told.chance("on")[8] == 1.0


def test_nobody_moves_where_nobody_was_seen() -> None:
    told = hazards(pl.DataFrame(schema=dict(SPELLS)), ["on"])
    assert (told.edges, told.chance("on"), told.elsewhere) == ((0,), (0.0,), (0.0,))
