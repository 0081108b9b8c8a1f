"""Native frames: everything a CRM holds, as text, by the rules of `crmsync.contract`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl

from crmsync.contract import LEAD_ID, RECORD_ID

_USUAL_INSTANT = r"^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.0+)?(?:Z|[+-]00:?00)$"
_INSTANT_START = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


def native_text(value: object) -> str | None:
    """One value of the wire as the contract's text; null for nothing, an empty string or an empty list.

    Booleans `true`/`false`, numbers as the shortest decimal without exponent, aware instants in UTC with `Z`,
    days as `YYYY-MM-DD`, lists joined by `;`, objects as compact JSON with sorted keys. NaN and infinities
    stay words, which the mapping refuses. Raises ValueError for an instant without a zone.
    """
    match value:
        case None:
            text = ""
        case str():
            text = value
        case bool():
            text = "true" if value else "false"
        case float() | Decimal():
            text = _number_text(value)
        case datetime():
            text = _instant_text(value)
        case date():
            text = value.isoformat()
        case Mapping():
            text = msgspec.json.encode(value, order="sorted").decode()
        case Iterable():
            text = ";".join(part for part in map(native_text, value) if part is not None)
        case _:
            text = str(value)
    return text or None


def native_column(name: str, values: Sequence[object]) -> pl.Series:
    """A String column of these wire values. Columns of plain text (most of them) take no Python loop."""
    if all(kind is str or kind is type(None) for kind in set(map(type, values))):
        column = pl.Series(name, values, dtype=pl.String)
        empty = column == ""
        return column.set(empty, None) if empty.any() else column
    return pl.Series(name, [native_text(value) for value in values], dtype=pl.String)


def native_frame(rows: Sequence[Mapping[str, Any]], fields: Iterable[str], *, leads: bool = False) -> pl.DataFrame:
    """A native frame with `@id` (with `leads` also `@lead`) and every field once, in the order asked for.

    `rows`: one mapping per record with those keys; a missing key is null.
    """
    names = dict.fromkeys((RECORD_ID, *((LEAD_ID,) if leads else ()), *fields))
    return pl.DataFrame([native_column(name, [row.get(name) for row in rows]) for name in names])


def instants_as_text(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """Rewrite ISO-8601 instants of the wire (`…00.000+0000`, `…+02:00`) to UTC with `Z`; other text stays."""
    rewritten = []
    for name in columns:
        usual = frame[name].str.replace(_USUAL_INSTANT, "${1}Z")
        unusual = usual.is_not_null() & ~usual.str.ends_with("Z").fill_null(True)
        if unusual.any() or usual.str.contains(".", literal=True).any():
            usual = pl.Series(name, [rewritten_instant(text) for text in usual], dtype=pl.String)
        rewritten.append(usual)
    return frame.with_columns(rewritten)


def rewritten_instant(text: str | None) -> str | None:
    """One text, an instant of the wire as UTC with `Z`; any other as it stands."""
    if text is None or not _INSTANT_START.match(text):
        return text
    try:
        instant = datetime.fromisoformat(text)
        return text if instant.tzinfo is None else _instant_text(instant)
    except (ValueError, OverflowError):  # an instant of the last day of the year 9999, say, that is none in UTC
        return text


def _instant_text(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    # Three digits are what CRMs carry; microseconds are kept when there are any.
    precision = "seconds" if not utc.microsecond else "milliseconds" if not utc.microsecond % 1000 else "auto"
    return utc.isoformat(timespec=precision) + "Z"


def _number_text(number: float | Decimal) -> str:
    exact = Decimal(repr(number)) if isinstance(number, float) else number
    if not exact.is_finite():
        return str(exact)
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
