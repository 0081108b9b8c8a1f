"""What a simulated rotation gave: counts beside shares, after every single turn.

Between two turns of a person their share only grows. So the largest deviations of all prefixes are found right before
and right after each person's own turns, and at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from crmsync.route.at_work.loads import pool_loads
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.rotation.fair import bound


@dataclass(frozen=True, slots=True)
class Share:
    """One person in one rotation. Deviations are turns minus target. `days`: (day, lowest, highest deviation)."""

    person: str
    weight: float
    turns: int
    target: float
    deviation: float
    largest: float
    within: bool
    days: tuple[tuple[date, float, float], ...]

    def to_json(self) -> dict[str, Any]:
        """Turns to six decimals; without the days."""
        return {
            "person": self.person,
            "weight": self.weight,
            "turns": self.turns,
            "target": round(self.target, 6),
            "deviation": round(self.deviation, 6),
            "largest_deviation": round(self.largest, 6),
            "within_bound": self.within,
        }


@dataclass(frozen=True, slots=True)
class PoolShares:
    """One rotation. `everybody`: all its people could take every turn.

    Then deviations stay below `bound`, else they stay within it: docs/explanation/fairness.md states and proves it.
    """

    pool: str
    everybody: bool
    bound: float
    people: tuple[Share, ...]

    @property
    def largest(self) -> float:
        """The largest deviation of anybody at any time."""
        return max((each.largest for each in self.people), default=0.0)

    @property
    def within(self) -> bool:
        """Whether the bound held throughout."""
        return all(each.within for each in self.people)

    def to_json(self) -> dict[str, Any]:
        """All keys, always."""
        return {
            "pool": self.pool,
            "turns": sum(each.turns for each in self.people),
            "everybody_could_take_every_turn": self.everybody,
            "bound": self.bound,
            "bound_is_strict": self.everybody,
            "largest_deviation": round(self.largest, 6),
            "within_bound": self.within,
            "people": [each.to_json() for each in self.people],
        }


def pool_shares(
    resolved: ResolvedRoster, given: pl.DataFrame, counters: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> tuple[PoolShares, ...]:
    """Every rotation that gave a turn. `given`: see `routing_batches.Routed`."""
    keys = {member.user: member.key for member in resolved.members}
    people = given.filter(pl.col("sharing").is_not_null()).select(
        "pool",
        "sharing",
        owner=pl.col("owner").replace_strict(keys, default=None, return_dtype=pl.String),
        day=pl.col("at").dt.date(),
        before=pl.col("counter_before") - pl.col("share_before"),
        after=pl.col("counter_after") - pl.col("share_after"),
    )
    turn = pl.col("between").struct
    pools = given.filter(turn.field("share_after").is_not_null()).select(
        turn.field("rotation").alias("pool"),
        turn.field("pools").list.len().cast(pl.Int64).alias("sharing"),
        owner="pool",
        day=pl.col("at").dt.date(),
        before=turn.field("before") - turn.field("share_before"),
        after=turn.field("after") - turn.field("share_after"),
    )
    turns = pl.concat([people, pools])
    daily = turns.group_by("pool", "owner", "day").agg(
        low=pl.min_horizontal(pl.col("before").min(), pl.col("after").min()),
        high=pl.max_horizontal(pl.col("before").max(), pl.col("after").max()),
    )
    days: dict[tuple[str, str], list[tuple[date, float, float]]] = {}
    for pool, owner, *day in daily.sort("pool", "owner", "day").iter_rows():
        days.setdefault((pool, owner), []).append((day[0], day[1], day[2]))
    fewest = dict(turns.group_by("pool").agg(pl.col("sharing").min()).iter_rows())
    loads = pool_loads(resolved, counters).filter(pl.col("pool").is_in(list(fewest)))
    return tuple(
        _pool(resolved, str(pool), rows, days, len(counters[str(pool)]), fewest[pool])
        for (pool,), rows in loads.group_by("pool", maintain_order=True)
    )


def _pool(
    resolved: ResolvedRoster,
    pool: str,
    rows: pl.DataFrame,
    days: Mapping[tuple[str, str], list[tuple[date, float, float]]],
    took_part: int,
    fewest: int,
) -> PoolShares:
    everybody = fewest == took_part
    most = min(1.0, bound(took_part)) if everybody else bound(took_part)
    people = []
    for row in rows.iter_rows(named=True):
        own = tuple(days.get((pool, row["key"]), ()))
        largest = max(abs(row["deviation"]), *(abs(each) for day in own for each in day[1:]), 0.0)
        people.append(
            Share(
                person=row["key"],
                weight=_weight(resolved, pool, row),
                turns=row["turns"],
                target=row["share"],
                deviation=row["deviation"],
                largest=largest,
                within=held(largest, most, strict=everybody),
                days=own,
            )
        )
    return PoolShares(pool, everybody, most, tuple(people))


def _weight(resolved: ResolvedRoster, rotation: str, row: Mapping[str, Any]) -> float:
    """A person's weight, or in a rotation between pools a pool's part."""
    if rotation in resolved.shares:
        return float(resolved.shares[rotation].get(row["key"], 0))
    return float(resolved.by_user[row["user"]].person.weight)


def held(deviation: float, most: float, *, strict: bool) -> bool:
    """Whether a deviation keeps the bound; floating point aside."""
    return deviation < most or deviation <= 1e-9 or (not strict and deviation <= most + 1e-9)
