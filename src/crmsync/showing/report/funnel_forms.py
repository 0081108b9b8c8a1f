"""Funnels in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.operations.report.funnel import FunnelReport
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import Tongue


def funnel_text(reports: Sequence[FunnelReport], form: str, tongue: Tongue) -> str:
    """`form`: table, json, csv or html."""
    if form == "json":
        return as_json({"format": 1, "report": "funnel", "connections": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.funnel_words import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report.funnel_page import funnel_page

        return funnel_page(reports, tongue)
    from crmsync.showing.report.funnel_table import funnel_parts

    return rendered(*(part for one in reports for part in funnel_parts(one, tongue)))
