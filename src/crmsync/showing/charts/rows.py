"""Charts of rows: values with their intervals, bars, bars against a target. What each row says stands in `told`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crmsync.showing.charts.chart import (
    SERIES,
    Chart,
    ChartMark,
    Colour,
    Form,
    Plain,
    measure,
    names,
    options,
    rows_height,
)
from crmsync.tongue import ENGLISH, Tongue


@dataclass(frozen=True, slots=True)
class Row:
    """A value and where it may lie."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One colour of a chart of bars: a value for each row. `colour`: null = the next of `SERIES`."""

    name: str
    values: Sequence[float]
    colour: Colour | None = None


def intervals(
    title: str,
    rows: Sequence[Row],
    *,
    form: Form,
    told: Callable[[float], str],
    low: float,
    high: float,
    base: float | None = None,
    unit: str = "",
) -> Chart:
    """A dot with its interval for each row, on an axis from `low` to `high`; a dashed line at `base`."""
    words = [f"{told(row.value)} ({told(row.low)}–{told(row.high)})" for row in rows]
    dots: Plain = {
        "type": "line",
        "showLine": False,
        "data": [row.value for row in rows],
        "backgroundColor": Colour.NEW,
        "borderColor": Colour.GROUND,
        "pointRadius": 6,
        "pointHoverRadius": 7,
        "clip": False,
        "order": 0,
        "told": words,
    }
    lines: Plain = {
        "type": "bar",
        "data": [[row.low, row.high] for row in rows],
        "backgroundColor": Colour.NEW,
        "barThickness": 3,
        "minBarLength": 1,
        "order": 1,
        "told": ["" for _ in rows],
    }
    marks = [] if base is None else [ChartMark("x", base, told(base))]
    spec: Plain = {
        "type": "bar",
        "data": {"labels": [row.name for row in rows], "datasets": [dots, lines]},
        "options": options(
            {"x": measure(form, low=low, high=high, title=unit), "y": names()}, across=True, marks=marks
        ),
    }
    return Chart(title, _said(title, [row.name for row in rows], words), rows_height(len(rows)), spec)


def bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[ChartSeries],
    *,
    stacked: bool = False,
    form: Form = "count",
    told: Callable[[float], str] | None = None,
    unit: str = "",
    tongue: Tongue = ENGLISH,
) -> Chart:
    """Bars from left to right: those of a row stand below each other, or one after the other where `stacked`."""
    say = told or tongue.number
    sets = [
        {
            "label": each.name,
            "data": list(each.values),
            "backgroundColor": each.colour or SERIES[place % len(SERIES)],
            "borderColor": Colour.GROUND,
            "borderWidth": 1 if stacked else 0,
            "maxBarThickness": 22,
            "told": [f"{each.name}: {say(value)}" if value or not stacked else "" for value in each.values],
        }
        for place, each in enumerate(series)
    ]
    axes = {"x": measure(form, title=unit), "y": names()}
    if stacked:
        for axis in axes.values():
            axis["stacked"] = True
    words = [", ".join(f"{each.name} {say(each.values[place])}" for each in series) for place in range(len(labels))]
    height = rows_height(len(labels), each=30 if stacked or len(series) == 1 else 18 + 16 * len(series), around=84)
    spec: Plain = {
        "type": "bar",
        "data": {"labels": list(labels), "datasets": sets},
        "options": options(axes, across=True, legend=len(series) > 1),
    }
    return Chart(title, _said(title, labels, words), height, spec)


def against_target(
    title: str,
    rows: Sequence[tuple[str, float, float]],
    words: tuple[str, str],
    *,
    told: Callable[[float], str] | None = None,
    unit: str = "",
    tongue: Tongue = ENGLISH,
) -> Chart:
    """A bar for each row (name, value, target) with an upright mark at the target; `words` name the two."""
    say = told or tongue.figures
    had, target = words
    values: Plain = {
        "type": "bar",
        "label": had,
        "data": [value for _, value, _ in rows],
        "backgroundColor": Colour.NEW,
        "maxBarThickness": 20,
        "order": 1,
        "told": [f"{had}: {say(value)}" for _, value, _ in rows],
    }
    marks: Plain = {
        "type": "line",
        "label": target,
        "showLine": False,
        "data": [aim for _, _, aim in rows],
        "pointStyle": "line",
        "pointRotation": 90,
        "pointRadius": 13,
        "pointHoverRadius": 13,
        "pointBorderWidth": 3,
        "borderColor": Colour.INK,
        "order": 0,
        "told": [f"{target}: {say(aim)}" for _, _, aim in rows],
    }
    said = [f"{had} {say(value)}, {target} {say(aim)}" for _, value, aim in rows]
    spec: Plain = {
        "type": "bar",
        "data": {"labels": [name for name, _, _ in rows], "datasets": [marks, values]},
        "options": options({"x": measure("number", title=unit), "y": names()}, across=True, legend=True),
    }
    return Chart(title, _said(title, [name for name, _, _ in rows], said), rows_height(len(rows), around=84), spec)


_MOST_SAID = 12
"""Rows that a screen reader hears of a picture; all of them stand in the table beside it."""


def _said(title: str, labels: Sequence[str], words: Sequence[str]) -> str:
    rows = [f"{label}: {told}" for label, told in zip(labels[:_MOST_SAID], words, strict=False)]
    more = " …" if len(labels) > _MOST_SAID else ""
    return f"{title}. {'; '.join(rows)}{more}"
