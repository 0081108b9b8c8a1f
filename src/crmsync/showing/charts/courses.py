"""Charts of a course: lines with the band that each may lie in, strips below each other, and columns in steps."""

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
    Stripe,
    measure,
    names,
    options,
)
from crmsync.tongue import ENGLISH, Tongue


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a value for each place, null where there is none. `low`, `high`: the band around it.

    `dashed`: for what is estimated, or yet to come. `stepped`: the value holds until the next.
    """

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    colour: Colour | None = None
    dashed: bool = False
    stepped: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """One of several narrow courses below each other: the range of each place."""

    name: str
    low: Sequence[float | None]
    high: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class CourseStep:
    """One step of a distribution."""

    name: str
    value: float
    told: str
    colour: Colour = Colour.NEW


def lines(
    title: str,
    places: Sequence[str],
    courses: Sequence[Line],
    *,
    told: Callable[[float], str] | None = None,
    form: Form = "number",
    unit: str = "",
    along: str = "",
    low: float | None = None,
    high: float | None = None,
    marks: Sequence[ChartMark] = (),
    height: int = 320,
    tongue: Tongue = ENGLISH,
) -> Chart:
    """Lines over the same places (days, months), with their bands. `along` names what the places are."""
    say = told or tongue.figures
    sets: list[Plain] = []
    for place, course in enumerate(courses):
        colour = course.colour or SERIES[place % len(SERIES)]
        if course.low and course.high:
            sets += _band(course, colour)
        sets.append(_line(course, colour, say))
    words = "; ".join(f"{course.name}: {_ends(course, places, say)}" for course in courses)
    axis: Plain = {"type": "category", "grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 12}}
    if along:
        axis["title"] = {"display": True, "text": along}
    spec: Plain = {
        "type": "line",
        "data": {"labels": list(places), "datasets": sets},
        "options": options(
            {"x": axis, "y": measure(form, low=low, high=high, title=unit)}, legend=len(courses) > 1, marks=marks
        ),
    }
    return Chart(title, f"{title}. {words}", height, spec)


def _line(course: Line, colour: Colour, say: Callable[[float], str]) -> Plain:
    told = []
    for place, value in enumerate(course.values):
        if value is None:
            told.append("")
            continue
        low = course.low[place] if course.low else None
        high = course.high[place] if course.high else None
        around = "" if low is None or high is None else f" ({say(low)}–{say(high)})"
        told.append(f"{course.name}: {say(value)}{around}")
    return {
        "label": course.name,
        "data": list(course.values),
        "borderColor": colour,
        "backgroundColor": colour,
        "borderWidth": 2,
        "borderDash": [6, 4] if course.dashed else [],
        "stepped": course.stepped,
        "pointRadius": 0 if len(course.values) > 40 else 3,
        "pointHitRadius": 12,
        "told": told,
    }


def _band(course: Line, colour: Colour) -> list[Plain]:
    """The lower edge, and the upper one, filled down to it. They have no name: no legend tells of them."""
    edge: Plain = {
        "borderWidth": 0,
        "pointRadius": 0,
        "pointHitRadius": 0,
        "stepped": course.stepped,
        "told": ["" for _ in course.values],
    }
    return [
        {**edge, "data": list(course.low), "fill": False},
        {**edge, "data": list(course.high), "fill": "-1", "bandColor": colour},
    ]


def _ends(course: Line, places: Sequence[str], say: Callable[[float], str]) -> str:
    known = [(place, value) for place, value in zip(places, course.values, strict=True) if value is not None]
    if not known:
        return "–"
    (first, begun), (last, ended) = known[0], known[-1]
    return f"{first} {say(begun)}" if len(known) == 1 else f"{first} {say(begun)}, {last} {say(ended)}"


def strips(
    title: str, places: Sequence[str], courses: Sequence[Strip], *, reach: float, bound: float, told: str
) -> Chart:
    """A strip for each course from `-reach` to `reach`, all over the same places; `bound` is shaded on both sides."""
    scales: dict[str, Plain] = {
        "x": {"type": "category", "grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 24}}
    }
    sets: list[Plain] = []
    for place, course in enumerate(courses):
        name = f"y{place}"
        scales[name] = {
            "type": "linear",
            "min": -reach,
            "max": reach,
            "stack": "strips",
            "weight": len(courses) - place,
            "ticks": {"display": False},
            "grid": {"display": False},
            "title": {"display": True, "text": course.name},
            "level": True,
        }
        edge: Plain = {"yAxisID": name, "pointRadius": 0, "borderWidth": 1.5, "borderColor": Colour.NEW}
        words = [
            "" if low is None or high is None else f"{course.name}: {low:+.2f} … {high:+.2f}"
            for low, high in zip(course.low, course.high, strict=True)
        ]
        sets.append({**edge, "data": list(course.low), "fill": False, "told": ["" for _ in words]})
        sets.append({**edge, "data": list(course.high), "fill": "-1", "bandColor": Colour.NEW, "told": words})
    edges = min(bound, reach)
    stripes = [Stripe(f"y{place}", -edges, edges) for place in range(len(courses))]
    marks = [ChartMark(f"y{place}", 0) for place in range(len(courses))]
    spec: Plain = {
        "type": "line",
        "data": {"labels": list(places), "datasets": sets},
        "options": options(scales, marks=marks, stripes=stripes),
    }
    return Chart(title, told, 48 + 64 * max(1, len(courses)), spec)


def columns(
    title: str,
    steps: Sequence[CourseStep],
    *,
    told: str,
    unit: str = "",
    along: str = "",
    marks: Sequence[ChartMark] = (),
) -> Chart:
    """A column for each step. A mark's place on `x` counts columns from 0, halves between them."""
    axis = {**names(), "ticks": {"maxRotation": 0, "autoSkipPadding": 8}}
    if along:
        axis["title"] = {"display": True, "text": along}
    spec: Plain = {
        "type": "bar",
        "data": {
            "labels": [step.name for step in steps],
            "datasets": [
                {
                    "data": [step.value for step in steps],
                    "backgroundColor": [step.colour for step in steps],
                    "categoryPercentage": 0.96,
                    "barPercentage": 0.96,
                    "told": [step.told for step in steps],
                }
            ],
        },
        "options": options({"x": axis, "y": measure("count", title=unit)}, marks=marks),
    }
    return Chart(title, told, 300, spec)
