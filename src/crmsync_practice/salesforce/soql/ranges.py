"""Date literals: TODAY, LAST_N_DAYS:n and the like, as ranges of days in the org's zone.

A range includes its first day and excludes its last. Weeks begin on Sunday (locale en_US), the fiscal year is the
calendar year. LAST_N_DAYS:n begins n days before today and includes today; NEXT_N_DAYS:n begins tomorrow.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_UNIT = r"(DAY|WEEK|MONTH|QUARTER|YEAR)"
_RELATIVE = re.compile(rf"(LAST|THIS|NEXT)_(?:FISCAL_)?{_UNIT}")
_SEVERAL = re.compile(rf"(LAST|NEXT)_N_(?:FISCAL_)?{_UNIT}S:n")
_AGO = re.compile(rf"N_(?:FISCAL_)?{_UNIT}S_AGO:n")
_NAMED_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_FEWEST_DAY, _LATEST_DAY = date(1700, 1, 1), date(4000, 12, 31)


def day_range(literal: str, number: int | None, today: date) -> tuple[date, date] | None:
    """The days of a literal (upper case, `:n` for a number), or None when there is no such literal."""
    try:
        return _day_range(literal, number or 0, today)
    except (OverflowError, ValueError):
        return (_FEWEST_DAY, _FEWEST_DAY) if literal.startswith(("LAST", "N_")) else (_LATEST_DAY, _LATEST_DAY)


def _day_range(  # noqa: PLR0911 - one return per family of literals
    literal: str, number: int, today: date
) -> tuple[date, date] | None:
    if literal in _NAMED_DAYS:
        day = today + timedelta(days=_NAMED_DAYS[literal])
        return day, day + timedelta(days=1)
    if literal == "LAST_90_DAYS":
        literal, number = "LAST_N_DAYS:n", 90
    elif literal == "NEXT_90_DAYS":
        literal, number = "NEXT_N_DAYS:n", 90
    if match := _RELATIVE.fullmatch(literal):
        unit = match.group(2)
        if unit == "DAY":
            return None
        steps = {"LAST": -1, "THIS": 0, "NEXT": 1}[match.group(1)]
        return _start(today, unit, steps), _start(today, unit, steps + 1)
    if match := _SEVERAL.fullmatch(literal):
        unit = match.group(2)
        if match.group(1) == "NEXT":
            return _start(today, unit, 1), _start(today, unit, number + 1)
        return _start(today, unit, -number), _start(today, unit, 1 if unit == "DAY" else 0)
    if match := _AGO.fullmatch(literal):
        unit = match.group(1)
        return _start(today, unit, -number), _start(today, unit, 1 - number)
    return None


def _start(today: date, unit: str, steps: int) -> date:
    """The first day of the unit that lies so many units from the one that holds today."""
    if unit == "DAY":
        return today + timedelta(days=steps)
    if unit == "WEEK":
        return today - timedelta(days=(today.weekday() + 1) % 7) + timedelta(weeks=steps)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    first = today.year * 12 + (today.month - 1) // months * months + steps * months
    return date(first // 12, first % 12 + 1, 1)
