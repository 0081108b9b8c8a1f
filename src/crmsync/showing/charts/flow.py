"""A chart of what goes from where to where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crmsync.showing.charts.chart import Chart, Colour, Plain, options
from crmsync.tongue import ENGLISH, Tongue


@dataclass(frozen=True, slots=True)
class Ribbon:
    """Leads from one box on the left to one on the right, by their places."""

    start: int
    end: int
    leads: int
    colour: Colour


def flow(
    title: str,
    before: Sequence[tuple[str, int]],
    after: Sequence[tuple[str, int]],
    ribbons: Sequence[Ribbon],
    tongue: Tongue = ENGLISH,
) -> Chart:
    """Boxes (label, leads) on both sides, from the top in their order, and ribbons between them."""
    drawn = sorted((ribbon for ribbon in ribbons if ribbon.leads), key=lambda one: (one.start, one.end))
    sides = {"before": before, "after": after}
    keys = [(f"{side} {place}", each) for side, boxes in sides.items() for place, each in enumerate(boxes)]
    words = [f"{before[one.start][0]} → {after[one.end][0]}: {tongue.number(one.leads)}" for one in drawn]
    data: Plain = {
        "data": [{"from": f"before {one.start}", "to": f"after {one.end}", "flow": one.leads} for one in drawn],
        "labels": {key: f"{label} {tongue.number(leads)}" for key, (label, leads) in keys},
        "column": {key: int(key.startswith("after")) for key, _ in keys},
        "priority": {key: int(key.rpartition(" ")[2]) for key, _ in keys},
        "ribbonColor": [one.colour for one in drawn],
        "colorFrom": Colour.CALM,
        "colorTo": Colour.CALM,
        "color": Colour.INK,
        "borderWidth": 0,
        "nodeWidth": 12,
        "size": "max",
        "told": words,
    }
    spec: Plain = {"type": "sankey", "data": {"datasets": [data]}, "options": options({})}
    height = 240 + 28 * max(len(before), len(after))
    return Chart(title, f"{title}. {'; '.join(words)}", height, spec)
