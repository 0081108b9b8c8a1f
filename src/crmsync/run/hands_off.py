"""How long hands are off a lead on which an undo has taken something back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from crmsync.qualify.language.ladder import Movement


def hands_off(undone: Mapping[str, date], movement: Movement, as_of: date) -> dict[str, date]:
    """Those of the leads that hands are off on this day, each with the last such day.

    `undone`: lead → the day on which what a run wrote there was taken back.
    """
    days = timedelta(days=movement.hands_off_days)
    return {lead: day + days for lead, day in undone.items() if days and as_of <= day + days}


def hands_off_since(movement: Movement, as_of: date) -> date | None:
    """Hands are off what was taken back on this day or later; null = off nothing."""
    return as_of - timedelta(days=movement.hands_off_days) if movement.hands_off_days else None
