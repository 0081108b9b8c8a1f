"""What became of hand-offs: how many, how soon somebody was in touch, how many were accepted, what came back and why.

Who still waits counts as waiting: the time until half were touched is estimated as in the funnel, in minutes at work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmsync.estimate.fates import ON, SPELLS, Estimate, fates
from crmsync.estimate.intervals import wilson
from crmsync.figures.funnel import FEW

GIVEN: Mapping[str, pl.DataType] = {
    "receiver": pl.String(),
    "team": pl.String(),
    "pool": pl.String(),
    "hand_over": pl.String(),
    "waiting": pl.Boolean(),
    "touched": pl.Boolean(),
    "minutes": pl.Int64(),
    "late": pl.Boolean(),
    "accepted": pl.Boolean(),
    "returned": pl.Boolean(),
    "reason": pl.String(),
}
"""One row for each hand-off.

`waiting`: it is under way and nobody was in touch. `touched`: somebody was. `minutes`: at work until then, else until
its end or now; null = no time is set. `late`: whether that was, or is, too long. `returned`: it was given back.
"""


@dataclass(frozen=True, slots=True)
class CountedHandOffs:
    """A share of so many, with its interval; null = of none. `few`: so few that it says little."""

    part: int
    of: int
    estimate: Estimate | None
    few: bool


@dataclass(frozen=True, slots=True)
class HandOffFigures:
    """Of one group of hand-offs. `name`: null = none, or not known.

    `in_time`: of those of which it is known whether the first touch came in time. `accepted`, `returned`: of those
    that the receiver answered. `reasons`: of return → how many, null = none given. `half_touched_minutes`: at work.
    """

    name: str | None
    handed: int
    waiting: int
    in_time: CountedHandOffs
    accepted: CountedHandOffs
    returned: CountedHandOffs
    reasons: Mapping[str | None, int]
    half_touched_minutes: Estimate | None
    few_times: bool


def hand_off_figures(given: pl.DataFrame, name: str | None = None) -> HandOffFigures:
    """Of all these. `given`: GIVEN."""
    timed = given.filter(pl.col("minutes").is_not_null())
    known = timed.filter(pl.col("late") | pl.col("touched"))
    answered = given.filter(pl.col("accepted") | pl.col("returned"))
    back = answered.filter("returned")
    spells = timed.select(
        seen_from=pl.lit(0, SPELLS["seen_from"]),
        days=pl.col("minutes"),
        end=pl.when("touched").then(pl.lit(ON)).when(~pl.col("waiting")).then(pl.lit("over")),
    )
    return HandOffFigures(
        name=name,
        handed=given.height,
        waiting=given.filter("waiting").height,
        in_time=counted(known.filter(~pl.col("late")).height, known.height),
        accepted=counted(answered.height - back.height, answered.height),
        returned=counted(back.height, answered.height),
        reasons=dict(
            back.group_by("reason").len().sort("len", "reason", descending=(True, False), nulls_last=True).iter_rows()
        ),
        half_touched_minutes=_half_touched(spells),
        few_times=spells.height < FEW,
    )


def hand_off_groups(given: pl.DataFrame, column: str) -> tuple[HandOffFigures, ...]:
    """The same by what stands in a column, the largest group first."""
    groups = [hand_off_figures(frame, name) for (name,), frame in given.group_by(column, maintain_order=True)]
    return tuple(sorted(groups, key=lambda it: (it.name is None, -it.handed, it.name)))


def counted(part: int, of: int) -> CountedHandOffs:
    """A share with Wilson's interval."""
    return CountedHandOffs(part, of, Estimate(part / of, *wilson(part, of)) if of else None, few=of < FEW)


def _half_touched(spells: pl.DataFrame) -> Estimate | None:
    """Until half were touched, as if whoever ended otherwise could still have been."""
    only = spells.with_columns(end=pl.when(pl.col("end") == ON).then("end"))
    return fates(only).median_days()
