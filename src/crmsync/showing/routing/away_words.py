"""When somebody is away, as people say it: in their own zone, and in days where they are whole."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from crmsync.route.hours.calendar import Stretch, starts_at
from crmsync.tongue import Tongue


def away_words(away: Stretch, zone: ZoneInfo, tongue: Tongue) -> str:
    """`24 Dec 2026 – 31 Dec 2026`, both included; with times where it begins or ends within a day."""
    start, end = (instant.astimezone(zone) for instant in away)
    if any(starts_at(here.date(), 0, zone) != here for here in (start, end)):
        return f"{tongue.moment(start)} – {tongue.moment(end)}"
    first, last = start.date(), end.date() - timedelta(days=1)
    return tongue.day(first) if first == last else f"{tongue.day(first)} – {tongue.day(last)}"
