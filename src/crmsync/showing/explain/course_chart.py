"""The course of a lead's points as a chart, and the same as a table."""

from __future__ import annotations

from crmsync.operations.explain.course import PointsCourse
from crmsync.showing.charts.chart import Chart, ChartMark
from crmsync.showing.charts.courses import Line, lines
from crmsync.tongue import ENGLISH, Tongue


def course_chart(course: PointsCourse, tongue: Tongue = ENGLISH) -> Chart:
    """A line for each score: until today by what had happened, and by age alone from then on."""
    say, today = tongue.say, course.days.index(course.today)
    return lines(
        say("Points over time"),
        [tongue.day(day) for day in course.days],
        [Line(tongue.own(score.label), score.points) for score in course.scores],
        told=tongue.figures,
        unit=say("points"),
        low=0 if all((point or 0) >= 0 for score in course.scores for point in score.points) else None,
        marks=[ChartMark("x", today, say("today"))],
        height=260,
        tongue=tongue,
    )


def course_rows(course: PointsCourse, tongue: Tongue = ENGLISH) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of the table beside it: every fourth week."""
    head = (tongue.say("Day"), *(tongue.own(score.label) for score in course.scores))
    today = course.days.index(course.today)
    shown = [place for place in range(len(course.days)) if (place - today) % 4 == 0]
    rows = []
    for place in shown:
        points = (score.points[place] for score in course.scores)
        rows.append((tongue.day(course.days[place]), *("–" if it is None else tongue.figures(it) for it in points)))
    return head, rows
