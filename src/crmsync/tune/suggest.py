"""Suggested points beside the policy's own, and what both reach on leads that the fit had not seen.

The fit itself stands in `crmsync.tune.fit`; here its answers become a table that people can read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from crmsync.estimate.intervals import bootstrap
from crmsync.tune.measures import auc, top_lift, winners_at_the_top
from crmsync.tune.probe import Feature
from crmsync.tune.report import Ranking, above_line

Measure = Callable[[pl.DataFrame], float | None]
UNIT = 1000


@dataclass(frozen=True, slots=True)
class SuggestedPoints:
    """One rule: the policy's points and the fitted ones. `leads`, `winners`: those it certainly speaks of."""

    place: str
    words: str
    points: float
    suggested: float
    log_odds: float
    leads: int
    winners: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """As many leads as the policy puts at a stage or above it, taken by fitted points instead.

    `at_least`: the fitted points (on all leads) that take so many. Conversions: by the policy, and by fitted points
    out of sample.
    """

    stage: str
    leads: int
    at_least: float
    conversion_by_policy: float
    conversion_by_points: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The table, the thresholds, and the rankings out of sample.

    `worth_it`: the fit is surely better than chance. `left_out`: parts of the policy that were not weighed, and why.
    """

    leads: int
    winners: int
    strength: float
    points: tuple[SuggestedPoints, ...]
    thresholds: tuple[Threshold, ...]
    rankings: tuple[Ranking, ...]
    worth_it: bool
    left_out: tuple[str, ...]


def hits_of(frame: pl.DataFrame, features: Sequence[Feature]) -> list[list[float]]:
    """Hits as whole units, one row per lead."""
    units = frame.select((pl.col(feature.column) / UNIT).alias(feature.name) for feature in features)
    return [list(row) for row in units.iter_rows()]


def scaled(features: Sequence[Feature], log_odds: Sequence[float]) -> list[float]:
    """Log-odds as points on the policy's own scale: the largest of both tables have the same size, one decimal."""
    most = max((abs(value) for value in log_odds), default=0.0)
    largest = max((abs(feature.points) for feature in features), default=0.0)
    factor = largest / most if most else 0.0
    return [round(value * factor, 1) + 0.0 for value in log_odds]


def table_of(
    frame: pl.DataFrame, features: Sequence[Feature], log_odds: Sequence[float]
) -> tuple[SuggestedPoints, ...]:
    """The points side by side, in the policy's order. `frame`: hits and `won`."""
    rows = []
    for feature, odds, suggested in zip(features, log_odds, scaled(features, log_odds), strict=True):
        hit = frame.filter(pl.col(feature.column) > 0)
        winners = int(hit["won"].sum())
        rows.append(
            SuggestedPoints(feature.place, feature.words, feature.points, suggested, odds, hit.height, winners)
        )
    return tuple(rows)


def fitted_points(frame: pl.DataFrame, features: Sequence[Feature], suggested: Sequence[float]) -> pl.Series:
    """Each lead's sum of suggested points."""
    total = pl.lit(0.0)
    for feature, points in zip(features, suggested, strict=True):
        total += pl.col(feature.column) / UNIT * points
    return frame.select(total.alias("points"))["points"]


def thresholds_of(
    frame: pl.DataFrame, ladder: Sequence[str], points: pl.Series, repeats: Sequence[Sequence[float]]
) -> tuple[Threshold, ...]:
    """For each stage but the lowest that some but not all leads reach. `frame`: `standing`, `won`."""
    found = []
    for stage in reversed(ladder[1:]):
        above = above_line(frame, ladder, stage)
        if not 0 < above.height < frame.height:
            continue
        share = above.height / frame.height
        unseen = [winners_at_the_top(_points(frame, one), share) or 0.0 for one in repeats]
        found.append(
            Threshold(
                stage=stage,
                leads=above.height,
                at_least=round(float(points.sort(descending=True)[above.height - 1]), 1),
                conversion_by_policy=int(above["won"].sum()) / above.height,
                conversion_by_points=sum(unseen) / len(unseen) / above.height,
            )
        )
    return tuple(found)


def repeated_ranking(name: str, frame: pl.DataFrame, repeats: Sequence[Sequence[float]]) -> Ranking:
    """The mean over repeats of what each repeat's order reaches; the intervals are over leads."""
    columns = [pl.Series(f"#{number}", list(values)) for number, values in enumerate(repeats)]
    wide = frame.select("won").with_columns(columns)

    def over_repeats(measure: Measure) -> Measure:
        def mean(part: pl.DataFrame) -> float | None:
            each = [measure(part.select(pl.col(column.name).alias("points"), "won")) for column in columns]
            known = [value for value in each if value is not None]
            return sum(known) / len(known) if known else None

        return mean

    both = [over_repeats(measure) for measure in (auc, top_lift)]
    return Ranking(name, both[0](wide), bootstrap(wide, both[0]), both[1](wide), bootstrap(wide, both[1]))


def _points(frame: pl.DataFrame, values: Sequence[float]) -> pl.DataFrame:
    return frame.select("won").with_columns(pl.Series("points", list(values)))
