"""Charts of a simulated rotation: deviations over time, and waiting times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from crmsync.showing.charts.chart import Chart, ChartMark, Colour
from crmsync.showing.charts.courses import CourseStep, Strip, columns, strips
from crmsync.showing.charts.rows import Row, intervals
from crmsync.tongue import ENGLISH, Tongue

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


def ranges(traces: Sequence[Trace], bound: float, tongue: Tongue = ENGLISH) -> Chart:
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

    def turns(number: float) -> str:
        sign = "−" if number < 0 else "+"
        return tongue.say("{number} turns", number=f"{sign}{tongue.figures(abs(number), 2)}") if number else "0"

    return intervals(
        tongue.say("Deviation of each person"),
        rows,
        base=0.0,
        low=-reach,
        high=reach,
        form="number",
        told=turns,
        unit=tongue.say("turns"),
    )


def deviations(traces: Sequence[Trace], bound: float, first: date, last: date, tongue: Tongue = ENGLISH) -> Chart:
    """A strip for each person: turns minus share, day by day, in the band that they must not leave."""
    largest = max((trace.largest for trace in traces), default=0.0)
    reach = bound if bound <= _TALLEST_BAND else max(2.0, 1.5 * largest)
    reach = max(reach, largest, 1.0) * 1.05
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    courses = []
    for trace in traces:
        lows = {day: low for day, low, _ in trace.days}
        highs = {day: high for day, _, high in trace.days}
        name = f"{trace.name} ± {tongue.decimals(trace.largest)}"
        courses.append(Strip(name, [lows.get(day) for day in days], [highs.get(day) for day in days]))
    return strips(
        tongue.say("Deviation of each person over time"),
        [day.isoformat() for day in days],
        courses,
        reach=reach,
        bound=bound,
        told=tongue.say(
            "Turns minus fair share for {number} people, day by day. The largest is {largest} turns. The band marks "
            "the bound of {bound} turns above and below zero.",
            number=tongue.number(len(traces)),
            largest=tongue.decimals(largest),
            bound=tongue.figures(bound),
        ),
    )


def distribution(minutes: Sequence[float], limit: float, tongue: Tongue = ENGLISH) -> Chart:
    """How many leads waited how long (`minutes`, in order of size), in steps up to twice the limit, and the limit."""
    step, say = limit / 8, tongue.say
    counts = [0] * _STEPS
    for value in minutes:
        counts[min(_STEPS - 1, max(0, -(-int(value * 60) // max(1, int(step * 60))) - 1))] += 1
    steps = []
    for index, count in enumerate(counts):
        last = index == _STEPS - 1
        upto = (
            say("more than {time}", time=_clock(index * step))
            if last
            else say("up to {time}", time=_clock((index + 1) * step))
        )
        name = say("more") if last else _clock((index + 1) * step)
        told = tongue.say_many(
            "{number} lead waited {upto}",
            "{number} leads waited {upto}",
            count,
            number=tongue.number(count),
            upto=upto,
        )
        steps.append(CourseStep(name, count, told, Colour.GOOD if index < 8 else Colour.BAD))
    late = sum(counts[8:])
    return columns(
        say("How long leads waited for the first touch"),
        steps,
        told=say(
            "Leads by waiting time in working hours. {in_time} of {total} waited at most {limit}, {late} longer.",
            in_time=tongue.number(len(minutes) - late),
            total=tongue.number(len(minutes)),
            limit=_clock(limit),
            late=tongue.number(late),
        ),
        unit=say("leads"),
        along=say("waited up to"),
        marks=[ChartMark("x", 7.5, say("limit {time}", time=_clock(limit)))],
    )


def _clock(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02} h"
