"""What a replay shows beside the outcomes: conversion per stage and band, lines, rankings, misses and false alarms.

Frames have `lead`, `won` and `standing`, and for scores `score.<name>.low` and `band.<name>` as `decide` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crmsync.estimate.intervals import Interval, bootstrap, wilson
from crmsync.tune.measures import auc, lift, top_lift
from crmsync.values import asdict

NO_BAND = "none"
TENTHS = 10


@dataclass(frozen=True, slots=True)
class LeadGroup:
    """Leads that stand together: how many became winners, as a share with its interval, and as a lift."""

    name: str
    leads: int
    winners: int
    conversion: float | None
    interval: Interval
    lift: float | None


@dataclass(frozen=True, slots=True)
class StageOutcomes:
    """Everybody at a stage or above it, as if each were called a winner; or everybody above a `hand_over`'s line,
    who stands at least at `stage`.

    `precision`: winners among them; `recall`: the share of all winners; `missed`: winners below the line;
    `false_alarms`: leads at or above it that did not win.
    """

    stage: str
    leads: int
    precision: float | None
    precision_interval: Interval
    recall: float | None
    recall_interval: Interval
    lift: float | None
    missed: int
    false_alarms: int
    hand_over: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Without the hand-over where it is none's."""
        told = asdict(self)
        return told if self.hand_over else {key: value for key, value in told.items() if key != "hand_over"}


@dataclass(frozen=True, slots=True)
class Ranking:
    """An order of the leads: its AUC, and the lift among its best tenth."""

    name: str
    auc: float | None
    auc_interval: Interval | None
    top_lift: float | None
    top_lift_interval: Interval | None


def group(name: str, part: pl.DataFrame, everybody: pl.DataFrame) -> LeadGroup:
    """One group of `everybody`."""
    leads, winners = part.height, int(part["won"].sum())
    return LeadGroup(
        name=name,
        leads=leads,
        winners=winners,
        conversion=winners / leads if leads else None,
        interval=wilson(winners, leads),
        lift=lift(winners, leads, int(everybody["won"].sum()), everybody.height),
    )


def stage_groups(frame: pl.DataFrame, stages: Sequence[str]) -> tuple[LeadGroup, ...]:
    """Each stage by itself, in the given order."""
    return tuple(group(stage, frame.filter(pl.col("standing") == stage), frame) for stage in stages)


def lines(frame: pl.DataFrame, ladder: Sequence[str]) -> tuple[StageOutcomes, ...]:
    """A line at each stage of the ladder (from the bottom) but the lowest, the highest first."""
    return tuple(line_at(frame, ladder, stage) for stage in reversed(ladder[1:]))


def line_at(frame: pl.DataFrame, ladder: Sequence[str], stage: str) -> StageOutcomes:
    """The line at one stage."""
    return line_above(frame, above_line(frame, ladder, stage), stage)


def line_above(frame: pl.DataFrame, part: pl.DataFrame, stage: str, hand_over: str | None = None) -> StageOutcomes:
    """The line above which stands a `part` of all leads."""
    leads, winners, all_winners = part.height, int(part["won"].sum()), int(frame["won"].sum())
    return StageOutcomes(
        stage=stage,
        leads=leads,
        precision=winners / leads if leads else None,
        precision_interval=wilson(winners, leads),
        recall=winners / all_winners if all_winners else None,
        recall_interval=wilson(winners, all_winners),
        lift=lift(winners, leads, all_winners, frame.height),
        missed=all_winners - winners,
        false_alarms=leads - winners,
        hand_over=hand_over,
    )


def above_line(frame: pl.DataFrame, ladder: Sequence[str], stage: str) -> pl.DataFrame:
    """The leads at a stage or above it."""
    return frame.filter(pl.col("standing").is_in(list(ladder[list(ladder).index(stage) :])))


def band_groups(frame: pl.DataFrame, score: str, bands: Sequence[str]) -> tuple[LeadGroup, ...]:
    """The leads by a score's bands (highest first) and those below all; in tenths of the leads without bands."""
    if bands:
        named = pl.col(f"band.{score}")
        groups = [group(band, frame.filter(named == band), frame) for band in bands]
        below = frame.filter(named.is_null())
        return (*groups, group(NO_BAND, below, frame)) if below.height else tuple(groups)
    column = f"score.{score}.low"
    places = pl.col(column).rank("average", descending=True)
    tenth = ((places - 0.5) * TENTHS / max(1, frame.height)).floor().clip(0, TENTHS - 1).cast(pl.Int32)
    split = frame.with_columns(tenth.alias("#tenth"))
    return tuple(
        group(_points_told(part[column]), part, frame)
        for _, part in sorted(split.partition_by("#tenth", as_dict=True).items())
    )


def ranking(name: str, frame: pl.DataFrame, points: pl.Expr) -> Ranking:
    """The leads in the order of some points, highest first."""
    ordered = frame.select(points.alias("points"), "won")
    return Ranking(name, auc(ordered), bootstrap(ordered, auc), top_lift(ordered), bootstrap(ordered, top_lift))


def stage_rank(ladder: Sequence[str]) -> pl.Expr:
    """The stage's place from the bottom; the disqualified one below all."""
    places: Mapping[str, int] = {stage: rank for rank, stage in enumerate(ladder)}
    return pl.col("standing").replace_strict(dict(places), default=-1, return_dtype=pl.Int32)


def _points_told(points: pl.Series) -> str:
    low, high = (round(float(value) / 1000, 1) for value in (points.min(), points.max()))  # type: ignore[arg-type]
    return f"{low:g} points" if low == high else f"{low:g} to {high:g} points"
