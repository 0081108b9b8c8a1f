"""Figures of a simulated rotation as inline SVG: deviations over time, loads against targets, waiting times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from crmsync.showing.figures import intervals, scrolled
from crmsync.showing.foreign_text import for_html

STYLE = """
.band { fill: var(--calm); opacity: .16; } .trace { fill: var(--new); stroke: var(--new); stroke-width: 1.2; }
.axis-line { stroke: currentColor; opacity: .35; } .one { stroke: currentColor; opacity: .35; stroke-dasharray: 2 4; }
.target { stroke: currentColor; stroke-width: 3; } .in-time { fill: var(--good); } .late { fill: var(--bad); }
"""

_WIDTH, _LEFT, _RIGHT = 960, 240, 830
_STRIP, _GAP = 52, 8
_BAR = 30
_TALLEST_BAND = 6.0
"""A band of more turns is drawn as far as the strip reaches: a curve of one turn is to be seen."""


_SLAB = 0.5
"""Share of the whole range that an ordinary day goes through, from which on its course tells nothing."""


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


def ranges(traces: Sequence[Trace], bound: float) -> str:
    """A line for each person from the lowest deviation to the highest, the last as a dot; the axis is the bound."""
    reach = max([bound, *(trace.largest for trace in traces)])
    rows = [
        (
            trace.name,
            (trace.days[-1][1] + trace.days[-1][2]) / 2,
            min(low for _, low, _ in trace.days),
            max(high for _, _, high in trace.days),
        )
        for trace in traces
        if trace.days
    ]
    return intervals(rows, 0.0, low=-reach, high=reach, told=_turns)


def _turns(number: float) -> str:
    return f"{number:+.2g} turns".replace("-", "−") if number else "0"


def deviations(traces: Sequence[Trace], bound: float, first: date, last: date, *, name: str) -> str:
    """A strip for each person: turns minus share, day by day, in the band that they must not leave."""
    largest = max((trace.largest for trace in traces), default=0.0)
    reach = bound if bound <= _TALLEST_BAND else max(2.0, 1.5 * largest)
    reach = max(reach, largest, 1.0) * 1.05
    span = max(1, (last - first).days)
    parts: list[str] = []
    for index, trace in enumerate(traces):
        parts += _strip(trace, 10 + index * (_STRIP + _GAP), bound, reach, first, span)
    bottom = 10 + len(traces) * (_STRIP + _GAP)
    for day, anchor in ((first, "start"), (first + (last - first) / 2, "middle"), (last, "end")):
        x = _LEFT + (day - first).days / span * (_RIGHT - _LEFT)
        parts.append(f'<text class="axis" x="{x:.1f}" y="{bottom + 14}" text-anchor="{anchor}">{day}</text>')
    return _svg(
        f"{name}-deviations",
        bottom + 24,
        "Deviation of each person over time",
        f"Turns minus fair share for {len(traces)} people, day by day. The largest is {largest:.2f} turns. The band "
        f"marks the bound of {bound:g} turns above and below zero; dotted lines mark one turn.",
        parts,
    )


def _strip(trace: Trace, top: float, bound: float, reach: float, first: date, span: int) -> Iterator[str]:
    def y(turns: float) -> float:
        return top + _STRIP / 2 - max(-reach, min(turns, reach)) / reach * _STRIP / 2

    def x(day: date) -> float:
        return _LEFT + min(max((day - first).days / span, 0), 1) * (_RIGHT - _LEFT)

    wide = _RIGHT - _LEFT
    yield (f'<rect class="band" x="{_LEFT}" y="{y(bound):.1f}" width="{wide}" height="{y(-bound) - y(bound):.1f}"/>')
    yield f'<line class="axis-line" x1="{_LEFT}" x2="{_RIGHT}" y1="{y(0):.1f}" y2="{y(0):.1f}"/>'
    for turns in (1, -1):
        yield f'<line class="one" x1="{_LEFT}" x2="{_RIGHT}" y1="{y(turns):.1f}" y2="{y(turns):.1f}"/>'
    words = f"{trace.name}: at most {trace.largest:.2f} turns from the share"
    if trace.days:
        upper = [f"{x(day):.1f},{y(high):.1f}" for day, _, high in trace.days]
        lower = [f"{x(day):.1f},{y(low):.1f}" for day, low, _ in reversed(trace.days)]
        yield f'<polygon class="trace" points="{" ".join(upper + lower)}"><title>{for_html(words)}</title></polygon>'
    middle = top + _STRIP / 2 + 4
    yield f'<text x="{_LEFT - 10}" y="{middle:.1f}" text-anchor="end">{for_html(_short(trace.name))}</text>'
    yield f'<text x="{_RIGHT + 10}" y="{middle:.1f}">± {trace.largest:.2f}</text>'


def against_target(rows: Sequence[tuple[str, int, float]], *, name: str) -> str:
    """A bar for each person (who, leads, target) with a mark at the target."""
    most = max([1.0, *(max(leads, target) for _, leads, target in rows)])
    long, parts = _RIGHT - _LEFT - 20, []
    for index, (person, leads, target) in enumerate(rows):
        top = 8 + index * _BAR
        at = _LEFT + target / most * long
        parts += [
            f'<text x="{_LEFT - 10}" y="{top + 15}" text-anchor="end">{for_html(_short(person))}</text>',
            f'<rect class="new" x="{_LEFT}" y="{top}" width="{leads / most * long:.1f}" height="20">'
            f"<title>{for_html(f'{person}: {leads:,} leads, target {target:,.2f}')}</title></rect>",
            f'<line class="target" x1="{at:.1f}" x2="{at:.1f}" y1="{top - 4}" y2="{top + 24}"/>',
            f'<text x="{_LEFT + max(leads, target) / most * long + 8:.1f}" y="{top + 15}">{leads:,}</text>',
        ]
    return _svg(
        f"{name}-targets",
        14 + len(rows) * _BAR,
        "Leads of each person against their target",
        f"Bars are the leads that each of {len(rows)} people got in the rotation, upright marks their fair share.",
        parts,
    )


def distribution(minutes: Sequence[float], limit: float) -> str:
    """How many leads waited how long (`minutes`, in order of size), in steps up to twice the limit, and the limit."""
    step = limit / 8
    bins = 17
    counts = [0] * bins
    for value in minutes:
        counts[min(bins - 1, max(0, -(-int(value * 60) // max(1, int(step * 60))) - 1))] += 1
    tall, wide, base = 220, (_RIGHT - 60) / bins, 250
    most = max([1, *counts])
    parts = []
    for index, count in enumerate(counts):
        high, x = count / most * tall, 60 + index * wide
        style = "in-time" if index < 8 else "late"
        upto = f"up to {_clock((index + 1) * step)}" if index < bins - 1 else f"more than {_clock(index * step)}"
        parts.append(
            f'<rect class="{style}" x="{x + 1:.1f}" y="{base - high:.1f}" width="{wide - 2:.1f}" height="{high:.1f}">'
            f"<title>{count:,} leads waited {upto}</title></rect>"
        )
        if count:
            parts.append(
                f'<text x="{x + wide / 2:.1f}" y="{base - high - 5:.1f}" text-anchor="middle">{count:,}</text>'
            )
    x = 60 + 8 * wide
    parts.append(f'<line class="line dashed" x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{base + 4}"/>')
    parts.append(f'<line class="axis-line" x1="60" x2="{_RIGHT}" y1="{base}" y2="{base}"/>')
    for index in (0, 2, 4, 6, 8, 10, 12, 14, 16):
        place = f'x="{60 + index * wide:.1f}" y="{base + 20}" text-anchor="middle"'
        parts.append(f'<text class="axis" {place}>{_clock(index * step)}</text>')
    parts.append(f'<text class="axis" x="{_RIGHT - wide / 2:.1f}" y="{base + 38}" text-anchor="middle">more</text>')
    parts.append(f'<text x="{x + 6:.1f}" y="24">limit {_clock(limit)}</text>')
    late = sum(counts[8:])
    return _svg(
        "waits",
        base + 46,
        "How long leads waited for the first touch",
        f"Leads by waiting time in working hours. {len(minutes) - late:,} of {len(minutes):,} waited at most "
        f"{_clock(limit)}, {late:,} longer.",
        parts,
    )


def _clock(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60}:{whole % 60:02} h"


def _short(name: str) -> str:
    return name if len(name) <= 28 else f"{name[:27]}…"


def _svg(name: str, height: float, title: str, told: str, parts: Iterable[str]) -> str:
    """A figure with a title and a description for those who do not see it."""
    return (
        f'{scrolled(title)}<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'aria-labelledby="{name}-title {name}-told">\n'
        f'<title id="{name}-title">{for_html(title)}</title>\n<desc id="{name}-told">{for_html(told)}</desc>\n'
        + "\n".join(parts)
        + "\n</svg></div>"
    )
