"""What compiling collects and the evaluation runs: columns, masks, aggregates, edges."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from msgspec import Struct, field

from crmsync.qualify.terms.since import SinceDay

activity_age = pl.col("#age")
"""Age of an activity in whole days (Int32); negative for days after `as_of`."""
happened, perhaps_happened = pl.col("#happened"), pl.col("#perhaps")
"""Whether an activity was done for certain, and whether it may have been, by its outcome (Boolean)."""
today_number = pl.col("#today")
"""Days from 1970-01-01 to `as_of` (Int32), beside each lead."""
OTHER_CODE, UNKNOWN_CODE = 0, 1
"""Codes of words that no selector asks for, and of no word."""
WORD_COLUMNS = ("kind", "outcome", "direction", "by_role", "about")
"""Keys of a selector that are columns of activities."""


class Matches(Struct, frozen=True):
    """Masks over activities for one selector, without its window. `twins`: they differ only by activities of which
    nobody knows whether they happened. `provided`: the mapping has all asked kinds.
    """

    certain: pl.Expr
    possible: pl.Expr
    twins: bool
    provided: bool


class Aggregate(Struct, frozen=True):
    """One value for each lead from the activities that a mask lets through; `empty` where there are none.

    With `group`, a column of activities, `value` is made of the lead's groups, and of them what `of_group` gives.
    """

    of: str
    value: pl.Expr
    empty: int | None
    group: str | None = None
    of_group: tuple[pl.Expr, ...] = ()


class EvaluationPlan(Struct):
    """Everything that was collected. Keys are column names, but for:

    `codes`: column → word → code. `groups`: column → what tells a group of activities, over those of a batch.
    `masks`: name → mask, see `Aggregate.of`. `per_day`: name → how its column is made.
    `twins`: mask of possible matches → that of certain ones, where they differ by unknown outcomes alone, and by
    unknown days of the lead's own: `twins_since` names those masks' moments. `moments`: by key, those since when
    something counts. `stages`: those of which it is asked how long the lead stands there, and how often.
    `evidence`: key of a selector → masks of its (certain, possible) matches in its window.
    """

    facts: dict[str, pl.Expr] = field(default_factory=dict)
    codes: dict[str, dict[str, int]] = field(default_factory=dict)
    groups: dict[str, pl.Expr] = field(default_factory=dict)
    every_kind: bool = False
    evidence: dict[str, tuple[pl.Expr, pl.Expr]] = field(default_factory=dict)
    masks: dict[str, pl.Expr] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)
    twins_since: dict[str, str] = field(default_factory=dict)
    moments: dict[str, SinceDay] = field(default_factory=dict)
    stages: set[str] = field(default_factory=set)

    @property
    def asks_stays(self) -> bool:
        """Whether the lead's way through the stages is asked for."""
        return bool(self.stages) or any(moment.how != "fact" for moment in self.moments.values())

    point_columns: dict[str, tuple[int, ...]] = field(default_factory=dict)
    aggregates: dict[str, Aggregate] = field(default_factory=dict)
    per_day: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = field(default_factory=dict)
    levels: list[dict[str, pl.Expr]] = field(default_factory=list)
    edges: list[pl.Expr] = field(default_factory=list)
    needs_facts: set[str] = field(default_factory=set)
