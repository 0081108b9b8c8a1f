"""The sales report in the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmsync.operations.report.sales import SalesReport
from crmsync.showing.foreign_text import markup
from crmsync.showing.rendering import as_json, rendered
from crmsync.tongue import Tongue


def sales_text(reports: Sequence[SalesReport], form: str, show: int, tongue: Tongue) -> str:
    """`form`: table, json, csv or html. `show`: how many rows of each table (0 = all)."""
    if form == "json":
        return as_json({"format": 1, "report": "sales", "connections": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.sales_words import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report.sales_page import sales_page

        return sales_page(reports, tongue)
    return rendered(*(part for one in reports for part in _parts(one, show, tongue)))


def _parts(report: SalesReport, show: int, tongue: Tongue) -> Iterator[Any]:
    from rich.table import Table

    from crmsync.showing.report.sales_words import heading, notes, tables

    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    yield from (f"  {markup(note)}" for note in notes(report, tongue))
    for title, head, rows in tables(report, tongue):
        yield f"\n[bold]{markup(title)}[/bold]"
        if not rows:
            yield f"  {markup(tongue.say('None.'))}"
            continue
        table = Table(box=None, padding=(0, 1), show_edge=False)
        table.add_column(markup(head[0]), overflow="fold", min_width=12)
        for name in head[1:]:
            table.add_column(markup(name), justify="right", overflow="fold")
        for row in rows[:show] if show else rows:
            table.add_row(*(markup(str(cell)) for cell in row))
        yield table
        if show and len(rows) > show:
            hidden = tongue.number(len(rows) - show)
            yield f"  {markup(tongue.say('… and {number} more; all of them: --show 0', number=hidden))}"
