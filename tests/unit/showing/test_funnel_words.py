"""Funnels in words."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from crmsync.figures.funnel import funnel
from crmsync.figures.ways import STEPS, Ladder, passes
from crmsync.operations.report.funnel import FunnelReport, FunnelRequest
from crmsync.showing.report.estimates import FEW_NOTE
from crmsync.showing.report.funnel_words import notes
from crmsync.tongue import ENGLISH

LADDER = Ladder(("lead", "sql"), "disqualified")
TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(("came", "arrived"), [(30, 3), (5, 3), (30, 0)])
def test_a_star_is_explained_where_one_is_shown(came: int, arrived: int) -> None:
    day, next_day = TODAY - timedelta(days=100), TODAY - timedelta(days=90)
    rows = [(f"{number:02}", "lead", day, True, day) for number in range(came)]
    rows += [(f"{number:02}", "sql", next_day, True, next_day) for number in range(arrived)]
    steps = pl.DataFrame(sorted(rows), schema=dict(STEPS), orient="row")
    whole = funnel(passes(steps, LADDER), LADDER.stages, today=TODAY, within_days=30)
    report = FunnelReport("c", TODAY, FunnelRequest(), {"lead": "Lead", "sql": "Won"}, whole, {})
    told = [*notes(report, ENGLISH)]
    assert (FEW_NOTE in told) is (came < 20)
