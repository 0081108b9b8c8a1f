"""A report as one file: escaped, with its list of contents, and allowed to run what it brings along."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

from crmsync.showing.charts.chart import Chart
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.files import FLOWS, SCRIPTS
from crmsync.showing.contents import with_contents
from crmsync.showing.report_page import page, table


def test_a_page_brings_the_scripts_of_its_charts_along_and_allows_these_alone() -> None:
    def scripts(*kinds: str) -> tuple[list[str], str]:
        told = page("A", [figure(Chart("a", "b", 100, {"type": kind})) for kind in kinds])
        return re.findall(r"<script>(.*?)</script>", told, re.DOTALL), told

    shipped = {name: file.read_bytes().decode("utf-8") for name, file in SCRIPTS.items()}
    none, plain = scripts()
    assert none == [] and "script-src" not in plain
    some, told = scripts("bar", "line")
    assert some == [text for name, text in shipped.items() if name != FLOWS]
    for text in some:
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in told
    assert scripts("sankey")[0] == list(shipped.values())
    assert all("</script" not in text for text in shipped.values())


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
