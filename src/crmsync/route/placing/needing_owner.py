"""Which leads of a batch need an owner. Columns only, no loop over leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from crmsync.route.placing.orders import Order


@dataclass(frozen=True, slots=True)
class HeldLead:
    """A lead that would move, but a person set its owner: hands off up to and including the day `until`."""

    lead: str
    until: date


def needing_owner(
    leads: pl.DataFrame,
    ladder: Sequence[str],
    hand_off_stage: str | None,
    receivers: Collection[str],
    leavers: Collection[str],
    orders: Mapping[str, Order],
) -> pl.LazyFrame:
    """The leads that need an owner, plus `hand_off` (Boolean: else it is a new lead).

    `orders`: of hand-offs under way, by lead; they may add a lead whose owner is a receiver, or hold one back.
    """
    line = len(ladder) if hand_off_stage is None else list(ladder).index(hand_off_stage)
    received = pl.col("owner").is_in(sorted(receivers)).fill_null(value=False)
    nobody = pl.col("owner").is_null() | pl.col("owner").is_in(sorted(leavers))
    hand_off = pl.col("stage").is_in(list(ladder[line:])).fill_null(value=False)
    below = pl.col("stage").is_in(list(ladder[:line])).fill_null(value=False)
    waits = pl.col("lead").is_in([lead for lead, order in orders.items() if order.waits])
    moves = pl.col("lead").is_in([lead for lead, order in orders.items() if order.moves])
    back = pl.col("lead").is_in([lead for lead, order in orders.items() if order.moves and order.to])
    moves = moves & (hand_off | (below & back))  # one that falls below the line meanwhile is no hand-off to pass on
    return (
        leads.lazy()
        .with_columns(hand_off=hand_off | moves)
        .filter(((hand_off & ~received) | (below & nobody) | moves) & ~waits)
    )


def hands_off(
    needing: pl.DataFrame, as_of: date, hands_off_days: int | None
) -> tuple[pl.DataFrame, tuple[HeldLead, ...]]:
    """Take out the leads whose owner a person set at most `hands_off_days` before `as_of` (null: none)."""
    if hands_off_days is None:
        return needing, ()
    first = as_of - timedelta(days=hands_off_days)
    recent = (pl.col("owner_edited_on") >= first).fill_null(value=False)
    held = tuple(
        HeldLead(lead, edited + timedelta(days=hands_off_days))
        for lead, edited in needing.filter(recent).select("lead", "owner_edited_on").iter_rows()
    )
    return needing.filter(~recent), held


def open_leads_by_owner(leads: pl.DataFrame, ladder: Sequence[str]) -> dict[str, int]:
    """Leads on the ladder by native owner id."""
    counted = leads.filter(pl.col("stage").is_in(list(ladder)) & pl.col("owner").is_not_null())
    return dict(counted.group_by("owner").len().iter_rows())
