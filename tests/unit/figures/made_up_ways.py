"""Leads that move up a ladder by chances that are known, and what became of them: to hold forecasts against."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import polars as pl

from crmsync.figures.outcomes import WON_LEADS
from crmsync.figures.ways import LEFT, STEPS, Ladder, passes

LADDER = Ladder(("lead", "mql", "sql", "sqo"), "disqualified")
TODAY = date(2026, 11, 18)
Row = tuple[str, str | None, date, bool, date]

CHANCES = {
    "lead": (("mql", 0.02), ("sql", 0.003), ("disqualified", 0.01), (LEFT, 0.002)),
    "mql": (("sql", 0.025), ("disqualified", 0.02), ("lead", 0.003)),
    "sql": (("sqo", 0.02), ("disqualified", 0.012), ("mql", 0.002)),
    "sqo": (("disqualified", 0.004),),
    "disqualified": (("lead", 0.0005),),
}
"""Stage → where to, and how likely on a day of the first month; half as likely later, thrice on the first day."""


def steps(seed: int, *, first: date, until: date, per_day: float) -> pl.DataFrame:
    """STEPS of leads that began between these days, `per_day` of them as chance has it."""
    rng = random.Random(seed)
    rows: list[Row] = []
    day, number = first, 0
    while (day := day + timedelta(days=1)) <= until:
        for _ in range(_how_many(rng, per_day)):
            number += 1
            rows += _way(rng, f"{number:06}", day, until)
    return pl.DataFrame(rows, schema=dict(STEPS), orient="row")


def ways(seed: int, *, days: int = 400, after: int = 100, per_day: float = 2.0) -> pl.DataFrame:
    """PASSES of so many days before TODAY and after it."""
    first, until = TODAY - timedelta(days=days), TODAY + timedelta(days=after)
    return passes(steps(seed, first=first, until=until, per_day=per_day), LADDER)


def bursts(seed: int, *, days: int = 420, across: int = 0) -> pl.DataFrame:
    """PASSES: leads come as chance has it, many in 30 days, none in the next, at once to SQO. Nothing tells of it.

    `across`: so many days the bursts lie across stretches of 30 days that end today.
    """
    rng = random.Random(seed)
    rows: list[Row] = []
    for ago in range(-90, days, 30):
        for number in range(rng.choice([0, 0, 5, 15, 40, 70])):
            came = TODAY - timedelta(days=ago + across + rng.randrange(30))
            for stage, day in (("sql", came), ("sqo", came + timedelta(days=1))):
                rows.append((f"{ago}-{number}", stage, day, True, day))
    return passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), LADDER)


def changing(seed: int, share: Callable[[float], float], *, days: int = 420) -> pl.DataFrame:
    """PASSES: leads come as chance has it, at once to SQO, as many a day as `share` says for so many months after
    TODAY (below 0: before it). Nothing else tells of them, so all hangs on how many begin.
    """
    rng = random.Random(seed)
    rows: list[Row] = []
    for ago in range(days, -125, -1):
        for number in range(_how_many(rng, share(-ago / 30))):
            came = TODAY - timedelta(days=ago)
            for stage, day in (("sql", came), ("sqo", came + timedelta(days=1))):
                rows.append((f"{ago}-{number}", stage, day, True, day))
    return passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), LADDER)


def wins(steps_: pl.DataFrame, seed: int) -> pl.DataFrame:
    """WON_LEADS: six of ten that came to SQO are won in the weeks after; amounts as uneven as deals are."""
    rng = random.Random(seed)
    came = steps_.filter(pl.col("stage") == "sqo").unique("lead", keep="first", maintain_order=True)
    rows = [
        (lead, since + timedelta(days=5 + int(rng.expovariate(1 / 20))), round(rng.lognormvariate(9, 0.8), 2))
        for lead, since in came.select("lead", "since").rows()
        if rng.random() < 0.6
    ]
    return pl.DataFrame(rows, schema=dict(WON_LEADS), orient="row")


def _way(rng: random.Random, lead: str, began: date, until: date) -> Iterator[Row]:
    stage, since, seen = "lead", began, began
    yield lead, stage, since, True, seen
    while stage != LEFT:
        for age in range((until - since).days + 1):
            moved = _moved(rng, stage, age)
            if moved is not None:
                stage, since = moved, since + timedelta(days=age)
                yield lead, stage, since, True, since
                break
        else:
            return


def _moved(rng: random.Random, stage: str, age: int) -> str | None:
    drawn, times = rng.random(), 3.0 if age == 0 else 1.0 if age < 30 else 0.5
    for to, chance in CHANCES[stage]:
        drawn -= chance * times
        if drawn < 0:
            return to
    return None


def _how_many(rng: random.Random, mean: float) -> int:
    """Poisson's, by times between."""
    count, passed = 0, rng.expovariate(mean)
    while passed < 1:
        count, passed = count + 1, passed + rng.expovariate(mean)
    return count
