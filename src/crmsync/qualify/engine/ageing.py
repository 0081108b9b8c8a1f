"""How the points of one rule change by time alone: interval ends now, and bounds for any later day.

Points of a rule that nothing ages change only at edges. Ageing points fall: positive ones down to 0, negative ones
up to 0. So two bounds are enough to tell on which day a threshold could first be crossed: *fallen* (positive parts
at their later value, negative ones as today) and *risen* (the other way round).

Between two edges the later value of an ageing sum S of m activities, t days on, is bounded without looking at the
activities again: each was rounded by at most half a milli-point, so with a half-life it is at least
`(S − m/2)·2^(−t/h) − m/2`, and linearly each loses at most its points' share of t days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from crmsync.qualify.language.scores import Rule
from crmsync.qualify.terms.points import MOST_MILLI, half_life_factors, milli

End = Literal["low", "high"]
Drift = Literal["now", "fallen", "risen"]
days_later = pl.col("#later")
"""Days after `as_of` for which the bounds are asked (Int32)."""


@dataclass(frozen=True)
class Ageing:
    """An ageing rule's raw sums (before its cap) and how they fall. Columns are lead columns."""

    raw: Mapping[End, str]
    number: Mapping[End, str]
    points: float
    half_life_days: int | None
    linear_days: int | None
    days: int

    def fallen(self, end: End) -> pl.Expr:
        """A lower bound of the sum's size, `#later` days on."""
        size, number = pl.col(self.raw[end]).abs(), pl.col(self.number[end])
        if self.half_life_days is not None:
            factors = pl.Series(half_life_factors(self.half_life_days, self.days), dtype=pl.Float64)
            factor = pl.lit(factors).gather(days_later.clip(0, self.days))
            left = ((size - number / 2) * factor - number / 2).floor().cast(pl.Int64) - 1
        else:
            assert self.linear_days is not None
            share = -(-days_later.cast(pl.Int64) * abs(milli(self.points)) // self.linear_days)
            left = size - number * (share + 1)
        return left.clip(lower_bound=0)


@dataclass(frozen=True)
class Contribution:
    """One compiled rule: lead columns with its interval (after its own cap), and its ageing if it ages."""

    rule: Rule
    low: str
    high: str
    ageing: Ageing | None = None
    cap: int = MOST_MILLI
    positive: bool = True
    endless: End | None = None  # this end stands at the cap, whatever the activities, and does not age

    def at(self, end: End, drift: Drift) -> pl.Expr:
        """One end of the interval now, or its bound later."""
        ages = drift == ("fallen" if self.positive else "risen") and end != self.endless
        if self.ageing is None or not ages:
            return pl.col(self.low if end == "low" else self.high)
        size = self.ageing.fallen(end).clip(upper_bound=self.cap)
        return size if self.positive else -size
