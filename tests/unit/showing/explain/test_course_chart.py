"""Points over time: what had happened by then, and what age alone leaves of it."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from crmsync.model import Batch
from crmsync.operations.explain.course import PointsCourse, ScoreCourse, _as_known_on, _scores
from crmsync.showing.explain.course_chart import course_chart, course_rows

TODAY = date(2026, 11, 29)
DAYS = tuple(TODAY + timedelta(weeks=week) for week in range(-4, 5))
COURSE = PointsCourse(DAYS, TODAY, (ScoreCourse("fit", "Fit", (0.0, 0.0, 1.5, 2.0, 30.0, 20.0, 10.0, 5.0, None)),))


def test_what_is_yet_to_come_counts_on_no_earlier_day() -> None:
    days = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1), None]
    batch = Batch(leads=pl.DataFrame({"row": [0]}), activities=pl.DataFrame({"row": [0] * 4, "day": days}))
    assert _as_known_on(batch, TODAY).activities["day"].to_list() == [days[0], days[1], None]


def test_a_score_that_no_policy_of_the_lead_counts_is_left_out() -> None:
    settings: Any = SimpleNamespace(
        policy=SimpleNamespace(scores={"fit": SimpleNamespace(label=None), "other": SimpleNamespace(label="Other")})
    )
    rows = [{"score.fit.low": 1_500, "score.other.low": None}, {"score.fit.low": None}]
    assert _scores(settings, rows) == [ScoreCourse("fit", "fit", (1.5, None))]


def test_the_chart_marks_today_and_the_table_tells_every_fourth_week() -> None:
    chart = course_chart(COURSE)
    assert chart.spec["data"]["labels"][4] == "2026-11-29"
    assert chart.spec["data"]["datasets"][0]["data"] == list(COURSE.scores[0].points)
    [mark] = chart.spec["options"]["plugins"]["marks"]["lines"]
    assert (mark["axis"], mark["at"]) == ("x", 4)
    head, rows = course_rows(COURSE)
    assert head == ("Day", "Fit")
    assert rows == [("2026-11-01", "0"), ("2026-11-29", "30"), ("2026-12-27", "–")]
