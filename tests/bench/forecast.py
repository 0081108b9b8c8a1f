"""Whether forecasts hold what they say, and how long they take: `python tests/bench/forecast.py [WORLDS]`.

Made-up worlds (`tests/unit/figures/made_up_ways.py`) whose chances are known, with few and many leads, and such in
which leads come in bursts of which nothing tells, in time with the stretches by which they are counted and across;
and such in which they become more or fewer all along, by season, or from one day on, and come at once, so that all
hangs on how many begin. Of each the forecast is made with what is known on one day, and held against what came: for
how many months of a hundred the 80 % interval held it, how far off the forecast was in the mean, and how far the mean
of the last three months. Then the time for 100,000 leads. Exit code: 0, or 1 where an interval held fewer than 76 or
more than 86 of 100; of bursts, which few numbers describe, fewer than 74 or more than 92; of numbers that change,
fewer than 76.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import cos, pi, sin
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "figures"))

from made_up_ways import LADDER, TODAY, bursts, changing, ways

from crmsync.figures.attempts import Attempts, attempts, by_month
from crmsync.figures.forecast import forecast
from crmsync.figures.months import later, month_of
from crmsync.figures.past_forecasts import backtest

WORLDS = 300
LEAST, MOST = 0.76, 0.86
OF_BURSTS = 0.74, 0.92
OF_CHANGES = 0.76, 1.0
CHANGES: dict[str, Callable[[float], float]] = {
    "one a day": lambda _month: 1.0,
    "one in four days": lambda _month: 0.25,
    "2 % more a month": lambda month: 1.02**month,
    "5 % more a month": lambda month: 1.05**month,
    "10 % more a month": lambda month: 1.10**month,
    "5 % more a month, three a day": lambda month: 3 * 1.05**month,
    "5 % fewer a month": lambda month: 0.95**month,
    "twice as many for two months": lambda month: 1.0 if month > -2 else 0.5,
    "half as many for two months": lambda month: 0.5 if month > -2 else 1.0,
}
SEASONS: dict[str, Callable[[float], float]] = {
    "by season, rising most": lambda month: 1 + 0.5 * sin(2 * pi * month / 12),
    "by season, at its top": lambda month: 1 + 0.5 * cos(2 * pi * month / 12),
    "by season, falling most": lambda month: 1 - 0.5 * sin(2 * pi * month / 12),
    "by season, at its bottom": lambda month: 1 - 0.5 * cos(2 * pi * month / 12),
}
"""Told, and held to nothing: a year does not tell of the next one's seasons."""
AHEAD = 2
LEADS = 100_000


@dataclass
class Held:
    """Of one month ahead, in all worlds."""

    worlds: int = 0
    held: int = 0
    off: list[float] = field(default_factory=list)
    naive: list[float] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    variance: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        return self.held / self.worlds


def told_of(seed: int, per_day: float) -> Attempts:
    return attempts(ways(seed, days=420, after=100, per_day=per_day), LADDER.stages, "sqo")


def of_bursts(seed: int, across: int) -> Attempts:
    return attempts(bursts(seed, across=across), LADDER.stages, "sqo")


def of_changes(seed: int, share: Callable[[float], float]) -> Attempts:
    return attempts(changing(seed, share), LADDER.stages, "sqo")


def held(worlds: int, world: Callable[[int], Attempts]) -> list[Held]:
    found = [Held() for _ in range(AHEAD + 1)]
    for seed in range(worlds):
        told = world(seed)
        known = told.on(TODAY)
        made = forecast(known, today=TODAY, months=AHEAD)
        before = [later(month_of(TODAY), -place) for place in (1, 2, 3)]
        naive = sum(by_month(known.came, before)) / 3
        came = by_month(told.came, [one.month for one in made.months])
        for one, expected, count in zip(found, made.months, came, strict=False):
            one.worlds += 1
            one.held += expected.low <= count <= expected.high
            one.off.append(expected.mean - count)
            one.naive.append(naive - count)
            one.widths.append(expected.high - expected.low)
            one.variance.append(expected.variance)
    return found


def shown(name: str, found: list[Held], bounds: tuple[float, float]) -> bool:
    right, (least, most) = True, bounds
    for ahead, one in enumerate(found):
        off, naive = (sum(map(abs, some)) / one.worlds for some in (one.off, one.naive))
        real = sum(error * error for error in one.off) / one.worlds
        print(
            f"{name}, {ahead} months ahead: {one.worlds} worlds, {100 * one.share:.1f} % held, "
            f"off by {off:.2f} (last months: {naive:.2f}), above by {sum(one.off) / one.worlds:+.2f}, "
            f"width {sum(one.widths) / one.worlds:.1f}, variance {real:.1f}, "
            f"said {sum(one.variance) / one.worlds:.1f}"
        )
        right &= least <= one.share <= most
    return right


def timed() -> None:
    some = ways(1, days=730, after=0, per_day=2.0)
    times = -(-LEADS // some["unit"].n_unique())
    every = pl.concat([some.with_columns(unit=pl.format("{}-{}", pl.lit(place), "unit")) for place in range(times)])
    began = time.perf_counter()
    told = attempts(every, LADDER.stages, "sqo")
    forecast(told, today=TODAY, months=3)
    made = time.perf_counter()
    backtest(told, today=TODAY)
    print(
        f"{every['unit'].n_unique():,} leads, {every.height:,} times in a stage: forecast {made - began:.2f} s, "
        f"backtest of 12 months {time.perf_counter() - made:.2f} s"
    )


def main() -> int:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else WORLDS
    right = [
        shown(f"{per_day:g} leads a day", held(worlds, partial(told_of, per_day=per_day)), (LEAST, MOST))
        for per_day in (1.0, 3.0)
    ]
    for across in (0, 13):
        name = f"bursts, {across} days across"
        right.append(shown(name, held(worlds, partial(of_bursts, across=across)), OF_BURSTS))
    for name, share in CHANGES.items():
        right.append(shown(name, held(worlds, partial(of_changes, share=share)), OF_CHANGES))
    for name, share in SEASONS.items():
        shown(name, held(worlds, partial(of_changes, share=share)), (0.0, 1.0))
    timed()
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
