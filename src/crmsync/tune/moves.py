"""Two decisions on the same leads side by side: who moves, from where to where, and what owners then have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crmsync.values import asdict

Direction = str
"""`up`, `down`, `beside` (to or from a stage that is on neither ladder) or `same`."""


@dataclass(frozen=True, slots=True)
class Move:
    """How many leads stand at `before` under one policy and at `after` under the other; null = not managed."""

    before: str | None
    after: str | None
    direction: Direction
    leads: int


@dataclass(frozen=True, slots=True)
class Workload:
    """One owner's leads: as the CRM holds them `now`, and once either policy were carried out. Null = nobody."""

    owner: str | None
    now: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class FactPart:
    """The leads with one value of a fact: how many go up and down, and at each stage (before, after)."""

    value: str | None
    leads: int
    up: int
    down: int
    stages: Mapping[str, tuple[int, int]]

    def to_json(self) -> dict[str, Any]:
        """Stages as `{before, after}`."""
        stages = {stage: {"before": one[0], "after": one[1]} for stage, one in self.stages.items()}
        return {**asdict(self), "stages": stages}


def ranks_of(disqualified: str | None, ladder: Sequence[str]) -> dict[str, int]:
    """Stage → place: the disqualified one below the ladder, then the ladder from the bottom."""
    beside = {disqualified: -1} if disqualified else {}
    return {**beside, **{stage: rank for rank, stage in enumerate(ladder)}}


def with_direction(frame: pl.DataFrame, ranks: Mapping[str, int]) -> pl.DataFrame:
    """`frame` with `direction`, from its stages `before` and `after`."""
    codes = [pl.col(name).replace_strict(dict(ranks), default=None, return_dtype=pl.Int32) for name in _ENDS]
    before, after = codes
    return frame.with_columns(
        pl.when(pl.col("before").eq_missing(pl.col("after")))
        .then(pl.lit("same"))
        .when(after > before)
        .then(pl.lit("up"))
        .when(after < before)
        .then(pl.lit("down"))
        .otherwise(pl.lit("beside"))
        .alias("direction")
    )


def moves(frame: pl.DataFrame) -> tuple[Move, ...]:
    """The matrix of `before`, `after`, most leads first. `frame` has `direction`."""
    counted = frame.group_by("before", "after", "direction").len("leads")
    counted = counted.sort("leads", "before", "after", descending=[True, False, False])
    return tuple(Move(**row) for row in counted.select("before", "after", "direction", "leads").to_dicts())


def stage_counts(frame: pl.DataFrame) -> dict[str, tuple[int, int]]:
    """Stage → leads there before and after."""
    before, after = (dict(frame[name].drop_nulls().value_counts().iter_rows()) for name in _ENDS)
    return {stage: (before.get(stage, 0), after.get(stage, 0)) for stage in {**before, **after}}


def loads(frame: pl.DataFrame) -> tuple[Workload, ...]:
    """Leads of each owner, from `owner_now`, `owner_before`, `owner_after`; most leads after first."""
    columns = ("owner_now", "owner_before", "owner_after")
    counts = [dict(frame[name].value_counts().iter_rows()) for name in columns]
    owners = dict.fromkeys(owner for count in counts for owner in count)
    found = [Workload(owner, *(count.get(owner, 0) for count in counts)) for owner in owners]
    return tuple(sorted(found, key=lambda load: (-load.after, load.owner or "")))


def parts_by(frame: pl.DataFrame, column: str) -> tuple[FactPart, ...]:
    """The frame split by a column's values, the largest part first. `frame` has `direction`."""
    found = []
    for (value,), part in frame.group_by([column]):
        ways = dict(part["direction"].value_counts().iter_rows())
        named = None if value is None else str(value)
        found.append(FactPart(named, part.height, ways.get("up", 0), ways.get("down", 0), stage_counts(part)))
    return tuple(sorted(found, key=lambda part: (-part.leads, part.value or "")))


_ENDS = ("before", "after")
