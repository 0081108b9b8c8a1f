"""Scorecards in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.figures.attribution import Way
from crmsync.operations.report.scorecard import ScorecardReport
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import Tongue


def scorecard_text(reports: Sequence[ScorecardReport], form: str, way: Way, show: int, tongue: Tongue) -> str:
    """`form`: table, json, csv or html. `way`, `show`: of tables and pages; programs get all."""
    if form == "json":
        return as_json({"format": 1, "report": "scorecard", "connections": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.scorecard_words import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report.scorecard_page import scorecard_page

        return scorecard_page(reports, way, show, tongue)
    from crmsync.showing.report.scorecard_table import scorecard_parts

    return rendered(*(part for one in reports for part in scorecard_parts(one, way, show, tongue)))
