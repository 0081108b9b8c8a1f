"""A policy's hand-overs as routing needs them: where each counts, and from whom it takes leads. Columns only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl
from msgspec import Struct

from crmsync.model import THE_HAND_OFF
from crmsync.route.roster.resolved import ResolvedRoster

COUNTS = "hand_over"
"""The column that names the hand-over that counts for a lead; null = none does."""


class ResolvedHandOver(Struct, frozen=True):
    """One hand-over as one CRM knows it. Users and queues are native ids.

    It counts for leads in one of the `stages` that meet all criteria of `when` (unknown is not met) and were
    disqualified for one of the `reasons` (null = whatever the reason). It takes leads from `anybody`; else from
    `nobody` (also from owners who take no leads any more), from these `queues`, from `any_queue` of these, and from
    these `people`. `timeouts`: queues to which it sends leads whose time is over.
    """

    name: str
    stages: tuple[str, ...]
    when: tuple[str, ...] = ()
    reasons: tuple[str, ...] | None = None
    anybody: bool = True
    nobody: bool = False
    queues: frozenset[str] = frozenset()
    any_queue: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    timeouts: frozenset[str] = frozenset()

    @property
    def counts(self) -> pl.Expr:
        """Whether it counts for a decided lead; never null."""
        met = pl.col("stage").is_in(list(self.stages)).fill_null(value=False)
        for name in self.when:
            met &= pl.col(f"verdict.{name}").fill_null(value=False)
        if self.reasons is not None:
            met &= pl.col("reason").is_in(list(self.reasons)).fill_null(value=False)
        return met

    def fits(self, owner: pl.Expr, gone: Collection[str]) -> pl.Expr:
        """Whether it takes leads from this owner; never null. `gone`: users who take no leads any more."""
        if self.anybody:
            return pl.lit(value=True)
        users = self.queues | self.any_queue | self.people | (frozenset(gone) if self.nobody else frozenset())
        named = owner.is_in(sorted(users)).fill_null(value=False)
        return named | owner.is_null() if self.nobody else named


def one_hand_off(stage: str | None, ladder: Sequence[str]) -> tuple[ResolvedHandOver, ...]:
    """A policy's only hand-over, from this stage on; null = it has none."""
    if stage is None:
        return ()
    return (ResolvedHandOver(THE_HAND_OFF, tuple(ladder[list(ladder).index(stage) :])),)


def several(hand_overs: Sequence[ResolvedHandOver]) -> bool:
    """Whether they have names of their own: then the roster has a rule list for each, and none for new leads."""
    return any(each.name != THE_HAND_OFF for each in hand_overs)


def raw_queues(resolved: ResolvedRoster, hand_overs: Sequence[ResolvedHandOver]) -> frozenset[str]:
    """Queues with leads that nobody has taken up: all but those into which rules or timeouts put leads, unless a
    hand-over names them as where it takes leads from.
    """
    named = frozenset[str]().union(*(each.queues for each in hand_overs))
    taken_up = frozenset(resolved.queues.values()).union(*(each.timeouts for each in hand_overs))
    return (resolved.every_queue - taken_up) | named


def with_the_one_that_counts(leads: pl.LazyFrame, hand_overs: Sequence[ResolvedHandOver]) -> pl.LazyFrame:
    """`leads` (with `stage` as decided, `reason`, `verdict.*`) and the name of the last hand-over that counts."""
    name = pl.lit(None, pl.String())
    for each in hand_overs:
        name = pl.when(each.counts).then(pl.lit(each.name)).otherwise(name)
    return leads.with_columns(name.alias(COUNTS))


def and_later(
    by_name: Mapping[str, frozenset[str]], hand_overs: Sequence[ResolvedHandOver]
) -> dict[str, frozenset[str]]:
    """For each hand-over, who receives leads of it or of a later one: nobody is moved from them."""
    found: dict[str, frozenset[str]] = {}
    users: frozenset[str] = frozenset()
    for each in reversed(hand_overs):
        users |= by_name[each.name]
        found[each.name] = users
    return found
