"""Specs hold what the numbers are, as plain data; a figure holds its spec whatever names are in it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from crmsync.showing.charts.chart import Chart, ChartMark, Colour
from crmsync.showing.charts.courses import CourseStep, Line, Strip, columns, lines, strips
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.files import STYLE
from crmsync.showing.charts.flow import Ribbon, flow
from crmsync.showing.charts.rows import ChartSeries, Row, against_target, bars, intervals
from crmsync.showing.simulate.routing_charts import Trace, deviations, distribution, ranges, says_the_same_each_day

NAME = "O'Neill & <b>\u202eSons</b>"
DAY = date(2026, 11, 1)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


EVERY = {
    "intervals": intervals("T", [Row(NAME, 0.5, 0.25, 0.75)], base=0.4, low=0, high=1, form="percent", told=percent),
    "bars": bars("T", [NAME, "B"], [ChartSeries("one", [3, 4]), ChartSeries("two", [0, 2])]),
    "stacked": bars("T", [NAME, "B"], [ChartSeries("one", [3, 4]), ChartSeries("two", [0, 2])], stacked=True),
    "target": against_target("T", [(NAME, 3, 4.5)], ("Leads", "Target")),
    "lines": lines(
        "T", ["a", "b", "c"], [Line(NAME, [1, None, 2], [0, None, 1], [2, None, 3])], marks=[ChartMark("x", 1)]
    ),
    "strips": strips("T", ["a", "b"], [Strip(NAME, [-0.5, None], [0.5, None])], reach=1, bound=0.9, told="U"),
    "columns": columns("T", [CourseStep(NAME, 3, "three")], told="U"),
    "flow": flow(
        "T", [(NAME, 30), ("C", 10)], [("D", 40)], [Ribbon(0, 0, 30, Colour.GOOD), Ribbon(1, 0, 10, Colour.OLD)]
    ),
}


def sets(chart: Chart) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = chart.spec["data"]["datasets"]
    return told


def kept(told: str) -> Any:
    found = re.search(r"data-chart='([^']*)'", told)
    assert found
    return json.loads(html.unescape(found[1]))


def colours(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("--"):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from colours(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from colours(each)


@pytest.mark.parametrize("kind", EVERY)
def test_a_figure_keeps_its_spec_and_hides_until_it_is_drawn(kind: str) -> None:
    told = figure(EVERY[kind])
    cleaned = "O'Neill & <b>Sons</b>"
    assert kept(told) == json.loads(json.dumps(EVERY[kind].spec).replace("\\u202e", ""))
    assert cleaned in json.dumps(kept(told), ensure_ascii=False)
    assert "<b>" not in told, "names are no HTML"
    assert re.match(r'<figure class="chart"[^>]* hidden>', told)
    assert (" data-flow" in told) is (kind == "flow")


@pytest.mark.parametrize("kind", EVERY)
def test_every_colour_is_one_of_the_stylesheet(kind: str) -> None:
    known = set(re.findall(r"^  (--chart-[a-z]+):", STYLE.read_text(encoding="utf-8"), re.M))
    used = set(colours(EVERY[kind].spec))
    assert used and used <= known
    assert {str(colour) for colour in Colour} <= known


@pytest.mark.parametrize("kind", EVERY)
def test_each_value_is_told_in_words(kind: str) -> None:
    for one in sets(EVERY[kind]):
        assert len(one["told"]) == len(one["data"])
    assert EVERY[kind].told.startswith(("T. ", "U"))


def test_an_interval_is_a_line_from_low_to_high_with_its_value_as_a_dot() -> None:
    dots, line = sets(EVERY["intervals"])
    assert (dots["data"], line["data"]) == ([0.5], [[0.25, 0.75]])
    assert dots["told"] == ["50 % (25 %–75 %)"]
    axis = EVERY["intervals"].spec["options"]["scales"]["x"]
    assert (axis["min"], axis["max"], axis["ticks"]["format"]["style"]) == (0, 1, "percent")
    assert EVERY["intervals"].spec["options"]["plugins"]["marks"]["lines"] == [
        {"axis": "x", "at": 0.4, "text": "40 %"}
    ]


def test_bars_stand_below_each_other_or_one_after_the_other() -> None:
    beside, stacked = EVERY["bars"], EVERY["stacked"]
    assert [one["data"] for one in sets(beside)] == [one["data"] for one in sets(stacked)] == [[3, 4], [0, 2]]
    assert "stacked" not in beside.spec["options"]["scales"]["x"]
    assert stacked.spec["options"]["scales"]["x"]["stacked"] and stacked.spec["options"]["scales"]["y"]["stacked"]
    assert sets(beside)[1]["told"][0] == "two: 0"
    assert sets(stacked)[1]["told"][0] == "", "nothing to see, nothing said"


def test_a_band_lies_between_its_edges_and_is_told_with_its_line() -> None:
    low, high, line = sets(EVERY["lines"])
    assert (low["data"], high["data"], high["fill"]) == ([0, None, 1], [2, None, 3], "-1")
    assert line["told"] == [f"{NAME}: 1 (0–2)", "", f"{NAME}: 2 (1–3)"]


def test_a_flow_keeps_the_order_of_its_boxes_and_leaves_nothing_that_is_empty() -> None:
    [one] = sets(flow("T", [("A", 1), ("B", 2)], [("C", 3), ("D", 0)], [
        Ribbon(1, 0, 2, Colour.BAD), Ribbon(0, 0, 1, Colour.GOOD), Ribbon(0, 1, 0, Colour.OLD),
    ]))  # fmt: skip
    assert [(each["from"], each["to"], each["flow"]) for each in one["data"]] == [
        ("before 0", "after 0", 1),
        ("before 1", "after 0", 2),
    ]
    assert one["ribbonColor"] == [Colour.GOOD, Colour.BAD]
    assert one["labels"]["before 1"] == "B 2"
    assert one["priority"]["before 1"] > one["priority"]["before 0"]


@pytest.mark.parametrize("chart", [
    flow("T", [], [], []),
    bars("T", [], []),
    intervals("T", [], base=0.5, low=0, high=1, form="percent", told=percent),
    lines("T", [], []),
    against_target("T", [], ("a", "b")),
])  # fmt: skip
def test_nothing_to_show_is_still_a_chart(chart: Chart) -> None:
    assert kept(figure(chart))["type"] == chart.spec["type"]


def test_days_that_are_all_alike_are_drawn_as_ranges() -> None:
    alike = [Trace("a", [(DAY + timedelta(day), -0.8, 0.1) for day in range(9)], 0.8)]
    moving = [Trace("a", [(DAY + timedelta(day), day / 10, day / 10 + 0.1) for day in range(9)], 0.9)]
    assert says_the_same_each_day(alike)
    assert not says_the_same_each_day(moving)
    assert not says_the_same_each_day([])
    dots, line = sets(ranges(alike, 1.0))
    assert (dots["data"], line["data"]) == ([pytest.approx(-0.35)], [[-0.8, 0.1]])


def test_deviations_of_a_day_that_nobody_was_there_stay_empty() -> None:
    low, high = sets(deviations([Trace("a", [(DAY, -0.5, 0.2)], 0.5)], 1.0, DAY, DAY + timedelta(2)))
    assert (low["data"], high["data"]) == ([-0.5, None, None], [0.2, None, None])


def test_waiting_times_are_counted_in_steps_up_to_twice_the_limit() -> None:
    chart = distribution([0, 30, 31, 240, 241, 480, 481, 9999], 240)
    [one] = sets(chart)
    assert sum(one["data"]) == 8
    assert (one["data"][0], one["data"][1], one["data"][7], one["data"][8]) == (2, 1, 1, 1)
    assert (one["data"][15], one["data"][16]) == (1, 2)
    assert one["backgroundColor"] == [Colour.GOOD] * 8 + [Colour.BAD] * 9
    assert chart.told.endswith("4 of 8 waited at most 4:00 h, 4 longer.")
