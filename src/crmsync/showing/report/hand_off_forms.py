"""Hand-offs in the form that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from crmsync.operations.report.hand_offs import HandOffReport
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import Tongue


def hand_off_text(reports: Sequence[HandOffReport], form: str, show: int, tongue: Tongue) -> str:
    """`form`: table, json, csv or html. `show`: how many hand-offs a table lists (0 = all)."""
    if form == "json":
        return as_json({"format": 1, "report": "hand-offs", "connections": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.hand_off_page import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report.hand_off_page import hand_off_page

        return hand_off_page(reports, tongue)
    from crmsync.showing.report.hand_off_table import hand_off_parts

    return rendered(*(part for one in reports for part in hand_off_parts(one, show)))
