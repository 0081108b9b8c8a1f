"""Forecasts in words and rows, for every form that they are shown in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Expected, Forecast
from crmsync.figures.outcomes import FEW_AMOUNTS, WON, Revenue
from crmsync.figures.past_forecasts import Errors, ForecastBacktest
from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.report.estimates import days_words, percent, share_words
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

TWO_YEARS = 730
"""Days: in fewer, what comes again each year has come at most once."""

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


def too_short_words(told: Forecast, label: str, tongue: Tongue) -> str:
    """Why nothing is forecast: too few days, too few that came, or both."""
    days, came = tongue.number(told.history_days), tongue.number(told.arrived)
    if told.history_days >= SHORTEST_DAYS:
        return tongue.say(
            "Too few came to {stage} to say anything: {came} in {days} days. It takes {few}.",
            stage=label,
            came=came,
            days=days,
            few=FEW_ARRIVALS,
        )
    if told.arrived >= FEW_ARRIVALS:
        return tongue.say(
            "The history is too short to say anything: {days} days. It takes {least}.", days=days, least=SHORTEST_DAYS
        )
    return tongue.say(
        "The history is too short, and too few came to {stage}, to say anything: {came} in {days} days. "
        "It takes {few} in {least} days.",
        stage=label,
        came=came,
        days=days,
        few=FEW_ARRIVALS,
        least=SHORTEST_DAYS,
    )


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
    return _error_rows(tested, _whole, tongue)


def verdict(tested: ForecastBacktest, tongue: Tongue) -> str:
    """Whether the forecast is worth more than a look at the last months."""
    together = tested.together
    if together is None:
        return tongue.say(
            "There is too little history to tell how far off such a forecast is: so take it for a rough guess."
        )
    if together.better:
        return tongue.say("Forecasts of the past were less far off than the mean of the three months before.")
    return tongue.say(
        "Forecasts of the past were not clearly less far off than the mean of the three months before: "
        "that says as much."
    )


def caption(tongue: Tongue) -> str:
    """What the interval means."""
    return tongue.say(
        "Four of five such intervals hold what comes, if leads go on to move and to come as they did. "
        "From open: from those who stand below now; from new: from those who are yet to come."
    )


def growth_words(told: Forecast, tongue: Tongue) -> str:
    """How quickly new leads have grown in number, or shrunk, and what is made of it; nothing where they did not."""
    growth = told.new.growth
    if growth is None or told.too_short:
        return ""
    share = percent(abs(growth.times(1) - 1), tongue)
    if growth.rate > 0:
        return tongue.say(
            "New leads became about {share} more with each 30 days of the last year. What is expected goes on at the "
            "rate of the last 90 days; the interval reaches to what comes if they become more as they did.",
            share=share,
        )
    return tongue.say(
        "New leads became about {share} fewer with each 30 days of the last year. What is expected goes on at the "
        "rate of the last 90 days; the interval reaches to what comes if they become fewer as they did.",
        share=share,
    )


def season_words(told: Forecast, tongue: Tongue) -> str:
    """That a season of new leads is in no forecast; nothing where none begin, or nothing is forecast."""
    if told.too_short or not any(told.new.per_month.values()):
        return ""
    if told.history_days < TWO_YEARS:
        return tongue.say(
            "Seasons are not reckoned with, and {days} days are too few to see one: while one rises or falls, what "
            "comes lies to one side of what is expected, and the further ahead, the more often outside the interval.",
            days=tongue.number(told.history_days),
        )
    return tongue.say(
        "Seasons are not reckoned with: while one rises or falls, what comes lies to one side of what is expected, "
        "and the further ahead, the more often outside the interval."
    )


def revenue_words(brought: Revenue | None, tongue: Tongue) -> str:
    """What revenue stands on, or why none is told."""
    if brought is None:
        return tongue.say(
            "Revenue is not told: fewer than {few} wins of the last year have an amount.", few=FEW_AMOUNTS
        )
    mean, number = _whole(brought.mean_amount, tongue), tongue.number(brought.amounts)
    if not brought.without:
        return tongue.say(
            "Revenue: wins times their mean amount, {mean}, of the {number} wins of the last year.",
            mean=mean, number=number,
        )  # fmt: skip
    return tongue.say(
        "Revenue: wins that have an amount, {number} of {all} in the last year, times their mean, {mean}. The others "
        "count as nothing, in what is expected as in what came.",
        number=number, all=tongue.number(brought.amounts + brought.without), mean=mean,
    )  # fmt: skip


def revenue_rows(brought: Revenue, as_of: date, tongue: Tongue) -> Iterator[Row]:
    """One row for each month, as REVENUE says."""
    for month in brought.months:
        so_far = _whole(month.so_far, tongue) if month.month <= as_of else "–"
        interval = f"{_whole(month.low, tongue)}–{_whole(month.high, tongue)}"
        yield f"{month.month:%Y-%m}", _whole(month.mean, tongue), interval, so_far


def wins_unknown(report: ForecastReport, tongue: Tongue) -> str:
    """Why nothing is said of wins; empty where that is not the question."""
    if report.wins is not None or report.forecast.stage != report.funnel.stages[-1].stage:
        return ""
    return tongue.say(
        "Wins and revenue are not forecast: the mapping does not say, by `outcome`, which fact tells of them."
    )


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


def _whole(number: float, tongue: Tongue) -> str:
    return tongue.number(round(number))


def _one(number: float, tongue: Tongue) -> str:
    """To one decimal."""
    return tongue.number(round(number, 1))
