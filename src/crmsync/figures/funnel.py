"""The funnel: how many come to each stage, how many move on and when, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from crmsync.estimate.fates import ON, SPELLS, Estimate, Fates, fates

FEW = 20
"""Of fewer than so many with a known day an estimate says little; reports mark it."""
ENDS = ("disqualified", "sent_back", "off_ladder", "left")


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """One stage. `reached`: came here or further. `stood`: came here; of these some moved on, ended or are open.

    `ended`: how → how many. `dated`: of those that stood here, whose days are known: the estimates are of them.
    `within`: the share that moves on within the report's days. `median_days`: until half have left, by whatever way.
    `few`: there are so few that the estimates say little. `curve`: of moving on.
    """

    stage: str
    reached: int
    stood: int
    moved_on: int
    ended: Mapping[str, int]
    open: int
    dated: int
    within: Estimate | None
    median_days: Estimate | None
    few: bool
    curve: Fates


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages from the bottom, and the whole way: of `entered` below the last stage, how many come there.

    `arrived`: so far. `overall`: the share that comes there within the report's days.
    """

    stages: tuple[FunnelStage, ...]
    entered: int
    arrived: int
    overall: Estimate | None
    few: bool


def funnel(passes: pl.DataFrame, stages: Sequence[str], *, today: date, within_days: int) -> Funnel:
    """The funnel of these attempts or persons. `passes`: PASSES; `stages`: the ladder from the bottom."""
    rank = pl.DataFrame({"stage": list(stages), "rank": range(len(stages))}, schema_overrides={"rank": pl.Int64})
    ranked = passes.join(rank, on="stage", how="left", maintain_order="left")
    by_unit = ranked.group_by("unit", "number", maintain_order=True)
    units = by_unit.agg(
        first=pl.col("rank").min(),
        top=pl.col("rank").max(),
        entered=pl.col("since").first(),
        dated=pl.col("known").all(),
        seen=pl.col("seen").first(),
        until=pl.col("until").last(),
        end=pl.col("end").last(),
        arrived=pl.col("since").filter(pl.col("rank") == len(stages) - 1).first(),
    )
    told = tuple(
        _stage(ranked.filter(pl.col("rank") == place), stage, _reached(units, place), today, within_days)
        for place, stage in enumerate(stages)
    )
    whole = units.filter(pl.col("first") < len(stages) - 1).with_columns(
        since="entered",
        until=pl.coalesce("arrived", "until"),
        end=pl.when(pl.col("arrived").is_not_null()).then(pl.lit(ON)).otherwise("end"),
    )
    spells = spells_of(whole, today)
    return Funnel(
        told, whole.height, whole["arrived"].count(), fates(spells).moved_on(within_days), spells.height < FEW
    )


def _reached(units: pl.DataFrame, place: int) -> int:
    return units.filter((pl.col("first") <= place) & (pl.col("top") >= place)).height


def _stage(stood: pl.DataFrame, stage: str, reached: int, today: date, within_days: int) -> FunnelStage:
    ends = dict(stood.group_by("end").len().iter_rows())
    spells = spells_of(stood, today)
    curve = fates(spells)
    return FunnelStage(
        stage=stage,
        reached=reached,
        stood=stood.height,
        moved_on=ends.get(ON, 0),
        ended={end: ends[end] for end in ENDS if end in ends},
        open=ends.get(None, 0),
        dated=spells.height,
        within=curve.moved_on(within_days),
        median_days=curve.median_days(),
        few=spells.height < FEW,
        curve=curve,
    )


def spells_of(rows: pl.DataFrame, today: date) -> pl.DataFrame:
    """Those whose coming has a known day, as the estimates take them."""
    since = pl.col("since")
    return rows.filter("dated").select(
        seen_from=(pl.col("seen") - since).dt.total_days().clip(lower_bound=0).cast(SPELLS["seen_from"]),
        days=(pl.col("until").fill_null(today) - since).dt.total_days().clip(lower_bound=0).cast(SPELLS["days"]),
        end=pl.col("end"),
    )
