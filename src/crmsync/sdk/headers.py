"""Two headers that CRMs and the servers before them set, and that anything may stand in: Date and Retry-After."""

from __future__ import annotations

import math
import re
import time
from datetime import UTC, datetime

LONGEST_WISH_SECONDS = 7 * 86_400.0
"""Nobody means to be asked again after more than a week: such a wish counts as none."""

_YEARS = range(2000, 2200)


_DATE = re.compile(
    r"(?P<weekday>[A-Z][a-z]{2}), (?P<day>\d\d) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4}) (?P<time>[\d:]{8}) GMT",
    re.ASCII,
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def running_seconds() -> float:
    """Seconds that only ever grow, also while this machine sleeps, whatever its clock is set to."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)  # other systems' monotonic clock counts sleep, or cannot
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def heard_date(text: str | None) -> tuple[datetime | None, float]:
    """`server_date` of an answer that has just come, and when that was by `running_seconds`."""
    return server_date(text), running_seconds()


def server_date(text: str | None) -> datetime | None:
    """The instant of a `Date` header in UTC; null for none and for what is no such date.

    It is read as HTTP has it (`Sat, 21 Nov 2026 12:00:00 GMT`) and not otherwise: two digits of a year, another zone
    or a wrong weekday are signs that nobody's clock wrote it, and a run may be stopped by what is read here.
    """
    found = _DATE.fullmatch((text or "").strip(" \t"))
    if found is None or found["month"] not in _MONTHS:
        return None
    month = _MONTHS.index(found["month"]) + 1
    try:
        moment = datetime.fromisoformat(f"{found['year']}-{month:02}-{found['day']}T{found['time']}+00:00")
    except ValueError:
        return None
    told = moment.year in _YEARS and found["weekday"] == _WEEKDAYS[moment.weekday()]
    return moment if told else None


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
