"""Scorecards where somebody fills the field of the source with whole texts, or with another one for each lead."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from crmsync.estimate.fates import Estimate
from crmsync.figures.attribution import WAYS
from crmsync.figures.scorecard import ScorecardShare, ScoreLine, Yield
from crmsync.languages.tongues import tongue_of
from crmsync.operations.report.scorecard import Scorecard, ScorecardReport, ScorecardRequest
from crmsync.showing.report.scorecard_forms import scorecard_text
from crmsync.showing.report.scorecard_words import called, listed, reasons_words
from crmsync.showing.report_page import within
from crmsync.tongue import ENGLISH

SHARE = ScorecardShare(4.0, Estimate(0.5, 0.2, 0.8), few=True)
STAGES = ("mql", "sql", "sqo")


def line(name: str | None, credit: float = 1.0, reasons: int = 1) -> ScoreLine:
    steps = tuple(Yield(start, to, SHARE) for start, to in (("mql", "sql"), ("sql", "sqo"), ("mql", "sqo")))
    why = {f"{number} {'不' * 400}": 1.0 for number in range(reasons)}
    return ScoreLine(name, dict.fromkeys(STAGES, credit), steps, credit, SHARE, why)


def report_of(lines: tuple[ScoreLine, ...]) -> ScorecardReport:
    cards = tuple(Scorecard(by, dict.fromkeys(WAYS, lines)) for by in ("campaign", "source"))
    labels = {stage: stage.upper() for stage in STAGES}
    request = ScorecardRequest()
    return ScorecardReport("c", date(2026, 11, 1), request, STAGES, labels, dict.fromkeys(STAGES, 9), 9, cards)


def rows(page: str) -> list[list[str]]:
    found = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    return [[unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)] for row in found]


@pytest.mark.parametrize(("length", "number"), [(12, 5_000), (10_000, 60)])
def test_thousands_of_sources_are_a_page_that_can_be_read(length: int, number: int) -> None:
    many = tuple(line(f"{'源' * length} {each}", reasons=4) for each in range(number))
    page = within(scorecard_text([report_of((*many, line(None)))], "html", "linear", 50, ENGLISH))
    assert len(page.encode()) < 200_000
    left, others = f"{number - 50:,}", f"{number - 50:,} others, together"
    told = [row for row in rows(page) if row]
    assert [row[0] for row in told[50:52]] == ["(not known)", others]
    assert told[51] == [others, *[left] * 4]
    of_shares = told[52 + 51]
    assert of_shares == [others, *[left] * 3, *["–"] * 3, left, "–", ""]
    assert len({row[0] for row in told[:50]}) == 50


def test_what_is_shown_and_what_is_left_are_all() -> None:
    lines = (line("a", 5), line("b", 4), line("c", 3), line("d", 2), line(None, 9))
    assert listed(lines, 0) == (lines, None)
    assert listed(lines, 4) == (lines, None)
    shown, others = listed(lines, 3)
    assert [it.name for it in shown] == ["a", "b", "c", None]
    assert others is not None
    assert (others.stages, others.handed) == (dict.fromkeys(STAGES, 2), 2)
    page = scorecard_text([report_of(lines)], "html", "first", 3, ENGLISH)
    assert "1 other" in page
    assert "others" not in page
    assert scorecard_text([report_of(lines)], "csv", "first", 3, ENGLISH).count('"d"') > 1


def test_names_that_begin_alike_stay_apart() -> None:
    lines = [line(f"{'x' * 100}{number}") for number in range(3)]
    assert len({*called(lines, "source", ENGLISH).values()}) == 3
    assert reasons_words(line("a", reasons=7), ENGLISH).endswith("and 4 more")
    assert called([line("demo_request")], "kind", tongue_of("de")) == {"demo_request": "Demo-Anfrage"}
