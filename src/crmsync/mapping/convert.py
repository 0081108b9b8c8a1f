"""Native text → typed facts, as polars expressions. What does not convert becomes null and is counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import polars as pl

from crmsync.model import UTC_MICROSECONDS, FactType

_DECIMAL = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$"
_INTEGER = r"^[+-]?\d{1,18}(\.0+)?$"
_AMBIGUOUS = r"^[+-]?[1-9]\d{0,2}\.\d{3}([eE].*)?$"
"""As people write it, `1.000` is one or a thousand; a CRM that holds numbers writes its own without such ends."""
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""What programs write for "ever" and "never" may lie beyond in another zone, on a day that there is not."""


def first_filled(fields: tuple[str, ...]) -> pl.Expr:
    """The first of the native fields that is not empty, trimmed; String."""
    return pl.coalesce([filled(field) for field in fields])


def filled(field: str) -> pl.Expr:
    """A native field, trimmed, null instead of an empty text; String."""
    text = pl.col(field).str.strip_chars()
    return pl.when(text != "").then(text)


def unambiguous(text: pl.Expr) -> pl.Expr:
    """A number in a text field as it stands; one whose point may part thousands becomes what is no number."""
    return pl.when(text.str.contains(_AMBIGUOUS)).then(text + pl.lit("?")).otherwise(text)


def instant(text: pl.Expr) -> pl.Expr:
    """ISO-8601 text with a zone → Datetime us UTC in whole seconds; null for anything else, also a bare day.

    Whole seconds, because Salesforce stamps have no fraction and both CRMs must give the same answer.
    """
    normal = text.str.replace(r"[zZ]$", "+00:00").str.replace(r"([+-]\d{2})(\d{2})$", "$1:$2")
    parsed = pl.coalesce(
        normal.str.to_datetime(pattern, strict=False, time_unit="us", time_zone="UTC")
        for pattern in ("%Y-%m-%dT%H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M%:z")
    )
    whole = parsed.dt.truncate("1s").cast(UTC_MICROSECONDS)
    return pl.when(whole.is_between(_FIRST, _LAST)).then(whole)


def day(text: pl.Expr, zone: str) -> pl.Expr:
    """A day as it stands, or the local day of an instant in the org's zone; Date."""
    bare = pl.when(text.str.contains(_DAY)).then(text).str.to_date("%Y-%m-%d", strict=False)
    found = pl.coalesce(bare, instant(text).dt.convert_time_zone(zone).dt.date())
    return pl.when(found.is_between(date.min, date.max)).then(found)


def typed(text: pl.Expr, kind: FactType, zone: str, values: Mapping[str, str | None] | None) -> pl.Expr:
    """Native text → the fact's type (`model.FACT_DTYPES`). `values` translates first, letter case aside."""
    if values is not None:
        known = _by_folded(values)
        text = _folded(text, known).replace_strict(known, default=None, return_dtype=pl.String)
    match kind:
        case "text" | "choice":
            return text
        case "integer":
            whole = text.str.replace(r"\.0+$", "")
            return pl.when(text.str.contains(_INTEGER)).then(whole).cast(pl.Int64, strict=False)
        case "number" | "money":
            value = pl.when(text.str.contains(_DECIMAL)).then(text).cast(pl.Float64, strict=False)
            value = pl.when(value.is_finite()).then(value)
            return value.round(2) if kind == "money" else value
        case "boolean":
            return text.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        case "date":
            return day(text, zone)
        case "datetime":
            return instant(text)


def means_unknown(text: pl.Expr, values: Mapping[str, str | None] | None) -> pl.Expr:
    """Whether `values` itself says of this native text that it means nothing known."""
    known = _by_folded({native: value for native, value in (values or {}).items() if value is None})
    return _folded(text, known).is_in(list(known)) if known else pl.lit(value=False)


def _by_folded(values: Mapping[str, str | None]) -> dict[str, str | None]:
    return {native.strip().casefold(): value for native, value in values.items()}


def _folded(text: pl.Expr, known: Mapping[str, str | None]) -> pl.Expr:
    return text.map_batches(_casefold, return_dtype=pl.String) if _needs_folding(known) else text.str.to_lowercase()


def _needs_folding(known: Mapping[str, str | None]) -> bool:
    """`str.to_lowercase` and Python's casefold differ for a few letters (ß); only then pay for Python."""
    return any(native != native.lower() or "ss" in native for native in known)


def _casefold(series: pl.Series) -> pl.Series:
    return pl.Series(series.name, [None if text is None else text.casefold() for text in series], dtype=pl.String)
