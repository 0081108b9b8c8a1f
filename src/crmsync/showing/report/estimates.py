"""Estimates in words: a share, days, and a star where so few stand behind one that it says little."""

from __future__ import annotations

from crmsync.estimate.fates import Estimate
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import ENGLISH, Tongue, to_say

NOTHING = "–"
FEW_NOTE = to_say("* fewer than 20: it says little")


def percent(share: float, tongue: Tongue = ENGLISH) -> str:
    """A share without decimals."""
    return tongue.say("{share} %", share=tongue.plain_number(round(100 * share)))


def share_words(share: Estimate | None, *, few: bool, tongue: Tongue = ENGLISH) -> str:
    """A share with its interval."""
    if share is None:
        return NOTHING
    low, high = (tongue.plain_number(round(100 * end)) for end in (share.low, share.high))
    return f"{percent(share.value, tongue)} ({low}–{high}){'*' if few else ''}"


def days_words(days: Estimate | None, *, few: bool, tongue: Tongue = ENGLISH) -> str:
    """Days with their interval; without an upper end where it lies beyond what was seen."""
    if days is None:
        return NOTHING
    high = "" if days.high == float("inf") else tongue.figures(days.high)
    return f"{tongue.figures(days.value)} ({tongue.figures(days.low)}–{high}){'*' if few else ''}"


def estimate_cells(estimate: Estimate | None, digits: int) -> tuple[Cell, Cell, Cell]:
    """Value and ends for a spreadsheet."""
    if estimate is None:
        return (None, None, None)
    value, low, high = (
        None if each == float("inf") else round(each, digits)
        for each in (estimate.value, estimate.low, estimate.high)
    )
    return value, low, high
