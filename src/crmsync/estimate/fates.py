"""What becomes of those who wait, and when: shares by time since they came; who is still open counts as open.

Two ends compete: what is asked for, and any other. Who ended otherwise will not move on any more, so taking such an
end for a mere lack of sight (as a Kaplan-Meier curve of moving on would) promises too much. The share by time t is
Aalen and Johansen's (1978), F(t) = Σ S(tᵢ₋₁) dᵢ/Yᵢ, with the variance of J. P. Klein and M. L. Moeschberger, Survival
Analysis, 2nd ed. 2003, section 4.7. S is Kaplan and Meier's (1958) of any end, its variance Greenwood's (1926).

Time is whole days. Ends of a day come before the last sight of it. Who was seen first after coming (`seen_from` days)
is at risk from the next day on only: those who came with them and had left by then were never seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import polars as pl

from crmsync.estimate.intervals import Z_95, Interval, wilson_of

SPELLS: Mapping[str, pl.DataType] = {"seen_from": pl.Int64(), "days": pl.Int64(), "end": pl.String()}
"""One row for each that came. `seen_from`: days after coming at which it was first seen (0 = it was seen to come).
`days`: until its end, or until today. `end`: `on` = what is asked for; null = still open; anything else."""

TINY = 1e-12
"""What rounding leaves of nothing."""
ON = "on"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Fates:
    """Curves over the days on which something ended: how much had moved on by then, and how much was left.

    `ended`: how many had ended by then, by whatever end. `seen_until`, `seen_from`: of all that were seen, the days
    after coming, ascending.
    """

    seen_from: tuple[int, ...]
    seen_until: tuple[int, ...]
    days: tuple[int, ...]
    ended: tuple[int, ...]
    on: tuple[float, ...]
    on_variance: tuple[float, ...]
    left: tuple[float, ...]
    left_variance: tuple[float, ...]

    def at_risk(self, day: int) -> int:
        """How many were seen on this day after coming, still there or leaving on it."""
        return bisect_left(self.seen_from, max(day, 1)) - bisect_left(self.seen_until, day)

    def moved_on(self, day: int) -> Estimate | None:
        """The share that has moved on by this day after coming; null where nobody was seen so long who was open.

        The interval is Wilson's for as many as would give this variance without any that are open (K. J. Rothman,
        J. Chron. Dis. 31, 1978, 557-560): it keeps what it claims also where few or nearly all move on. Where nobody
        or everybody did, it is of those of whom it is known.
        """
        place = bisect_right(self.days, day) - 1
        share, variance, left = 0.0, 0.0, 1.0
        if place >= 0:
            share, variance, left = self.on[place], self.on_variance[place], self.left[place]
        at_risk = self.at_risk(day)
        if left > 0 and at_risk <= 0:
            return None
        if share * (1 - share) > TINY and variance > TINY:
            return Estimate(share, *wilson_of(share, share * (1 - share) / variance))
        ended_before = bisect_left(self.days, day)
        known = at_risk + (self.ended[ended_before - 1] if ended_before else 0)
        return Estimate(share, *wilson_of(share, known))

    def median_days(self) -> Estimate | None:
        """Days until half have left, by whatever end; `high` is infinite where it may be beyond what was seen.

        The interval is what R. Brookmeyer and J. Crowley (Biometrics 38, 1982) make of log-log intervals: the days
        on which it cannot be told whether half are left. Null where more than half are still there.
        """
        middle = self._first_day(self.left)
        if middle is None:
            return None
        bands = [_log_log(left, variance) for left, variance in zip(self.left, self.left_variance, strict=True)]
        low = self._first_day([low for low, _ in bands])
        high = self._first_day([high for _, high in bands])
        return Estimate(middle, middle if low is None else low, float("inf") if high is None else high)

    def _first_day(self, left: Sequence[float]) -> int | None:
        return next((day for day, share in zip(self.days, left, strict=True) if share <= 0.5), None)


def fates(spells: pl.DataFrame) -> Fates:
    """The curves of these spells. `spells`: SPELLS; rows that ended before they were first seen say nothing."""
    seen = spells.filter((pl.col("seen_from") == 0) | (pl.col("days") > pl.col("seen_from")))
    by_day = (
        seen.group_by("days")
        .agg(on=(pl.col("end") == ON).fill_null(False).sum(), ended=pl.col("end").is_not_null().sum())
        .filter(pl.col("ended") > 0)
        .sort("days")
    )
    days = by_day["days"].to_list()
    begun, ended = tuple(seen["seen_from"].sort()), tuple(seen["days"].sort())
    at_risk = [bisect_left(begun, max(day, 1)) - bisect_left(ended, day) for day in days]
    curves = _curves(at_risk, by_day["on"].to_list(), by_day["ended"].to_list())
    return Fates(begun, ended, tuple(days), tuple(by_day["ended"].cum_sum()), *curves)


def _curves(at_risk: list[int], on: list[int], ended: list[int]) -> tuple[tuple[float, ...], ...]:
    """The sums of the variances are carried along: a square of a difference is three sums."""
    left, share = 1.0, 0.0
    plain = linear = square = own = crossed = crossed_share = 0.0
    rows: list[tuple[float, float, float, float]] = []
    for risk, moved, gone in zip(at_risk, on, ended, strict=True):
        before, share = left, share + left * moved / risk
        left *= 1 - gone / risk
        if gone < risk:
            part = gone / (risk * (risk - gone))
            plain, linear, square = plain + part, linear + share * part, square + share * share * part
        own += before * before * (risk - moved) * moved / risk**3
        crossed += before * moved / risk**2
        crossed_share += share * before * moved / risk**2
        variance = share * share * plain - 2 * share * linear + square + own - 2 * (share * crossed - crossed_share)
        rows.append((share, max(0.0, variance), left, left * left * plain))
    return tuple(zip(*rows, strict=True)) or ((), (), (), ())


def _log_log(left: float, variance: float) -> Interval:
    """The log-log interval of what is left (J. D. Kalbfleisch and R. L. Prentice 1980)."""
    if not 0 < left < 1 or variance <= 0:
        return left, left
    reach = Z_95 * variance**0.5 / (left * abs(log(left)))
    inner = log(-log(left))
    return exp(-exp(inner + reach)), exp(-exp(inner - reach))
