"""Forecasts as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.foreign_text import markup
from crmsync.showing.report.forecast_words import (
    ERRORS,
    MONTHS,
    STAGES,
    caption,
    error_rows,
    heading,
    month_rows,
    stage_rows,
    summary,
    too_short_words,
    verdict,
)
from crmsync.tongue import Tongue

if TYPE_CHECKING:
    from rich.table import Table


def forecast_parts(report: ForecastReport, tongue: Tongue) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    yield f"  {markup(summary(report, tongue))}"
    if report.forecast.too_short:
        yield f"  {markup(too_short_words(report, tongue))}"
        return
    yield table_of(MONTHS, month_rows(report, tongue), tongue)
    yield f"  {markup(caption(tongue))}\n"
    yield table_of(STAGES, stage_rows(report, tongue), tongue)
    if report.backtest.together is not None:
        yield ""
        yield table_of(ERRORS, error_rows(report, tongue), tongue)
    yield f"  {markup(verdict(report, tongue))}"


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]], tongue: Tongue) -> Table:
    """Words on the left, numbers on the right."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), show_edge=False)
    for place, name in enumerate(head):
        table.add_column(tongue.say(name), justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(markup, row))
    return table
