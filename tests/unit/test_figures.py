"""Figures are well-formed SVG whose sizes follow the numbers, on a page that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from crmsync.cli.figures import Ribbon, flow, intervals, page, pairs, table, write_page
from crmsync.errors import UsageError


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
    assert bars[2:] == [230.0, 460.0, 0.0, 115.0]


def test_intervals_stay_on_the_axis() -> None:
    svg = parsed(intervals([("A", 0.5, 0.25, 2.0)], 0.25, low=0.0, high=1.0))
    first, base = list(svg.iter("line"))
    assert (float(first.attrib["x1"]), float(first.attrib["x2"])) == (190 + 470 / 4, 660)
    assert base.attrib["x1"] == base.attrib["x2"] == first.attrib["x1"]


def test_nothing_to_show_is_still_a_figure() -> None:
    assert parsed(flow([], [], [])).tag == "svg"
    assert parsed(pairs([], ("a", "b"))).tag == "svg"


def test_a_page_escapes_what_people_wrote() -> None:
    told = page("<b>Policy</b>", [table(("What", "Leads"), [("<i>x</i>", 1234), ("12 %", "–")])])
    assert "&lt;b&gt;Policy" in told
    assert "&lt;i&gt;x" in told
    assert '<td class="number">1,234</td>' in told
    assert '<td class="number">12 %</td>' in told
    assert "default-src 'none'" in told


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        write_page("", tmp_path / "nowhere" / "page.html")
