"""In which order leads get their owner: the same in two CRMs that hold the same people, whatever their native ids.

Hand-offs come before new leads. Each kind goes by priority (highest first), creation in whole seconds, lower-case
e-mail. Leads that are alike in all three go by what else routing knows of them and both CRMs share: name, company,
stage, hand-over, the present owner's place in the roster, whether there is an owner, what a hand-off under way asks,
the facts that the roster names and the criteria that its rules ask for. The native id decides only between leads that
nothing else tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from crmsync.route.choosing.strategy import FACTS
from crmsync.route.placing.hand_overs import COUNTS, ResolvedHandOver
from crmsync.route.placing.orders import Order
from crmsync.route.roster.defaults import all_rules
from crmsync.route.roster.roster_file import Roster


def in_order_of_turns(
    needing: pl.DataFrame,
    roster: Roster,
    *,
    ladder: Sequence[str],
    places: Mapping[str, int],
    orders: Mapping[str, Order],
    hand_overs: Sequence[ResolvedHandOver] = (),
) -> pl.DataFrame:
    """`needing`: leads with `hand_off` and `hand_over`. `places`: native user id → place in the roster. Null last."""
    there = needing.columns
    order = [
        pl.col("hand_off").not_(),
        -pl.col("priority").cast(pl.Int64()),
        seconds("created_at"),
        pl.col("email").str.to_lowercase(),
        *(plain(name) for name in ("name", "company") if name in there),
        _looked_up("stage", {stage: rung for rung, stage in enumerate(ladder)}),
        _looked_up(COUNTS, {each.name: number for number, each in enumerate(hand_overs)}),
        owners_place(places),
        pl.col("owner").is_null(),
        *_asked(orders, places),
        *(pl.col(name).cast(pl.String()) for name in _looked_at(roster) if name in there),
        pl.col("lead"),
    ]
    return needing.sort(*order, nulls_last=True)


def places_in_roster(users: Iterable[str]) -> Mapping[str, int]:
    """Native user id → place, of users in roster order."""
    return {user: place for place, user in enumerate(users)}


def owners_place(places: Mapping[str, int]) -> pl.Expr:
    """The owner's place in the roster; null for somebody who is not in it."""
    return _looked_up("owner", places)


def seconds(column: str) -> pl.Expr:
    """An instant in whole seconds: one CRM keeps milliseconds, the other does not."""
    return pl.col(column).dt.epoch("s")


def plain(column: str) -> pl.Expr:
    """A name as it is compared: letter case and spaces aside."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()


def _looked_up(column: str, numbers: Mapping[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(list(numbers), list(numbers.values()), default=None, return_dtype=pl.Int64())


def _asked(orders: Mapping[str, Order], places: Mapping[str, int]) -> Iterator[pl.Expr]:
    """What hand-offs under way ask for, with places instead of ids."""

    def words(order: Order) -> str:
        to = "" if order.to is None else places.get(order.to)
        return f"{order.moves} {order.words} {to} {sorted(places.get(user, -1) for user in order.not_to)}"

    if orders:
        told = {lead: words(order) for lead, order in orders.items()}
        yield pl.col("lead").replace_strict(told, default=None, return_dtype=pl.String())


def _looked_at(roster: Roster) -> Iterator[str]:
    """Columns of facts and criteria that decide who gets a lead."""
    rules = all_rules(roster)
    compared = {f"fact.{name}" for rule in rules for name in rule.same}
    yield from sorted({f"fact.{getattr(roster.facts, need.value)}" for need in FACTS} | compared)
    yield from sorted({f"verdict.{name}" for rule in rules for name in rule.when})
