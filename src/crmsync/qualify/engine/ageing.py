"""How the points of one rule change by time alone: interval ends now, and bounds for any later day.

Points of a rule that nothing ages change only at edges. Ageing points fall: positive ones down to 0, negative ones
up to 0. So two bounds are enough to tell on which day a threshold could first be crossed: *fallen* (positive parts
at their later value, negative ones as today) and *risen* (the other way round).

Between two edges the later value of an ageing sum S of m activities, t days on, is bounded without looking at the
activities again: each was rounded by at most half a milli-point, so with a half-life it is at least
`(S − m/2)·2^(−t/h) − m/2`, and linearly each loses at most its points' share of t days. What has not begun to age
stays as it is: that something begins is an edge.

Points for silence grow, each end for itself, and the day of the next step is known: their bound is what they will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import polars as pl
from msgspec import Struct

from crmsync.qualify.language.scores import Rule
from crmsync.qualify.terms.points import MOST_MILLI, half_life_factors, milli
from crmsync.qualify.terms.shape import MOST_DAYS

End = Literal["low", "high"]
Drift = Literal["now", "fallen", "risen"]
days_later = pl.col("#later")
"""Days after `as_of` for which the bounds are asked (Int32)."""


class Ageing(Struct, frozen=True):
    """An ageing rule's raw sums (before its cap) and how they fall. Columns are lead columns.

    `number`: of how many activities they are made. `fresh`, `fresh_number`: the same of what has not begun to age;
    null where all do from their first day on.
    """

    raw: Mapping[End, str]
    number: Mapping[End, str]
    points: float
    half_life_days: int | None
    linear_days: int | None
    days: int
    fresh: Mapping[End, str] | None = None
    fresh_number: Mapping[End, str] | None = None

    def fallen(self, end: End) -> pl.Expr:
        """A lower bound of the sum's size, `#later` days on."""
        size, number = pl.col(self.raw[end]).abs(), pl.col(self.number[end])
        if self.fresh is None or self.fresh_number is None:
            return self._aged(size, number)
        fresh = pl.col(self.fresh[end]).abs()
        return fresh + self._aged(size - fresh, number - pl.col(self.fresh_number[end]))

    def _aged(self, size: pl.Expr, number: pl.Expr) -> pl.Expr:
        """Of points that age already."""
        if self.half_life_days is not None:
            factors = pl.Series(half_life_factors(self.half_life_days, self.days), dtype=pl.Float64)
            factor = pl.lit(factors).gather(days_later.clip(0, self.days))
            left = ((size - number / 2) * factor - number / 2).floor().cast(pl.Int64) - 1
        else:
            assert self.linear_days is not None
            share = -(-days_later.cast(pl.Int64) * abs(milli(self.points)) // self.linear_days)
            left = size - number * (share + 1)
        return left.clip(lower_bound=0)


class Silence(Struct, frozen=True):
    """How the points for silence grow: `points` (milli) for each `per_days` days, together at most `cap`.

    `shortest`, `longest`: lead columns with the days since it began (Int32, negative = it has yet to). Null:
    something may have ended it today, and may on any later day; nothing tells when it began.
    """

    shortest: str
    longest: str
    points: int
    per_days: int
    cap: int
    days: int = MOST_DAYS

    def at(self, end: End, drift: Drift) -> pl.Expr:
        """One end of the interval now, or what it will be later."""
        positive = self.points >= 0
        grows = drift == ("risen" if positive else "fallen")
        later = days_later.cast(pl.Int64) if grows else pl.lit(0, dtype=pl.Int64)
        size = (
            self._size(self.shortest, later, 0)
            if (end == "low") == positive
            else self._size(self.longest, later, self.cap)
        )
        return size if positive else -size

    def after(self, days: int) -> int:
        """The points of so many days of silence."""
        size = min(days // self.per_days * abs(self.points), self.cap)
        return size if self.points >= 0 else -size

    def _size(self, column: str, later: pl.Expr, otherwise: int) -> pl.Expr:
        periods = (pl.col(column) + later).clip(lower_bound=0) // self.per_days
        return (periods * abs(self.points)).clip(upper_bound=self.cap).fill_null(otherwise)


class Contribution(Struct, frozen=True):
    """One compiled rule: lead columns with its interval (after its own cap), and how time changes it."""

    rule: Rule
    low: str
    high: str
    ageing: Ageing | None = None
    cap: int = MOST_MILLI
    positive: bool = True
    endless: End | None = None  # this end stands at the cap, whatever the activities, and does not age
    silence: Silence | None = None

    @property
    def days(self) -> int:
        """Days after which time changes nothing any more."""
        return max((one.days for one in (self.ageing, self.silence) if one is not None), default=0)

    def at(self, end: End, drift: Drift) -> pl.Expr:
        """One end of the interval now, or its bound later."""
        if self.silence is not None and drift != "now":
            return self.silence.at(end, drift)
        ages = drift == ("fallen" if self.positive else "risen") and end != self.endless
        if self.ageing is None or not ages:
            return pl.col(self.low if end == "low" else self.high)
        size = self.ageing.fallen(end).clip(upper_bound=self.cap)
        return size if self.positive else -size
