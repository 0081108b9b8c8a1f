"""Forecasts as rows of tables and of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from crmsync.figures.forecast import Expected, Forecast
from crmsync.figures.outcomes import WON, Revenue
from crmsync.figures.past_forecasts import Errors, ForecastBacktest
from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.report.estimates import days_words, share_words
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue, to_say

MONTHS = (
    to_say("Month"),
    to_say("Expected"),
    to_say("80 % interval"),
    to_say("So far"),
    to_say("From open"),
    to_say("From new"),
)
REVENUE = (to_say("Month"), to_say("Revenue"), to_say("80 % interval"), to_say("So far"))
STAGES = (
    to_say("Stage"),
    to_say("Open"),
    to_say("New in 30 days"),
    to_say("On within 90 days"),
    to_say("Median days"),
    to_say("Come by the end"),
)
ERRORS = (
    to_say("Months ahead"),
    to_say("Forecasts"),
    to_say("Came"),
    to_say("Off by"),
    to_say("Too high by"),
    to_say("In the interval"),
    to_say("Last months off by"),
)
HEAD = (
    "connection",
    "stage",
    "made_on",
    "month",
    "ahead",
    "so_far",
    "from_open",
    "from_new",
    "expected",
    "low",
    "high",
    "naive",
    "came",
)
"""Of the rows that `rows` gives."""
Row = tuple[str, ...]


def month_rows(told: Forecast, as_of: date, tongue: Tongue) -> Iterator[Row]:
    """One row for each month, as MONTHS says."""
    for month in told.months:
        so_far = str(month.so_far) if month.month <= as_of else "–"
        some = (sum(month.from_open.values()), month.from_new)
        yield (
            f"{month.month:%Y-%m}",
            _one(month.mean, tongue),
            f"{month.low}–{month.high}",
            so_far,
            *(_one(number, tongue) for number in some),
        )


def stage_rows(report: ForecastReport, tongue: Tongue) -> Iterator[Row]:
    """One row for each stage below, as STAGES says."""
    told = report.forecast
    for stage in report.funnel.stages:
        if stage.stage in told.open_now:
            comes = sum(month.from_open[stage.stage] for month in told.months)
            yield (
                tongue.own(report.labels[stage.stage]),
                tongue.number(told.open_now[stage.stage]),
                _one(told.new.per_month[stage.stage], tongue),
                share_words(stage.within, few=stage.few, tongue=tongue),
                days_words(stage.median_days, few=stage.few, tongue=tongue),
                _one(comes, tongue),
            )


def error_rows(tested: ForecastBacktest, tongue: Tongue) -> Iterator[Row]:
    """How far off forecasts were, by months ahead and together, as ERRORS says."""
    return _error_rows(tested, _one, tongue)


def revenue_error_rows(tested: ForecastBacktest, tongue: Tongue) -> Iterator[Row]:
    """The same of amounts."""
    return _error_rows(tested, whole, tongue)


def revenue_rows(brought: Revenue, as_of: date, tongue: Tongue) -> Iterator[Row]:
    """One row for each month, as REVENUE says."""
    for month in brought.months:
        so_far = whole(month.so_far, tongue) if month.month <= as_of else "–"
        interval = f"{whole(month.low, tongue)}–{whole(month.high, tongue)}"
        yield f"{month.month:%Y-%m}", whole(month.mean, tongue), interval, so_far


def rows(report: ForecastReport) -> Iterator[tuple[Cell, ...]]:
    """Months to come, then those of the backtest; `came` is empty for what is yet to come."""
    yield from _rows(report, report.forecast, report.backtest)
    if report.wins is not None:
        yield from _rows(report, report.wins.forecast, report.wins.backtest)
        if report.wins.revenue is not None:
            yield from _revenue_rows(report, report.wins.revenue, report.wins.brought)


def _rows(report: ForecastReport, told: Forecast, tested: ForecastBacktest) -> Iterator[tuple[Cell, ...]]:
    begin = (report.connection, "won" if told.stage == WON else told.stage)
    this = 0 if told.months and told.months[0].month <= report.as_of else 1
    for ahead, month in enumerate(told.months, start=this):
        yield (*begin, report.as_of.isoformat(), month.month.isoformat(), ahead, *_cells(month), None, None)
    yield from _past_rows(begin, tested, 3)


def _revenue_rows(report: ForecastReport, brought: Revenue, tested: ForecastBacktest) -> Iterator[tuple[Cell, ...]]:
    begin = (report.connection, "revenue")
    this = 0 if brought.months and brought.months[0].month <= report.as_of else 1
    for ahead, month in enumerate(brought.months, start=this):
        cells = (month.so_far, None, None, month.mean, month.low, month.high)
        rounded = (None if cell is None else round(cell, 2) for cell in cells)
        yield (*begin, report.as_of.isoformat(), month.month.isoformat(), ahead, *rounded, None, None)
    yield from _past_rows(begin, tested, 2)


def _past_rows(begin: tuple[str, str], tested: ForecastBacktest, digits: int) -> Iterator[tuple[Cell, ...]]:
    for one in tested.past:
        told = (round(number, digits) for number in (one.mean, one.low, one.high, one.naive, one.came))
        yield (*begin, one.made_on.isoformat(), one.month.isoformat(), one.ahead, None, None, None, *told)


def _cells(month: Expected) -> tuple[Cell, ...]:
    parts = (sum(month.from_open.values()), month.from_new, month.mean)
    return (month.so_far, *(round(part, 3) for part in parts), month.low, month.high)


_Number = Callable[[float, Tongue], str]


def _error_rows(tested: ForecastBacktest, number: _Number, tongue: Tongue) -> Iterator[Row]:
    for errors in tested.errors:
        yield (str(errors.ahead), *_errors(errors, number, tongue))
    if tested.together is not None:
        yield (tongue.say("together"), *_errors(tested.together, number, tongue))


def _errors(errors: Errors, number: _Number, tongue: Tongue) -> Row:
    held = tongue.say("{held} of {number}", held=errors.held, number=errors.number)
    off, naive = (f"{number(some, tongue)}{_share(some, errors.came)}" for some in (errors.off, errors.naive_off))
    sign = "+" if errors.above > 0 else "−" if errors.above < 0 else ""
    above = f"{sign}{number(abs(errors.above), tongue)}"
    return str(errors.number), number(errors.came, tongue), off, above, held, naive


def _share(off: float, came: float) -> str:
    return f" ({100 * off / came:.0f} %)" if came else ""


def whole(number: float, tongue: Tongue) -> str:
    return tongue.number(round(number))


def _one(number: float, tongue: Tongue) -> str:
    """To one decimal."""
    return tongue.number(round(number, 1))
