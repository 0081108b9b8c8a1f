"""Calendar months: as first days, and what lies between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

DAY = timedelta(days=1)


def month_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def later(month: date, number: int) -> date:
    """The first day of the month that lies so many months after this one, or before it."""
    since = month.year * 12 + month.month - 1 + number
    return date(since // 12, since % 12 + 1, 1)


def last_day(month: date) -> date:
    """Of this month."""
    return later(month, 1) - DAY


def ends_before(day: date, first: date) -> Iterator[date]:
    """Last days of months, the latest first: not after `day`, and not before `first`."""
    end = last_day(month_of(day))
    end = end if end <= day else month_of(day) - DAY
    while end >= first:
        yield end
        end = month_of(end) - DAY
