"""Rules of recurring events (RRULE): refused when they cannot be followed in bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from crmsync.route.hours.icalendar_text import ContentLine
from crmsync.route.hours.icalendar_times import Moment, refused

FURTHEST_YEAR = 2100
"""Effort is reckoned as if somebody looked from here; so a file is refused today or never."""

_A_YEAR = {"DAILY": 366, "WEEKLY": 53, "MONTHLY": 12, "YEARLY": 1}
_BY_DAY = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS")
_BY_TIME = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREQUENCIES = "write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY"


class Effort(NamedTuple):
    """What following a rule costs: occurrences in a year at most, and steps from its start."""

    occurrences: int
    steps: int


def effort(file: str, line: ContentLine, start: Moment) -> Effort:
    """The effort of a rule. Raises `ConfigurationError` for one that cannot be read, or that never comes true."""
    parts = _parts(file, line)
    words = [str(each).upper() for each in parts.get("FREQ", ())]
    frequency = words[0] if words else ""
    if frequency not in _A_YEAR:
        message = f"an absence does not recur `{frequency.lower()}`" if frequency else "the rule has no FREQ"
        raise refused(file, line, message, _FREQUENCIES)
    if any(part in parts for part in _BY_TIME):
        raise refused(
            file, line, "an absence does not recur several times a day", "leave out BYHOUR, BYMINUTE, BYSECOND"
        )
    interval, count = (_number(file, line, parts, name) for name in ("INTERVAL", "COUNT"))
    filtered = [part for part in _BY_DAY if part in parts]
    if filtered and _never(file, line, start):
        raise refused(file, line, "this rule never comes true", "mend it, or take the event out")
    yearly = -(-_A_YEAR[frequency] // (interval or 1))
    if frequency == "WEEKLY" and filtered == ["BYDAY"]:
        yearly *= len(parts["BYDAY"])
    elif filtered and frequency != "DAILY":
        yearly = 366
    last = next((each.year for each in parts.get("UNTIL", ()) if isinstance(each, date)), FURTHEST_YEAR)
    steps = (max(0, min(last, FURTHEST_YEAR) - start.year) + 1) * yearly
    return Effort(min(yearly, 366), min(steps, count or steps))


def _parts(file: str, line: ContentLine) -> Mapping[str, list[Any]]:
    from icalendar.prop import vRecur  # noqa: PLC0415  (only who has a calendar waits for it)

    try:
        return {str(name).upper(): list(values) for name, values in vRecur.from_ical(line.value.strip()).items()}
    except (ValueError, TypeError, KeyError, OverflowError):
        raise refused(file, line, "this rule cannot be read", _FREQUENCIES) from None


def _number(file: str, line: ContentLine, parts: Mapping[str, list[Any]], name: str) -> int | None:
    value = parts.get(name, [None])[0]
    if value is not None and (not isinstance(value, int) or value < 1):
        raise refused(file, line, f"{name} must be 1 or more", f"mend {name}, or leave it out")
    return value


def _never(file: str, line: ContentLine, start: Moment) -> bool:
    """Whether no day of the calendar fits. Looks at its last 400 years, of which one is like any 400 others."""
    from dateutil.rrule import rrulestr  # noqa: PLC0415

    kept = [part for part in line.value.split(";") if part.partition("=")[0].strip().upper() not in _NOT_A_FILTER]
    wall = datetime.combine(start, time()) if not isinstance(start, datetime) else start.replace(tzinfo=None)
    late = wall.replace(year=9200 + wall.year % 400)
    try:
        return next(iter(rrulestr(";".join(kept).strip().upper(), dtstart=late)), None) is None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise refused(file, line, "this rule cannot be read", _FREQUENCIES) from None


_NOT_A_FILTER = frozenset({"UNTIL", "COUNT", "INTERVAL"})
