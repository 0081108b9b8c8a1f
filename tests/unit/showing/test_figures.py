"""Figures are well-formed SVG whose sizes follow the numbers, on a page that needs nothing else."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from crmsync.showing.contents import with_contents
from crmsync.showing.figures import Ribbon, flow, intervals, page, pairs, table
from crmsync.showing.simulate.routing_figures import Trace, ranges, says_the_same_each_day


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_flow_heights_follow_the_leads() -> None:
    svg = parsed(flow([("A & B", 30), ("C", 10)], [("D", 40)], [Ribbon(0, 0, 30, "up"), Ribbon(1, 0, 10, "same")]))
    boxes = [float(box.attrib["height"]) for box in svg.iter("rect")]
    assert boxes == [225.0, 75.0, 300.0]
    assert [path.attrib["class"] for path in svg.iter("path")] == ["ribbon up", "ribbon same"]
    assert [title.text for title in svg.iter("title")] == ["A & B → D: 30", "C → D: 10"]


def test_pairs_of_bars() -> None:
    svg = parsed(pairs([("Aurelia", 10, 20), ("(nobody)", 0, 5)], ("old", "new")))
    bars = [float(bar.attrib["width"]) for bar in svg.iter("rect")]
    assert bars[2:] == [235.0, 470.0, 0.0, 117.5]


def test_intervals_stay_on_the_axis() -> None:
    svg = parsed(intervals([("A", 0.5, 0.25, 2.0)], 0.25, low=0.0, high=1.0))
    first, base = list(svg.iter("line"))
    assert (float(first.attrib["x1"]), float(first.attrib["x2"])) == (240 + 470 / 4, 710)
    assert base.attrib["x1"] == base.attrib["x2"] == first.attrib["x1"]


def test_nothing_to_show_is_still_a_figure() -> None:
    for figure in (flow([], [], []), pairs([], ("a", "b")), intervals([], 0.5, low=0, high=1)):
        assert [part.tag for part in parsed(figure)] == ["svg"]


def test_an_axis_is_told_in_numbers_that_do_not_run_into_each_other() -> None:
    def axis(base: float) -> list[str | None]:
        svg = parsed(intervals([("A", 0.5, 0.25, 1.0)], base, low=0.0, high=1.0, told="{:.0%}".format))
        return [text.text for text in svg.iter("text") if text.attrib.get("class") == "axis"]

    assert axis(0.5) == ["0%", "50%", "100%"]
    assert axis(0.05) == ["5%", "100%"]


@pytest.mark.parametrize("leads", [1, 123_456])
def test_labels_stay_inside_the_figure(leads: int) -> None:
    label = "Sales qualified opportunity!!!"
    svg = next(parsed(flow([(label, leads)], [(label, leads)], [Ribbon(0, 0, leads, "up")])).iter("svg"))
    width = float(svg.attrib["viewBox"].split()[2])
    for text in svg.iter("text"):
        room = float(text.attrib["x"]) if text.attrib["text-anchor"] == "end" else width - float(text.attrib["x"])
        assert len(text.text or "") * 6.3 <= room, "13 px sans-serif is about 6.3 px a letter"


def test_a_page_escapes_what_people_wrote() -> None:
    rows = [("<i>x</i>", 1234, ("a\nb", "c<")), ("12 %", "–", "c")]
    told = page("<b>Policy</b>", [table(("What", "Leads", "Why"), rows)])
    assert "&lt;b&gt;Policy" in told
    assert "&lt;i&gt;x" in told
    assert '<td class="number">1,234</td>' in told
    assert '<th scope="col" class="number">Leads</th>' in told
    assert "<td>12 %</td>" in told, "the first column names the rows"
    assert "<td>a b<br>c&lt;</td>" in told
    assert "default-src 'none'" in told


def test_a_long_page_begins_with_what_is_on_it() -> None:
    parts = ["<p>before</p>", "<h2>One</h2><p>1</p>", '<h2 id="own">Two</h2>', "<h3>More</h3>", "<h2>Three</h2>"]
    told = "".join(with_contents(parts))
    links = re.findall(r'<li><a href="#([^"]+)">([^<]+)</a></li>', told)
    assert links == [("part-1", "One"), ("own", "Two"), ("part-3", "Three")]
    assert all(f'id="{name}"' in told for name, _ in links)
    assert told.index("<p>before</p>") < told.index("<nav") < told.index("<h2")


def test_a_page_of_one_section_lists_what_is_below_it_and_a_short_one_nothing() -> None:
    assert "".join(with_contents(["<h2>A</h2>", "<h3>B</h3>", "<h3>C</h3>"])).count("<li>") == 3
    assert "<nav" not in "".join(with_contents(["<h2>A</h2>", "<h3>B</h3>"]))


def test_days_that_are_all_alike_are_drawn_as_ranges() -> None:
    first = date(2026, 11, 1)
    alike = [Trace("a", [(first + timedelta(day), -0.8, 0.1) for day in range(9)], 0.8)]
    moving = [Trace("a", [(first + timedelta(day), day / 10, day / 10 + 0.1) for day in range(9)], 0.9)]
    assert says_the_same_each_day(alike)
    assert not says_the_same_each_day(moving)
    assert not says_the_same_each_day([])
    assert "a" in ranges(alike, 1.0)
