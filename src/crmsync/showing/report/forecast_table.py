"""Forecasts as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.foreign_text import markup
from crmsync.showing.report.forecast_rows import (
    ERRORS,
    MONTHS,
    REVENUE,
    STAGES,
    error_rows,
    month_rows,
    revenue_error_rows,
    revenue_rows,
    stage_rows,
)
from crmsync.showing.report.forecast_words import (
    caption,
    growth_words,
    heading,
    revenue_words,
    season_words,
    summary,
    too_short_words,
    verdict,
    wins_unknown,
)
from crmsync.tongue import Tongue

if TYPE_CHECKING:
    from rich.table import Table


def forecast_parts(report: ForecastReport, tongue: Tongue) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    yield f"  {markup(summary(report, tongue))}"
    if report.forecast.too_short:
        yield f"  {markup(too_short_words(report.forecast, report.label, tongue))}"
        return
    yield table_of(MONTHS, month_rows(report.forecast, report.as_of, tongue), tongue)
    for words in (growth_words(report.forecast, tongue), season_words(report.forecast, tongue)):
        if words:
            yield f"  {markup(words)}"
    yield f"  {markup(caption(tongue))}\n"
    yield table_of(STAGES, stage_rows(report, tongue), tongue)
    if report.backtest.together is not None:
        yield ""
        yield table_of(ERRORS, error_rows(report.backtest, tongue), tongue)
    yield f"  {markup(verdict(report.backtest, tongue))}"
    yield from _wins(report, tongue)


def _wins(report: ForecastReport, tongue: Tongue) -> Iterator[Any]:
    unknown, wins = wins_unknown(report, tongue), report.wins
    if unknown:
        yield f"  {markup(unknown)}"
    if wins is None:
        return
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(tongue.say('wins'))}"
    if wins.forecast.too_short:
        yield f"  {markup(too_short_words(wins.forecast, tongue.say('wins'), tongue))}"
        return
    yield table_of(MONTHS, month_rows(wins.forecast, report.as_of, tongue), tongue)
    if wins.backtest.together is not None:
        yield table_of(ERRORS, error_rows(wins.backtest, tongue), tongue)
    yield f"  {markup(verdict(wins.backtest, tongue))}"
    yield f"\n  {markup(revenue_words(wins.revenue, tongue))}"
    if wins.revenue is None:
        return
    yield table_of(REVENUE, revenue_rows(wins.revenue, report.as_of, tongue), tongue)
    if wins.brought.together is not None:
        yield table_of(ERRORS, revenue_error_rows(wins.brought, tongue), tongue)
    yield f"  {markup(verdict(wins.brought, tongue))}"


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]], tongue: Tongue) -> Table:
    """Words on the left, numbers on the right."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), show_edge=False)
    for place, name in enumerate(head):
        table.add_column(tongue.say(name), justify="right" if place else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(markup, row))
    return table
