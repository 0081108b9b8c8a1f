"""Forecasts in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import ENGLISH, Tongue


def forecast_text(reports: Sequence[ForecastReport], form: str, tongue: Tongue = ENGLISH) -> str:
    """`form`: table, json, csv or html."""
    if form == "json":
        return as_json({"format": 1, "report": "forecast", "connections": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.forecast_rows import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report.forecast_page import forecast_page

        return forecast_page(reports, tongue)
    from crmsync.showing.report.forecast_table import forecast_parts

    return rendered(*(part for one in reports for part in forecast_parts(one, tongue)))
