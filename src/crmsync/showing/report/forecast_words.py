"""Forecasts in words and rows, for every form that they are shown in."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Expected
from crmsync.figures.past_forecasts import Errors
from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.report.funnel_words import days_words, share_words
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


def heading(report: ForecastReport, tongue: Tongue) -> str:
    """What the report is of."""
    return tongue.say("forecast of {stage}, as of {day}", stage=report.label, day=tongue.day(report.as_of))


def summary(report: ForecastReport, tongue: Tongue) -> str:
    """What it stands on, in one sentence."""
    told = report.forecast
    return tongue.say(
        "{came} came to {stage} in {days} days; {open} stand below it, {new} new ones begin in 30 days",
        came=tongue.number(told.arrived),
        stage=report.label,
        days=tongue.number(told.history_days),
        open=tongue.number(sum(told.open_now.values())),
        new=tongue.number(round(sum(told.new.per_month.values()))),
    )


def too_short_words(report: ForecastReport, tongue: Tongue) -> str:
    """Why nothing is forecast."""
    return tongue.say(
        "The history is too short to say anything: it takes {days} days in which {few} came to {stage}. "
        "So far there are {has_days} days and {came} that came.",
        days=SHORTEST_DAYS,
        few=FEW_ARRIVALS,
        stage=report.label,
        has_days=report.forecast.history_days,
        came=report.forecast.arrived,
    )


def month_rows(report: ForecastReport, tongue: Tongue) -> Iterator[Row]:
    """One row for each month, as MONTHS says."""
    for month in report.forecast.months:
        so_far = str(month.so_far) if month.month <= report.as_of else "–"
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
                report.labels[stage.stage],
                tongue.number(told.open_now[stage.stage]),
                _one(told.new.per_month[stage.stage], tongue),
                share_words(stage.within, few=stage.few),
                days_words(stage.median_days, few=stage.few),
                _one(comes, tongue),
            )


def error_rows(report: ForecastReport, tongue: Tongue) -> Iterator[Row]:
    """How far off forecasts were, by months ahead and together, as ERRORS says."""
    tested = report.backtest
    for errors in tested.errors:
        yield (str(errors.ahead), *_errors(errors, tongue))
    if tested.together is not None:
        yield (tongue.say("together"), *_errors(tested.together, tongue))


def verdict(report: ForecastReport, tongue: Tongue) -> str:
    """Whether the forecast is worth more than a look at the last months."""
    together = report.backtest.together
    if together is None:
        return tongue.say(
            "There is too little history to tell how far off such a forecast is: so take it for a rough guess."
        )
    if together.better:
        return tongue.say("Forecasts of the past were less far off than the mean of the three months before.")
    return tongue.say(
        "Forecasts of the past were no less far off than the mean of the three months before: that says as much."
    )


def caption(tongue: Tongue) -> str:
    """What the interval means."""
    return tongue.say(
        "Four of five such intervals hold what comes, if leads go on to move and to come as they did. "
        "From open: from those who stand below now; from new: from those who are yet to come."
    )


def rows(report: ForecastReport) -> Iterator[tuple[Cell, ...]]:
    """Months to come, then those of the backtest; `came` is empty for what is yet to come."""
    for ahead, month in enumerate(report.forecast.months, start=_first_ahead(report)):
        yield (*_begin(report), report.as_of.isoformat(), month.month.isoformat(), ahead, *_cells(month), None, None)
    for one in report.backtest.past:
        told = (None, None, None, round(one.mean, 3), one.low, one.high, round(one.naive, 3), one.came)
        yield (*_begin(report), one.made_on.isoformat(), one.month.isoformat(), one.ahead, *told)


def _first_ahead(report: ForecastReport) -> int:
    return 0 if report.forecast.months and report.forecast.months[0].month <= report.as_of else 1


def _begin(report: ForecastReport) -> tuple[str, str]:
    return report.connection, report.forecast.stage


def _cells(month: Expected) -> tuple[Cell, ...]:
    parts = (sum(month.from_open.values()), month.from_new, month.mean)
    return (month.so_far, *(round(part, 3) for part in parts), month.low, month.high)


def _errors(errors: Errors, tongue: Tongue) -> Row:
    held = tongue.say("{held} of {number}", held=errors.held, number=errors.number)
    off, naive = (_off(some, errors.came, tongue) for some in (errors.off, errors.naive_off))
    sign = "+" if errors.above > 0 else "−" if errors.above < 0 else ""
    above = f"{sign}{_one(abs(errors.above), tongue)}"
    return str(errors.number), _one(errors.came, tongue), off, above, held, naive


def _off(off: float, came: float, tongue: Tongue) -> str:
    share = f" ({100 * off / came:.0f} %)" if came else ""
    return f"{_one(off, tongue)}{share}"


def _one(number: float, tongue: Tongue) -> str:
    """To one decimal."""
    return tongue.number(round(number, 1))
