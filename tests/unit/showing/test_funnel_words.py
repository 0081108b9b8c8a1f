"""Funnels in words and on their page."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from crmsync.figures.funnel import funnel
from crmsync.figures.ways import STEPS, Ladder, passes
from crmsync.operations.report.funnel import FunnelPart, FunnelReport, FunnelRequest
from crmsync.showing.report.estimates import FEW_NOTE
from crmsync.showing.report.funnel_page import MOST_DRAWN, funnel_page
from crmsync.showing.report.funnel_words import notes
from crmsync.tongue import ENGLISH

LADDER = Ladder(("lead", "sql"), "disqualified")
TODAY = date(2026, 11, 30)
LABELS = {"lead": "Lead", "sql": "Won"}


@pytest.mark.parametrize(("came", "arrived"), [(30, 3), (5, 3), (30, 0)])
def test_a_star_is_explained_where_one_is_shown(came: int, arrived: int) -> None:
    day, next_day = TODAY - timedelta(days=100), TODAY - timedelta(days=90)
    rows = [(f"{number:02}", "lead", day, True, day) for number in range(came)]
    rows += [(f"{number:02}", "sql", next_day, True, next_day) for number in range(arrived)]
    steps = pl.DataFrame(sorted(rows), schema=dict(STEPS), orient="row")
    whole = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    report = FunnelReport("c", TODAY, FunnelRequest(), LABELS, whole, {})
    told = [*notes(report, ENGLISH)]
    assert (FEW_NOTE in told) is (came < 20)


@pytest.mark.parametrize(
    ("by", "told", "left"), [("source", "part-000", "part-499"), ("cohort", "part-499", "part-000")]
)
def test_of_hundreds_of_parts_some_are_drawn_and_all_are_in_the_table(by: str, told: str, left: str) -> None:
    """The largest; of months the latest."""
    steps = pl.DataFrame([("1", "lead", TODAY, True, TODAY)], schema=dict(STEPS), orient="row")
    one = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    parts = tuple(FunnelPart(f"part-{number:03}", f"part-{number:03}", one) for number in range(500))
    page = funnel_page([FunnelReport("c", TODAY, FunnelRequest(by=(by,)), LABELS, one, {by: parts})], ENGLISH)
    assert all(page.count(f">{part.name}<") == 1 for part in parts)
    assert page.count("<h3") == MOST_DRAWN
    assert f": {told}</h3>" in page
    assert f": {left}</h3>" not in page
    assert "25 of 500" in page


def test_cohorts_of_no_known_day_are_drawn_where_all_are_and_never_among_the_latest() -> None:
    steps = pl.DataFrame([("1", "lead", TODAY, True, TODAY)], schema=dict(STEPS), orient="row")
    one = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    for number, drawn in ((MOST_DRAWN - 1, True), (MOST_DRAWN, False)):
        named = [FunnelPart(f"part-{place:03}", f"part-{place:03}", one) for place in range(number)]
        parts = {"cohort": (*named, FunnelPart(None, None, one))}
        asked = FunnelRequest(by=("cohort",))
        page = funnel_page([FunnelReport("c", TODAY, asked, LABELS, one, parts)], ENGLISH)
        assert page.count("<h3") == MOST_DRAWN and page.count(">(not known)<") == 1
        assert (": (not known)</h3>" in page) is drawn and ": part-000</h3>" in page
