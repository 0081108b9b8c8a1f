"""A chart as plain data: a configuration of Chart.js without functions, and what it says to those who do not see it.

Two things are ours, and `charts.js` reads them: a colour is the name of a variable of `charts.css` (`Colour`), so
that a chart follows light, dark and print; and `told`, beside the values of a data set, says each of them in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

Plain = dict[str, Any]
Form = Literal["percent", "count", "number"]
"""How an axis writes its numbers, in the language of the page; a count has no parts of one."""

LINE = 34
"""Pixels for each row of a chart of rows."""


class Colour(StrEnum):
    """Variables of `charts.css`; each stands out from the ground by 3 : 1 at least, in light and in dark."""

    NEW = "--chart-new"
    OLD = "--chart-old"
    GOOD = "--chart-good"
    BAD = "--chart-bad"
    CALM = "--chart-calm"
    VIOLET = "--chart-violet"
    OCHRE = "--chart-ochre"
    INK = "--chart-ink"
    GROUND = "--chart-ground"
    BAND = "--chart-band"


SERIES = (Colour.NEW, Colour.BAD, Colour.GOOD, Colour.VIOLET, Colour.OCHRE, Colour.CALM)
"""Of several series, in their order; they differ in lightness, too. More than six begin again."""


class Chart(Struct, frozen=True):
    """`title` stands above it, `told` is what a screen reader says; `height` is in pixels."""

    title: str
    told: str
    height: int
    spec: Mapping[str, Any]


class ChartMark(Struct, frozen=True):
    """A dashed line across the chart at a value of an axis (`x`, `y`)."""

    axis: str
    at: float
    text: str = ""

    def spec(self) -> Plain:
        """As `charts.js` reads it."""
        return {"axis": self.axis, "at": self.at, "text": self.text}


class Stripe(Struct, frozen=True):
    """A shaded part of the chart between two values of an axis."""

    axis: str
    low: float
    high: float

    def spec(self) -> Plain:
        """As `charts.js` reads it."""
        return {"axis": self.axis, "low": self.low, "high": self.high, "color": Colour.BAND}


def measure(form: Form, *, low: float | None = None, high: float | None = None, title: str = "") -> Plain:
    """An axis of numbers. Where `low` is not given it begins at zero."""
    axis: Plain = {"type": "linear", "beginAtZero": low is None}
    if form == "percent":
        axis["ticks"] = {"format": {"style": "percent", "minimumFractionDigits": 0, "maximumFractionDigits": 0}}
    if form == "count":
        axis["ticks"] = {"precision": 0}
    for name, value in (("min", low), ("max", high)):
        if value is not None:
            axis[name] = value
    if title:
        axis["title"] = {"display": True, "text": title}
    return axis


def names() -> Plain:
    """An axis of names."""
    return {"type": "category", "grid": {"display": False}, "ticks": {"autoSkip": False}}


def options(
    scales: Mapping[str, Any],
    *,
    across: bool = False,
    legend: bool = False,
    marks: Sequence[ChartMark] = (),
    stripes: Sequence[Stripe] = (),
) -> Plain:
    """What is set for the whole chart. `across`: rows from top to bottom, values from left to right."""
    return {
        "indexAxis": "y" if across else "x",
        "scales": dict(scales),
        "plugins": {
            "legend": {"display": legend},
            "marks": {"lines": [mark.spec() for mark in marks], "stripes": [stripe.spec() for stripe in stripes]},
        },
    }


def rows_height(rows: int, *, each: int = LINE, around: int = 64) -> int:
    """Pixels for so many rows, the axis and the legend."""
    return around + each * max(1, rows)
