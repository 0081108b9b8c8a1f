"""Two headers that CRMs and the servers before them set, and that anything may stand in: Date and Retry-After."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WISH_SECONDS = 7 * 86_400.0
"""Nobody means to be asked again after more than a week: such a wish counts as none."""

_YEARS = range(2000, 2200)


def server_date(text: str | None) -> datetime | None:
    """The instant of a `Date` header in UTC; null for none, for what is no date, and for a year that cannot be."""
    try:
        moment = parsedate_to_datetime(text or "")
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


def wished_seconds(text: str | None, *, date: str | None = None) -> float | None:
    """How long the server wishes to be left alone, by `Retry-After`: seconds, or a date seen from its own `Date`.

    Null for none, and for what cannot be meant: NaN, infinity, less than nothing, more than a week.
    """
    try:
        seconds = float(text or "")
    except ValueError:
        until = server_date(text)
        if until is None:
            return None
        seconds = max((until - (server_date(date) or datetime.fromtimestamp(time.time(), UTC))).total_seconds(), 0.0)
    return seconds if math.isfinite(seconds) and 0 <= seconds <= LONGEST_WISH_SECONDS else None
