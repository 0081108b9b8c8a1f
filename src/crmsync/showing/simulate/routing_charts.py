"""Charts of a simulated rotation: deviations over time, and waiting times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from crmsync.showing.charts.chart import Chart, Colour, Mark
from crmsync.showing.charts.courses import Column, Strip, columns, strips
from crmsync.showing.charts.rows import Row, intervals

_TALLEST_BAND = 6.0
"""A band of more turns is drawn as far as the strip reaches: a curve of one turn is to be seen."""

_SLAB = 0.5
"""Share of the whole range that an ordinary day goes through, from which on its course tells nothing."""

_STEPS = 17
"""Of waiting times: eight up to the limit, eight up to twice as much, and one for what is longer."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One person's deviations: (day, lowest, highest). `largest`: of all."""

    name: str
    days: Sequence[tuple[date, float, float]]
    largest: float


def says_the_same_each_day(traces: Sequence[Trace]) -> bool:
    """Whether days differ so little that a course over time is a slab: people have many turns a day."""
    ranges = [high - low for trace in traces for _, low, high in trace.days]
    whole = [
        max(high for _, _, high in trace.days) - min(low for _, low, _ in trace.days)
        for trace in traces
        if trace.days
    ]
    return bool(ranges) and median(ranges) > _SLAB * max(whole)


def ranges(traces: Sequence[Trace], bound: float) -> Chart:
    """A line for each person from the lowest deviation to the highest, the last as a dot; the axis is the bound."""
    reach = max([bound, *(trace.largest for trace in traces)])
    rows = [
        Row(
            trace.name,
            (trace.days[-1][1] + trace.days[-1][2]) / 2,
            min(low for _, low, _ in trace.days),
            max(high for _, _, high in trace.days),
        )
        for trace in traces
        if trace.days
    ]
    return intervals(
        "Deviation of each person", rows, base=0.0, low=-reach, high=reach, form="number", told=_turns, unit="turns"
    )


def _turns(number: float) -> str:
    return f"{number:+.2g} turns".replace("-", "−") if number else "0"


def deviations(traces: Sequence[Trace], bound: float, first: date, last: date) -> Chart:
    """A strip for each person: turns minus share, day by day, in the band that they must not leave."""
    largest = max((trace.largest for trace in traces), default=0.0)
    reach = bound if bound <= _TALLEST_BAND else max(2.0, 1.5 * largest)
    reach = max(reach, largest, 1.0) * 1.05
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    courses = []
    for trace in traces:
        lows = {day: low for day, low, _ in trace.days}
        highs = {day: high for day, _, high in trace.days}
        name = f"{trace.name} ± {trace.largest:.2f}"
        courses.append(Strip(name, [lows.get(day) for day in days], [highs.get(day) for day in days]))
    return strips(
        "Deviation of each person over time",
        [day.isoformat() for day in days],
        courses,
        reach=reach,
        bound=bound,
        told=f"Turns minus fair share for {len(traces)} people, day by day. The largest is {largest:.2f} turns. The "
        f"band marks the bound of {bound:g} turns above and below zero.",
    )


def distribution(minutes: Sequence[float], limit: float) -> Chart:
    """How many leads waited how long (`minutes`, in order of size), in steps up to twice the limit, and the limit."""
    step = limit / 8
    counts = [0] * _STEPS
    for value in minutes:
        counts[min(_STEPS - 1, max(0, -(-int(value * 60) // max(1, int(step * 60))) - 1))] += 1
    steps = []
    for index, count in enumerate(counts):
        last = index == _STEPS - 1
        upto = f"more than {_clock(index * step)}" if last else f"up to {_clock((index + 1) * step)}"
        name = "more" if last else _clock((index + 1) * step)
        steps.append(Column(name, count, f"{count:,} leads waited {upto}", Colour.GOOD if index < 8 else Colour.BAD))
    late = sum(counts[8:])
    return columns(
        "How long leads waited for the first touch",
        steps,
        told=f"Leads by waiting time in working hours. {len(minutes) - late:,} of {len(minutes):,} waited at most "
        f"{_clock(limit)}, {late:,} longer.",
        unit="leads",
        along="waited up to",
        marks=[Mark("x", 7.5, f"limit {_clock(limit)}")],
    )


def _clock(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02} h"
