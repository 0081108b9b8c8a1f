"""Expected hand-offs against what receivers can take: who will have too many, and who too few, and when.

Hand-offs come by the forecast of their stage. Who gets them is told by shares: of each pool, and within it of those
who are there in the month, by weight. What a person has at the end of a month is what they had and got, less
those that leave the ladder at the rate at which leads left it lately.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from typing import Literal

import polars as pl

from crmsync.estimate.counts import count_interval_between
from crmsync.figures.forecast import Expected

LEAVING_DAYS = 180
"""How quickly leads leave is seen in so many last days."""
WHOLE_MONTH_DAYS = 28
"""That nobody comes in fewer days says nothing."""
State = Literal["away", "over", "may_be_over", "idle", "fits", "no_limit"]


@dataclass(frozen=True, slots=True)
class Part:
    """What of all hand-offs goes to one pool, and of that by weight to whom. `pool`: null = outside any rotation."""

    pool: str | None
    share: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who takes leads. `days`: at work in each month; `there`: which share of their days of work that is.

    `most`: new leads in each month, null = no limit. `open_now`: leads they have; `most_open`: the most they may
    have, null = no limit.
    """

    key: str
    days: tuple[int, ...]
    there: tuple[float, ...]
    most: tuple[float | None, ...]
    open_now: int
    most_open: int | None


@dataclass(frozen=True, slots=True)
class Load:
    """What one receiver is expected to get in one month. `low`, `high`: the middle 80 %. `open_end`: leads they have
    at its end, with nobody turned away.
    """

    key: str
    month: date
    days: int
    mean: float
    low: int
    high: int
    most: float | None
    open_end: float
    most_open: int | None
    state: State


@dataclass(frozen=True, slots=True)
class MonthOfAll:
    """All hand-offs of a month. `for_nobody`: no rule finds anybody for them; `too_many`: more than people take."""

    month: date
    mean: float
    low: int
    high: int
    for_nobody: float
    too_many: float


@dataclass(frozen=True, slots=True)
class TeamCapacity:
    """`loads`: each receiver's months, receivers in the roster's order. `leaves`: the daily chance to leave."""

    months: tuple[MonthOfAll, ...]
    loads: tuple[Load, ...]
    leaves: float


def leaving_chance(passes: pl.DataFrame, stages: Sequence[str], stage: str, today: date) -> float:
    """How likely a lead at this stage or above is, on one day, to leave the ladder, or be sent back."""
    above = passes.filter(pl.col("stage").is_in(list(stages[stages.index(stage) :])))
    first = today - timedelta(days=LEAVING_DAYS)
    until = pl.col("until").fill_null(today)
    lately = above.filter(until > first)
    days = lately.select((until - pl.max_horizontal("since", pl.lit(first))).dt.total_days().sum()).item()
    gone = lately.filter(pl.col("end").is_not_null() & (pl.col("end") != "on")).height
    return gone / days if days else 0.0


def capacity(
    expected: Sequence[Expected],
    spans: Sequence[int],
    parts: Sequence[Part],
    receivers: Sequence[Receiver],
    leaves: float,
) -> TeamCapacity:
    """Who gets how many. `expected`: hand-offs by month; what came so far this month was given out already.

    `spans`: days of each month that are yet to come.
    """
    loads: list[Load] = []
    months: list[MonthOfAll] = []
    had = {each.key: float(each.open_now) for each in receivers}
    for place, (month, span) in enumerate(zip(expected, spans, strict=True)):
        shares = _shares(parts, receivers, place)
        stay = exp(-leaves * span)
        stay_of_new = (1 - stay) / (leaves * span) if leaves and span else 1.0
        in_month = []
        for each in receivers:
            mean, low, high = _gets(month, shares.get(each.key, 0.0))
            open_end = had[each.key] * stay + mean * stay_of_new
            state = _state(each, place, (mean, high), open_end, whole=span >= WHOLE_MONTH_DAYS)
            told = (each.days[place], mean, low, high, each.most[place], open_end, each.most_open, state)
            in_month.append(Load(each.key, month.month, *told))
        months.append(_of_all(month, in_month, sum(shares.values())))
        loads += in_month
        had = {load.key: load.open_end for load in in_month}
    order = {each.key: number for number, each in enumerate(receivers)}
    loads.sort(key=lambda load: (order[load.key], load.month))
    return TeamCapacity(tuple(months), tuple(loads), leaves)


def _of_all(month: Expected, loads: Sequence[Load], given: float) -> MonthOfAll:
    mean, low, high = _gets(month, 1.0)
    too_many = sum((max(0.0, load.mean - load.most) for load in loads if load.most is not None), start=0.0)
    return MonthOfAll(month.month, mean, low, high, mean * max(0.0, 1.0 - given), too_many)


def _gets(month: Expected, share: float) -> tuple[float, int, int]:
    """So many of the month's hand-offs that are yet to come, and between which numbers.

    Which lead falls to whom is taken for chance: in a rotation it varies less, between territories just so.
    """
    coming = month.mean - month.so_far
    mean = coming * share
    least, most = (some * share for some in month.yet_to_come)
    return mean, *count_interval_between(least, most, month.variance * share * share + mean * (1 - share))


def _shares(parts: Sequence[Part], receivers: Sequence[Receiver], place: int) -> dict[str, float]:
    """Everybody's share of all hand-offs in this month: within a part by weight, of those who are there."""
    there = {each.key: each.there[place] for each in receivers}
    told: dict[str, float] = {}
    for part in parts:
        weights = {key: weight * there.get(key, 0.0) for key, weight in part.weights.items()}
        whole = sum(weights.values())
        for key, weight in weights.items():
            if whole:
                told[key] = told.get(key, 0.0) + part.share * weight / whole
    return told


def _state(each: Receiver, place: int, coming: tuple[float, int], open_end: float, *, whole: bool) -> State:
    (mean, high), most = coming, each.most[place]
    if not each.days[place]:
        return "away"
    if (most is not None and mean > most) or (each.most_open is not None and open_end > each.most_open):
        return "over"
    if most is not None and high > most:
        return "may_be_over"
    if (whole and high < 1) or (most is not None and high < most / 2):
        return "idle"
    return "fits" if most is not None or each.most_open is not None else "no_limit"
