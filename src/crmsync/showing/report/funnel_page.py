"""Funnels as one HTML file to pass round: charts, and each of them told in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.figures.funnel import Funnel
from crmsync.operations.report.funnel import FunnelPart, FunnelReport
from crmsync.showing.charts.chart import Chart, Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import ChartSeries, Row, bars, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report.estimates import days_words, percent, share_words
from crmsync.showing.report.funnel_words import by_words, ended_words, heading, notes, part_words, summary
from crmsync.showing.report_page import page, table
from crmsync.tongue import Tongue

MOST_DRAWN = 25


def funnel_page(reports: Sequence[FunnelReport], tongue: Tongue) -> str:
    """The page for all connections."""
    return page(tongue.say("Funnel"), [part for report in reports for part in _parts(report, tongue)], tongue)


def _parts(report: FunnelReport, tongue: Tongue) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report, tongue)}')}</h2>"
    yield f"<p>{for_html(summary(report, report.whole, tongue))}.</p>"
    yield from map(figure, charts(report, report.whole, tongue))
    yield _table(report, report.whole, tongue)
    for by, parts in report.parts.items():
        named = by_words(by, tongue)
        yield f"<h2>{for_html(f'{report.connection}: {named}')}</h2>"
        drawn = _drawn(by, parts)
        yield from _compared(report, by, parts, drawn, tongue)
        if len(drawn) < len(parts):
            told = tongue.say(
                "Drawn and told stage by stage: {few} of {all}. JSON and CSV tell all.",
                few=tongue.number(len(drawn)), all=tongue.number(len(parts)),
            )  # fmt: skip
            yield f"<p>{for_html(told)}</p>"
        for part in drawn:
            yield f"<h3>{for_html(f'{named}: {part_words(part.label, tongue)}')}</h3>"
            yield f"<p>{for_html(summary(report, part.funnel, tongue))}.</p>"
            yield _table(report, part.funnel, tongue)
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report, tongue))
    yield f"<ul>{told}</ul>" if told else ""


def _drawn(by: str, parts: Sequence[FunnelPart]) -> Sequence[FunnelPart]:
    """The largest; of cohorts the latest, before which leads of no known day stand back."""
    if by != "cohort" or len(parts) <= MOST_DRAWN:
        return parts[:MOST_DRAWN]
    return [part for part in parts if part.name is not None][-MOST_DRAWN:]


def charts(report: FunnelReport, funnel: Funnel, tongue: Tongue) -> Iterator[Chart]:
    """What became of those who stood on each stage, and the share that moves on."""
    stages = funnel.stages
    series = (
        ChartSeries(tongue.say("Moved on"), [stage.moved_on for stage in stages], Colour.GOOD),
        ChartSeries(tongue.say("Open"), [stage.open for stage in stages], Colour.NEW),
        ChartSeries(tongue.say("Ended otherwise"), [sum(stage.ended.values()) for stage in stages], Colour.OLD),
    )
    labels = [tongue.own(report.labels[stage.stage]) for stage in stages]
    title = tongue.say("What became of those who stood on each stage")
    yield bars(title, labels, series, stacked=True, tongue=tongue)
    shares = [
        Row(tongue.own(report.labels[stage.stage]), stage.within.value, stage.within.low, stage.within.high)
        for stage in stages[:-1]
        if stage.within is not None
    ]
    if shares:
        days = report.request.within_days
        title = tongue.say("Who moves on within {days} days, with 95 % intervals", days=days)
        yield _shares(title, shares, tongue)


def _shares(title: str, rows: Sequence[Row], tongue: Tongue, base: float | None = None) -> Chart:
    return intervals(title, rows, base=base, form="percent", low=0, high=1, told=lambda share: percent(share, tongue))


def _table(report: FunnelReport, funnel: Funnel, tongue: Tongue) -> str:
    say = tongue.say
    head = (
        say("Stage"),
        say("Reached"),
        say("Stood"),
        say("Moved on"),
        say("Ended otherwise"),
        say("Open"),
        say("On within {days} days", days=report.request.within_days),
        say("Median days"),
    )
    return table(head, (_row(report, funnel, place, tongue) for place in range(len(funnel.stages))), tongue)


def _row(report: FunnelReport, funnel: Funnel, place: int, tongue: Tongue) -> tuple[object, ...]:
    stage = funnel.stages[place]
    last = place == len(funnel.stages) - 1
    share = "" if last else share_words(stage.within, few=stage.few, tongue=tongue)
    counts = (stage.reached, stage.stood, stage.moved_on, ended_words(stage, tongue) or "0", stage.open)
    days = days_words(stage.median_days, few=stage.few, tongue=tongue)
    return (tongue.own(report.labels[stage.stage]), *counts, share, days)


def _compared(
    report: FunnelReport, by: str, parts: Sequence[FunnelPart], drawn: Sequence[FunnelPart], tongue: Tongue
) -> Iterator[str]:
    """How the parts come to the last stage, beside everybody."""
    say, days = tongue.say, report.request.within_days
    top = tongue.own(report.labels[report.whole.stages[-1].stage])
    told = [
        Row(part_words(part.label, tongue), found.value, found.low, found.high)
        for part in drawn
        if (found := part.funnel.overall) is not None
    ]
    if told and report.whole.overall is not None:
        title = say("Who comes to {top} within {days} days; the dashed line is everybody", top=top, days=days)
        yield figure(_shares(title, told, tongue, report.whole.overall.value))
    head = (
        by_words(by, tongue),
        say("Began below {top}", top=top),
        say("Came there"),
        say("Within {days} days", days=days),
    )
    rows = (
        (
            part_words(part.label, tongue),
            part.funnel.entered,
            part.funnel.arrived,
            share_words(part.funnel.overall, few=part.funnel.few, tongue=tongue),
        )
        for part in parts
    )
    yield table(head, rows, tongue)
