"""Forecasts in words and rows, for every form that they are shown in."""

from __future__ import annotations

from crmsync.figures.forecast import FEW_ARRIVALS, SHORTEST_DAYS, Forecast
from crmsync.figures.outcomes import FEW_AMOUNTS, Revenue
from crmsync.figures.past_forecasts import ForecastBacktest
from crmsync.operations.report.forecast import ForecastReport
from crmsync.showing.report.estimates import percent
from crmsync.showing.report.forecast_rows import whole
from crmsync.tongue import Tongue

TWO_YEARS = 730
"""Days: in fewer, what comes again each year has come at most once."""


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
    mean, number = whole(brought.mean_amount, tongue), tongue.number(brought.amounts)
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


def wins_unknown(report: ForecastReport, tongue: Tongue) -> str:
    """Why nothing is said of wins; empty where that is not the question."""
    if report.wins is not None or report.forecast.stage != report.funnel.stages[-1].stage:
        return ""
    return tongue.say(
        "Wins and revenue are not forecast: the mapping does not say, by `outcome`, which fact tells of them."
    )
