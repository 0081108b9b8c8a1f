"""Capacity in the form that was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crmsync.operations.report.capacity import CapacityReport
from crmsync.showing.foreign_text import for_html, markup, prose_html
from crmsync.showing.rendering import as_json, rendered
from crmsync.showing.report.capacity_words import (
    LOADS,
    MONTHS,
    caption,
    heading,
    load_rows,
    month_rows,
    verdicts,
)
from crmsync.showing.report.forecast_words import too_short_words
from crmsync.tongue import ENGLISH, Tongue


def capacity_text(reports: Sequence[CapacityReport], form: str, tongue: Tongue = ENGLISH) -> str:
    """`form`: table, json, csv or html."""
    if form == "json":
        return as_json({"format": 1, "report": "capacity", "hand_overs": [one.to_json() for one in reports]})
    if form == "csv":
        from crmsync.showing.report.capacity_words import HEAD, rows
        from crmsync.showing.spreadsheet import csv_text

        return csv_text(HEAD, (row for one in reports for row in rows(one)))
    if form == "html":
        from crmsync.showing.report_page import page

        told = [part for report in reports for part in _html(report, tongue)]
        return page(tongue.say("Capacity"), told, tongue)
    return rendered(*(part for one in reports for part in _parts(one, tongue)))


def _parts(report: CapacityReport, tongue: Tongue) -> Iterator[Any]:
    from crmsync.showing.report.forecast_table import table_of

    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    if report.capacity is None:
        yield f"  {markup(too_short_words(report.forecast, report.stage_label, tongue))}"
        return
    yield table_of(MONTHS, month_rows(report, tongue), tongue)
    yield ""
    yield table_of(LOADS, load_rows(report, tongue), tongue)
    yield from (f"  {markup(verdict)}" for verdict in verdicts(report, tongue))
    yield f"  {markup(caption(report, tongue))}"


def _html(report: CapacityReport, tongue: Tongue) -> Iterator[str]:
    from crmsync.showing.report_page import table

    yield f"<h2>{for_html(f'{report.connection}: {heading(report, tongue)}')}</h2>"
    if report.capacity is None:
        yield f"<p>{for_html(too_short_words(report.forecast, report.stage_label, tongue))}</p>"
        return
    told = "".join(f"<li>{prose_html(verdict)}</li>" for verdict in verdicts(report, tongue))
    yield f"<ul>{told}</ul>"
    yield _chart(report, tongue)
    yield table([tongue.say(name) for name in MONTHS], month_rows(report, tongue), tongue)
    yield f"<h3>{for_html(tongue.say('By receiver'))}</h3>"
    yield table([tongue.say(name) for name in LOADS], load_rows(report, tongue), tongue)
    yield f'<p class="note">{prose_html(caption(report, tongue))}</p>'


def _chart(report: CapacityReport, tongue: Tongue) -> str:
    """What everybody gets by month, side by side."""
    from crmsync.showing.charts.chart import SERIES
    from crmsync.showing.charts.figure import figure
    from crmsync.showing.charts.rows import ChartSeries, bars

    assert report.capacity is not None
    loads = report.capacity.loads
    people = list(dict.fromkeys(load.key for load in loads))
    months = sorted({load.month for load in loads})
    gets = {(load.key, load.month): round(load.mean, 1) for load in loads}
    series = [
        ChartSeries(f"{month:%Y-%m}", [gets[key, month] for key in people], SERIES[place % len(SERIES)])
        for place, month in enumerate(months)
    ]
    names = [report.name(key) for key in people]
    return figure(bars(tongue.say("Expected hand-offs by receiver and month"), names, series))
