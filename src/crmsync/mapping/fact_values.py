"""One fact's value, from the native fields it stands in: converted, and amounts brought to one currency. Pure."""

from __future__ import annotations

import polars as pl

from crmsync.mapping.convert import filled, first_filled, typed, unambiguous
from crmsync.mapping.fact_mapping import FactMapping
from crmsync.mapping.field_types import NativeTypes
from crmsync.model import FactType

_NUMERIC: tuple[FactType, ...] = ("integer", "number", "money")


def fact_value(name: str, fact: FactMapping, zone: str, types: NativeTypes) -> pl.Expr:
    """The first filled field's text as the fact's type; null where it does not convert."""
    if fact.type not in _NUMERIC or fact.values is not None:
        return typed(first_filled(fact.field), fact.type, zone, fact.values)
    if types.amounts.isdisjoint(fact.field):
        return typed(pl.coalesce([_number_text(field, types) for field in fact.field]), fact.type, zone, None)
    chosen = pl.lit(None, pl.Float64)
    for field in reversed(fact.field):
        amount = typed(_number_text(field, types), "number", zone, None)
        chosen = pl.when(filled(field).is_not_null()).then(amount * _factor(name, field, types)).otherwise(chosen)
    return chosen.round(0).cast(pl.Int64) if fact.type == "integer" else chosen.round(2)


def _number_text(field: str, types: NativeTypes) -> pl.Expr:
    return filled(field) if field in types.numbers else unambiguous(filled(field))


def _factor(name: str, field: str, types: NativeTypes) -> pl.Expr:
    """What the amount is multiplied by; null for a currency without a rate. An empty one is the home currency."""
    currency = types.currency_fields.get(field)
    if currency is None and field in types.home_amounts and types.currencies is not None:
        return pl.lit(types.factors(name).get(types.currencies.home), pl.Float64)
    if currency is None:
        return pl.lit(1.0)
    home = types.currencies.home if types.currencies else types.target(name)
    code = filled(currency).fill_null(pl.lit(home, pl.String))
    return code.replace_strict(dict(types.factors(name)), default=None, return_dtype=pl.Float64)
