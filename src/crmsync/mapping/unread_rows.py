"""What a page holds and crmsync could make nothing of: values that do not convert, words no rule names. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.contract import LEAD_ID, RECORD_ID
from crmsync.mapping.activity_mapping import ActivityMapping
from crmsync.mapping.convert import filled, first_filled, means_unknown
from crmsync.mapping.field_types import NativeTypes
from crmsync.mapping.moments import Told
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.unnamed import left_out_words, unknown_words, unnamed_kinds
from crmsync.mapping.unread import nothing_unread, shown_value
from crmsync.mapping.word_lists import DIRECTIONS, KnownWords
from crmsync.model import FACT_PREFIX


def unread_leads(mapping: CrmMapping, native: pl.DataFrame, frame: pl.DataFrame, types: NativeTypes) -> pl.DataFrame:
    """Facts whose field is filled while they are unknown, and creation times that are none. Schema UNREAD."""
    if native.is_empty():
        return nothing_unread()
    lead, facts = mapping.lead, mapping.mapped_facts
    # Asked for together: one query of many columns is far cheaper than many of one.
    texts = native.select(first_filled(fact.field).alias(name) for name, fact in facts.items())
    quiets = native.select(
        means_unknown(first_filled(fact.field), fact.values).alias(name) for name, fact in facts.items()
    )
    created = native.select(first_filled((lead.created_at,))).to_series()
    rows = [_rows(native, created, frame["created_at"], ("lead", "created_at", (lead.created_at,)))]
    for name, fact in facts.items():
        part = ("fact", name, fact.field)
        found = _rows(native, texts[name], frame[FACT_PREFIX + name], part, quiets[name])
        if not found.is_empty() and not types.amounts.isdisjoint(fact.field):
            found = _with_currency(native, found, fact.field, types)
        rows.append(found)
    found = pl.concat(rows)
    return _shown(found, native, (lead.email, *lead.name), types) if not found.is_empty() else found


def unread_activities(
    activity: ActivityMapping, native: pl.DataFrame, frame: pl.DataFrame, when: Told, known: KnownWords
) -> pl.DataFrame:
    """Records without a readable day, and words in fields of kind, outcome and direction that no rule names.

    `when`: what the record says of its time. `known`: words that mean something where a field is taken as it stands.
    """
    if native.is_empty():
        return nothing_unread()
    object_name = activity.object
    fields = tuple(dict.fromkeys(field for moment in activity.at for field in moment.fields))
    lost = native.select(when.there).to_series() & frame["day"].is_null()
    told = ("day", object_name, ", ".join(fields))
    rows = [_of(native.filter(lost), told, first_filled(fields), lead=LEAD_ID) if lost.any() else nothing_unread()]
    lost_words = (
        ("kind", unnamed_kinds(activity.kind, native, known.kinds)),
        ("kind", left_out_words(activity.kind, native)),
        ("outcome", unknown_words(activity.outcome, native, known.outcomes)),
        ("direction", unknown_words(activity.direction, native, DIRECTIONS)),
    )
    for part, words in lost_words:
        for field, unnamed in words:
            rows.append(_of(native.filter(unnamed), (part, object_name, field), filled(field), lead=LEAD_ID))
    found = pl.concat(rows)
    found = found.with_columns(record=pl.concat_str(pl.lit(f"{object_name}:"), "record"))
    return _shown(found, native.rename({RECORD_ID: "@record"}), (), NativeTypes()) if not found.is_empty() else found


def _rows(
    native: pl.DataFrame,
    text: pl.Series,
    column: pl.Series,
    told: tuple[str, str, tuple[str, ...]],
    quiet: pl.Series | None = None,
) -> pl.DataFrame:
    """Rows whose native text is there while the column is null."""
    part, name, fields = told
    lost = text.is_not_null() & column.is_null()
    if quiet is not None:
        lost &= ~quiet.fill_null(value=False)
    if not lost.any():
        return nothing_unread()
    return _of(native.filter(lost), (part, name, ", ".join(fields)), first_filled(fields), lead=RECORD_ID)


def _of(native: pl.DataFrame, told: tuple[str, str, str], value: pl.Expr, *, lead: str) -> pl.DataFrame:
    part, name, field = told
    words = {"part": pl.lit(part), "name": pl.lit(name), "field": pl.lit(field)}
    return native.select(record=pl.col(RECORD_ID), lead=pl.col(lead), **words, value=value)


def _with_currency(
    native: pl.DataFrame, found: pl.DataFrame, fields: tuple[str, ...], types: NativeTypes
) -> pl.DataFrame:
    """Amounts with the currency that could not be converted."""
    codes = [filled(types.currency_fields[field]) for field in fields if field in types.currency_fields]
    home = types.currencies.home if types.currencies and not types.home_amounts.isdisjoint(fields) else None
    codes.append(pl.lit(home, pl.String))
    told = native.select(record=RECORD_ID, code=pl.coalesce(codes))
    joined = found.join(told, on="record", how="left", maintain_order="left")
    return joined.with_columns(value=pl.concat_str("value", "code", separator=" ", ignore_nulls=True)).drop("code")


def _shown(found: pl.DataFrame, native: pl.DataFrame, names: tuple[str, ...], types: NativeTypes) -> pl.DataFrame:
    """The same with values that may be told. Few rows: what converts is not here."""
    known: dict[str, set[str]] = {}
    if names:
        told = native.filter(pl.col(RECORD_ID).is_in(found["record"].implode()))
        known = {row[0]: set(_words(row[1:])) for row in told.select(RECORD_ID, *names).iter_rows()}
    values = [
        shown_value(value, known.get(record, ()), listed=types.lists.issuperset(field.split(", ")))
        for record, field, value in found.select("record", "field", "value").iter_rows()
    ]
    return found.with_columns(pl.Series("value", values, dtype=pl.String))


def _words(row: tuple[str | None, ...]) -> Iterator[str]:
    for text in row:
        yield from (text or "").replace("@", " ").replace(".", " ").split()
