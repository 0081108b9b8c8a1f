"""Which leads of a batch need an owner, and which may wait without one. Columns only, no loop over leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from msgspec import Struct

from crmsync.route.placing.hand_overs import COUNTS, ResolvedHandOver, with_the_one_that_counts
from crmsync.route.placing.orders import Order


class HeldLead(Struct, frozen=True):
    """A lead that would move, but a person set its owner: hands off up to and including the day `until`."""

    lead: str
    until: date


class Owning(Struct, frozen=True):
    """Who owns leads, by native id. `receivers`: name of a hand-over → who receives leads of it or of a later one.

    `gone`: users who take no leads any more, and `former`: those of them who received leads of the hand-over.
    `leavers`: users whose leads are to be given to others.
    """

    receivers: Mapping[str, frozenset[str]]
    gone: frozenset[str] = frozenset()
    former: Mapping[str, frozenset[str]] | None = None
    leavers: frozenset[str] = frozenset()

    def moves(self, hand_over: ResolvedHandOver) -> pl.Expr:
        """Whether a lead for which this hand-over counts needs another owner."""
        owner = pl.col("owner")
        received = owner.is_in(sorted(self.receivers[hand_over.name])).fill_null(value=False)
        leaves = (self.former or {}).get(hand_over.name, frozenset()) | self.leavers
        fits = hand_over.fits(owner, self.gone) | owner.is_in(sorted(leaves)).fill_null(value=False)
        return (pl.col(COUNTS) == hand_over.name).fill_null(value=False) & fits & ~received


def needing_owner(
    leads: pl.DataFrame,
    ladder: Sequence[str],
    hand_overs: Sequence[ResolvedHandOver],
    owning: Owning,
    orders: Mapping[str, Order],
) -> pl.LazyFrame:
    """The leads that need an owner, plus `hand_over` (the name; null = it is a new lead) and `hand_off` (Boolean).

    `orders`: of hand-offs under way, by lead; they may add a lead whose owner is a receiver, or hold one back.
    """
    moved = pl.lit(value=False)
    for each in hand_overs:
        moved |= owning.moves(each)
    hand_off = pl.col(COUNTS).is_not_null()
    nobody = pl.col("owner").is_null() | pl.col("owner").is_in(sorted(owning.leavers))
    below = pl.col("stage").is_in(list(ladder)).fill_null(value=False) & ~hand_off
    new = below & nobody  # which have no rules beside several hand-overs
    waits = pl.col("lead").is_in([lead for lead, order in orders.items() if order.waits])
    moves = pl.col("lead").is_in([lead for lead, order in orders.items() if order.moves])
    back = pl.col("lead").is_in([lead for lead, order in orders.items() if order.moves and order.to])
    moves = moves & (hand_off | (below & back))  # one that falls below the line meanwhile is no hand-off to pass on
    asked = {lead: order.hand_over for lead, order in orders.items() if order.moves}
    going_on = pl.col("lead").replace_strict(asked, default=None, return_dtype=pl.String())
    return (
        with_the_one_that_counts(leads.lazy(), hand_overs)
        .filter((moved | new | moves) & ~waits)
        .with_columns(pl.coalesce(COUNTS, going_on))
        .with_columns(hand_off=pl.col(COUNTS).is_not_null())
    )


def nobody_yet(
    leads: pl.DataFrame, ladder: Sequence[str], raw_queues: Collection[str], but: Collection[str]
) -> pl.Series:
    """Leads of the ladder without an owner, or in a queue from which nobody has taken them, other than `but`."""
    nobody = pl.col("owner").is_null() | pl.col("owner").is_in(sorted(raw_queues))
    return leads.filter(pl.col("stage").is_in(list(ladder)), nobody, ~pl.col("lead").is_in(sorted(but)))["lead"]


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
