"""Instants on the wire: ISO-8601 UTC with milliseconds and `Z` in records, epoch milliseconds in filters.

Kept as integer milliseconds since 1970 inside. Years 1 to 9999 only; finer fractions are cut off.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MS = int((datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) / timedelta(milliseconds=1))
MIN_MS = int((datetime(1, 1, 2, tzinfo=UTC) - EPOCH) / timedelta(milliseconds=1))
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Epoch milliseconds of an aware datetime."""
    return (at - EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of epoch milliseconds."""
    return EPOCH + timedelta(milliseconds=ms)


def iso(ms: int) -> str:
    """`2022-06-01T14:31:48.469Z`."""
    at = from_ms(ms)
    return (
        f"{at.year:04d}-{at.month:02d}-{at.day:02d}T{at.hour:02d}:{at.minute:02d}:{at.second:02d}"
        f".{at.microsecond // 1000:03d}Z"
    )


def parse_ms(text: str) -> int | None:
    """Epoch milliseconds from an ISO-8601 text (no zone means UTC) or a decimal count of ms; None if neither."""
    if re.fullmatch(r"-?[0-9]{1,15}", text):
        ms = int(text)
        return ms if MIN_MS <= ms <= MAX_MS else None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        ms = to_ms(at)
    except (ValueError, OverflowError):
        return None
    return ms if MIN_MS <= ms <= MAX_MS else None


def parse_day(text: str) -> str | None:
    """`YYYY-MM-DD` from that form, or from midnight-UTC milliseconds (both are accepted for `date`); else None."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            return None
    ms = parse_ms(text)
    if ms is None or ms % 86_400_000:
        return None
    return from_ms(ms).date().isoformat()
