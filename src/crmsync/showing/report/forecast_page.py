"""Forecasts as one HTML file to pass round: a figure of what is expected, and everything in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from crmsync.figures.forecast import Forecast
from crmsync.figures.past_forecasts import ForecastBacktest
from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.courses import Line, lines
from crmsync.showing.charts.figure import figure
from crmsync.showing.foreign_text import for_html, prose_html
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
from crmsync.showing.report_page import page, table
from crmsync.tongue import Tongue


def forecast_page(reports: Sequence[ForecastReport], tongue: Tongue) -> str:
    """The page for all connections."""
    return page(tongue.say("Forecast"), [part for report in reports for part in _parts(report, tongue)], tongue)


def _parts(report: ForecastReport, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    yield f"<h2>{for_html(f'{report.connection}: {heading(report, tongue)}')}</h2>"
    yield f"<p>{for_html(summary(report, tongue))}.</p>"
    if report.forecast.too_short:
        yield f"<p>{for_html(too_short_words(report.forecast, report.label, tongue))}</p>"
        return
    yield f"<h3>{for_html(say('Expected by month'))}</h3>"
    yield _course(report.forecast, report.backtest, tongue)
    yield f'<p class="note">{prose_html(caption(tongue))}</p>'
    yield _table(MONTHS, month_rows(report.forecast, report.as_of, tongue), tongue)
    for words in (growth_words(report.forecast, tongue), season_words(report.forecast, tongue)):
        if words:
            yield f'<p class="note">{prose_html(words)}</p>'
    yield f"<h3>{for_html(say('Who stands below'))}</h3>"
    yield _table(STAGES, stage_rows(report, tongue), tongue)
    yield f"<h3>{for_html(say('How far off such forecasts were'))}</h3>"
    yield f"<p>{prose_html(verdict(report.backtest, tongue))}</p>"
    if report.backtest.together is not None:
        yield _table(ERRORS, error_rows(report.backtest, tongue), tongue)
    yield from _wins(report, tongue)


def _wins(report: ForecastReport, tongue: Tongue) -> Iterator[str]:
    unknown, wins = wins_unknown(report, tongue), report.wins
    if unknown:
        yield f'<p class="note">{prose_html(unknown)}</p>'
    if wins is None:
        return
    yield f"<h3>{for_html(tongue.say('Wins and revenue'))}</h3>"
    if wins.forecast.too_short:
        yield f"<p>{for_html(too_short_words(wins.forecast, tongue.say('wins'), tongue))}</p>"
        return
    yield _course(wins.forecast, wins.backtest, tongue)
    yield _table(MONTHS, month_rows(wins.forecast, report.as_of, tongue), tongue)
    yield f"<p>{prose_html(verdict(wins.backtest, tongue))}</p>"
    if wins.backtest.together is not None:
        yield _table(ERRORS, error_rows(wins.backtest, tongue), tongue)
    yield f"<p>{prose_html(revenue_words(wins.revenue, tongue))}</p>"
    if wins.revenue is not None:
        yield _table(REVENUE, revenue_rows(wins.revenue, report.as_of, tongue), tongue)
        yield f"<p>{prose_html(verdict(wins.brought, tongue))}</p>"
        if wins.brought.together is not None:
            yield _table(ERRORS, revenue_error_rows(wins.brought, tongue), tongue)


def _course(told: Forecast, tested: ForecastBacktest, tongue: Tongue) -> str:
    """What came, what had been forecast for it a month before, and what is expected, with the band of each."""
    before = {one.month: one for one in tested.past if one.ahead == 1}
    coming = {month.month: month for month in told.months}
    months = sorted({*before, *coming})
    forecasts = [before.get(month) or coming[month] for month in months]
    came = Line(
        tongue.say("Came"), [before[month].came if month in before else None for month in months], colour=Colour.INK
    )
    expected = Line(
        tongue.say("Forecast"),
        [one.mean for one in forecasts],
        low=[one.low for one in forecasts],
        high=[one.high for one in forecasts],
        dashed=True,
    )
    places = [f"{month:%Y-%m}" for month in months]
    if before:
        courses: tuple[Line, ...] = (expected, came)
        title = tongue.say(
            "Came and forecast, with 80 % intervals; of months that are over as forecast a month before"
        )
    else:  # nothing that came stands beside a forecast of it: a line without points would be a riddle
        courses, title = (expected,), tongue.say("Forecast, with 80 % intervals")
    chart = lines(title, places, courses, told=lambda number: tongue.number(round(number, 1)), tongue=tongue)
    return figure(chart)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], tongue: Tongue) -> str:
    return table([tongue.say(name) for name in head], rows)
