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
    names = pl.concat([credited["name"], given["name"]]).unique()
    lines = []
    for name in names:
        mine = credited.filter(pl.col("name").eq_missing(name))
        own = told.filter(pl.col("name").eq_missing(name))
        sums = dict(mine.group_by("stage").agg(pl.col("credit").sum()).iter_rows())
        lines.append(
            ScoreLine(
                name=name,
                stages={stage: sums.get(stage, 0.0) for stage in stages},
                yields=tuple(Yield(*step, _yield(mine, step[0], ones)) for step, ones in seen.items()),
                handed=_sum(own["credit"]),
                returned=_share(own.filter("answered").select("credit", hit="returned")),
                reasons=_reasons(own.filter("returned")),
            )
        )
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


def _yield(credited: pl.DataFrame, start: str, seen: pl.DataFrame) -> ScorecardShare:
    mine = credited.filter(pl.col("stage") == start)
    return _share(mine.join(seen, on=("unit", "number"), how="inner").select("credit", "hit"))


def _share(rows: pl.DataFrame) -> ScorecardShare:
    """`rows`: `credit` and `hit`."""
    whole = _sum(rows["credit"])
    if whole <= 0:
        return ScorecardShare(0.0, None, few=True)
    worth = whole * whole / _sum(rows["credit"] ** 2)
    value = min(1.0, _sum(rows.filter("hit")["credit"]) / whole)
    return ScorecardShare(whole, Estimate(value, *wilson_of(value, worth)), few=round(worth, 9) < FEW)


def _reasons(returned: pl.DataFrame) -> Mapping[str | None, float]:
    by_reason = returned.group_by("reason").agg(pl.col("credit").sum())
    return dict(by_reason.sort("credit", "reason", descending=(True, False), nulls_last=True).iter_rows())


def _sum(numbers: pl.Series) -> float:
    return float(numbers.sum())
