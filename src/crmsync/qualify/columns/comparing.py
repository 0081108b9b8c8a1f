"""How facts are compared with numbers and values, in columns of leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt

import polars as pl

from crmsync.model import FactType
from crmsync.qualify.columns.kleene import verdict_of
from crmsync.qualify.terms.comparing import NUMERIC

_COMPARED_BY: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "at_least": ge,
    "at_most": le,
    "above": gt,
    "below": lt,
}


def compared_by(key: str, ends: tuple[pl.Expr, ...], bounds: tuple[pl.Expr, ...]) -> pl.Expr:
    """Met when it holds for all numbers between the ends, not met when for none. Ends: the lowest, the highest."""
    compared = _COMPARED_BY[key]
    if len(ends) == len(bounds) == 1:
        return compared(ends[0], bounds[0])
    worst, best = (0, -1) if key in ("at_least", "above") else (-1, 0)
    for_all = compared(ends[worst], bounds[-1 - worst])
    for_one = compared(ends[best], bounds[-1 - best])
    return verdict_of(for_all.fill_null(False), for_one.fill_null(True))


def as_compared(value: object, kind: FactType) -> object:
    return value.lower() if kind == "text" and isinstance(value, str) else value


def among(fact: pl.Expr, values: tuple[object, ...], kind: FactType) -> pl.Expr:
    compared = [as_compared(value, kind) for value in values]
    if kind in NUMERIC and (kind != "integer" or any(isinstance(value, float) for value in compared)):
        numbers = [float(value) for value in compared if isinstance(value, (int, float))]
        return fact.cast(pl.Float64).is_in(numbers)
    return fact.is_in(compared)
