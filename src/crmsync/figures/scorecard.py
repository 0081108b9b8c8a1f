"""Marketing's scorecard: what each campaign or source has brought, how much of it went on, and what sales gave back.

Shares are of those who were seen for the report's days after they came: a plain ratio of credits, for whoever came
later has not failed to move on. Their interval is Wilson's with as many people as say as much (L. Kish 1965): twenty
credits of whole people say less than twenty that are thirds of sixty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from crmsync.estimate.fates import Estimate
from crmsync.estimate.intervals import wilson_of
from crmsync.figures.attribution import ARRIVALS, Way, credits_of
from crmsync.figures.funnel import FEW

HANDED: Mapping[str, pl.DataType] = {
    "unit": pl.String(),
    "number": pl.Int64(),
    "person": pl.String(),
    "day": pl.Date(),
    "after": pl.Date(),
    "answered": pl.Boolean(),
    "returned": pl.Boolean(),
    "reason": pl.String(),
}
"""One row for each hand-off. `answered`: accepted, returned or over; of the others it is not known yet."""


@dataclass(frozen=True, slots=True)
class ScorecardShare:
    """A share of credits with its interval; null = of nothing. `of`: how much credit it is a share of.

    `few`: so little stands behind it that it says little.
    """

    of: float
    estimate: Estimate | None
    few: bool


_OF_NOTHING = ScorecardShare(0.0, None, few=True)


@dataclass(frozen=True, slots=True)
class Yield:
    """Of those who came to one stage, who came to another within the report's days."""

    start: str
    to: str
    share: ScorecardShare


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One campaign or source. `name`: null = no touch is known. `stages`: credits of those who came there.

    `handed`, `reasons` (of return, null = none was given): credits of hand-offs; `returned`: of those answered.
    """

    name: str | None
    stages: Mapping[str, float]
    yields: tuple[Yield, ...]
    handed: float
    returned: ScorecardShare
    reasons: Mapping[str | None, float]


def score_lines(
    arrivals: pl.DataFrame,
    handed: pl.DataFrame,
    touches: pl.DataFrame,
    stages: Sequence[str],
    way: Way,
    *,
    today: date,
    within_days: int,
) -> tuple[ScoreLine, ...]:
    """One for each name, who brought most to the last stage first. `arrivals`: ARRIVALS; `stages`: above the foot."""
    credited = credits_of(arrivals, touches, way)
    steps = [*pairwise(stages)]
    if len(stages) > 2:
        steps.append((stages[0], stages[-1]))
    seen = {step: _seen(arrivals, *step, today=today, within_days=within_days) for step in steps}
    gone = handed.with_columns(stage=pl.lit("handed"))
    given = credits_of(gone.with_columns(dated=pl.lit(value=True)).select(ARRIVALS.keys()), touches, way)
    told = given.join(gone, on=("unit", "number"), how="inner")
    came = credited.group_by("name", "stage").agg(pl.col("credit").sum())
    credits = {(name, stage): credit for name, stage, credit in came.iter_rows()}
    yields = {step: _shares(_of_those(credited, step[0], ones)) for step, ones in seen.items()}
    handed_of = dict(told.group_by("name").agg(pl.col("credit").sum()).iter_rows())
    returned, reasons = (
        _shares(told.filter("answered").with_columns(hit="returned")),
        _reasons(told.filter("returned")),
    )
    lines = [
        ScoreLine(
            name=name,
            stages={stage: credits.get((name, stage), 0.0) for stage in stages},
            yields=tuple(Yield(*step, shares.get(name, _OF_NOTHING)) for step, shares in yields.items()),
            handed=handed_of.get(name, 0.0),
            returned=returned.get(name, _OF_NOTHING),
            reasons=reasons.get(name, {}),
        )
        for name in pl.concat([credited["name"], given["name"]]).unique()
    ]
    backwards = tuple(reversed(stages))
    return tuple(
        sorted(lines, key=lambda it: (it.name is None, *(-it.stages[stage] for stage in backwards), it.name))
    )


def _seen(arrivals: pl.DataFrame, start: str, to: str, *, today: date, within_days: int) -> pl.DataFrame:
    """Those who came to `start` long enough ago, by days that are known, and whether they came to `to` in time."""
    long_ago = today - timedelta(days=within_days)
    came = arrivals.filter((pl.col("stage") == start) & pl.col("dated") & (pl.col("day") <= long_ago))
    later = arrivals.filter(pl.col("stage") == to).select("unit", "number", then="day", then_dated="dated")
    both = came.join(later, on=("unit", "number"), how="left").filter(pl.col("then_dated").fill_null(value=True))
    in_time = (pl.col("then") - pl.col("day")).dt.total_days() <= within_days
    return both.select("unit", "number", hit=in_time.fill_null(value=False))


def _of_those(credited: pl.DataFrame, start: str, seen: pl.DataFrame) -> pl.DataFrame:
    """Credits of those who came to `start` and were seen for long enough, with `hit`."""
    return credited.filter(pl.col("stage") == start).join(seen, on=("unit", "number"), how="inner")


def _shares(rows: pl.DataFrame) -> Mapping[str | None, ScorecardShare]:
    """Of each name, all in one go: there may be thousands. `rows`: `name`, `credit` and `hit`."""
    credit = pl.col("credit")
    of_each = rows.group_by("name").agg(
        credit.sum(), squares=(credit**2).sum(), hits=credit.filter(pl.col("hit")).sum()
    )
    return {name: _share(whole, squares, hits) for name, whole, squares, hits in of_each.iter_rows()}


def _share(whole: float, squares: float, hits: float) -> ScorecardShare:
    if whole <= 0:
        return _OF_NOTHING
    worth = whole * whole / squares
    value = min(1.0, hits / whole)
    return ScorecardShare(whole, Estimate(value, *wilson_of(value, worth)), few=round(worth, 9) < FEW)


def _reasons(returned: pl.DataFrame) -> Mapping[str | None, Mapping[str | None, float]]:
    """Of each name, the most usual first."""
    by_reason = returned.group_by("name", "reason").agg(pl.col("credit").sum())
    of_each: dict[str | None, dict[str | None, float]] = {}
    told = by_reason.sort("credit", "reason", descending=(True, False), nulls_last=True)
    for name, reason, credit in told.iter_rows():
        of_each.setdefault(name, {})[reason] = credit
    return of_each
