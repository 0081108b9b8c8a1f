"""`counters export`: rotation counters, as `counters import` reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crmsync.showing.answers.shape import Day, Format, Shape, left_out

Fraction = Annotated[tuple[int, int], Field(description="`[numerator, denominator]`, exact.")]


class CounterState(Shape):
    """One person in one pool. What there is nothing of is left out."""

    turns: int
    """Turns had; the number to edit."""
    share: Fraction = left_out()
    """Turns that fell to the person by weight."""
    lag: Fraction = left_out()
    """Share minus turns."""
    day: Day = left_out()
    """The person's local day that `today` counts."""
    today: int = left_out()
    """Leads of that day."""
    week: str = left_out()
    """The ISO week that `this_week` counts."""
    this_week: int = left_out()
    """Leads of that week."""
    earlier: dict[str, int] = left_out()
    """Day before `day` → leads of it, as far as limits may ask for it."""
    owed: int = left_out()
    """Turns that the rejoin rule still makes up for."""


class Counters(Shape):
    """Rotation counters, as `crmsync counters import` reads them."""

    format: Format
    counters: dict[str, dict[str, dict[str, CounterState]]]
    """Connection → pool → roster key → state."""
