"""How well an order of leads, or a line drawn through it, tells winners from others.

Frames have `points` (any number, higher = better; null = below all) and `won` (Boolean). Nothing is measured where
there is nothing to tell apart: then the answer is null.
"""

from __future__ import annotations

import polars as pl

TOP_SHARE = 0.1
"""The top decile."""


def auc(frame: pl.DataFrame) -> float | None:
    """How often a winner stands above another lead, a tie counting half; 0.5 is chance.

    From the sum of ranks (Mann and Whitney 1947): (R − w(w+1)/2) / (w·l), ties with their average rank.
    """
    won = frame["won"]
    winners, losers = int(won.sum()), int((~won).sum())
    if not winners or not losers:
        return None
    ranks = frame["points"].cast(pl.Float64).fill_null(float("-inf")).rank("average")
    above = float(ranks.filter(won).sum()) - winners * (winners + 1) / 2
    return above / (winners * losers)


def winners_at_the_top(frame: pl.DataFrame, share: float = TOP_SHARE) -> float | None:
    """Winners expected among the best `share` of the leads; those tied at its edge count in proportion."""
    if frame.is_empty():
        return None
    open_places = float(max(1, round(frame.height * share)))
    found = 0.0
    ties = frame.group_by("points").agg(pl.len().alias("leads"), pl.col("won").sum().alias("winners"))
    for leads, winners in (
        ties.sort("points", descending=True, nulls_last=True).select("leads", "winners").iter_rows()
    ):
        taken = min(open_places, leads)
        found += winners * taken / leads
        open_places -= taken
        if open_places <= 0:
            break
    return found


def top_lift(frame: pl.DataFrame, share: float = TOP_SHARE) -> float | None:
    """Conversion among the best `share` of the leads, as a multiple of everybody's."""
    found, winners = winners_at_the_top(frame, share), int(frame["won"].sum())
    if found is None or not winners:
        return None
    places = max(1, round(frame.height * share))
    return (found / places) / (winners / frame.height)


def lift(part_winners: int, part: int, winners: int, leads: int) -> float | None:
    """Conversion of a part of the leads, as a multiple of everybody's."""
    return (part_winners / part) / (winners / leads) if part and winners else None
