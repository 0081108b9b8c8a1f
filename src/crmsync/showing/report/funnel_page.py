"""Funnels as one HTML file to pass round: figures, and each of them told in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.figures.funnel import Funnel
from crmsync.operations.report.funnel import FunnelPart, FunnelReport
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import Row, Series, bars, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report.funnel_words import (
    NOT_KNOWN,
    days_words,
    ended_words,
    heading,
    notes,
    share_words,
    summary,
)
from crmsync.showing.report_page import page, table


def funnel_page(reports: Sequence[FunnelReport]) -> str:
    """The page for all connections."""
    return page("Funnel", [part for report in reports for part in _parts(report)])


def _parts(report: FunnelReport) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report)}')}</h2>"
    yield f"<p>{for_html(summary(report, report.whole))}.</p>"
    yield from _charts(report, report.whole)
    yield _table(report, report.whole)
    for by, parts in report.parts.items():
        yield f"<h2>{for_html(f'{report.connection} by {by}')}</h2>"
        yield from _compared(report, by, parts)
        for part in parts:
            yield f"<h3>{for_html(f'{by}: {part.label or NOT_KNOWN}')}</h3>"
            yield f"<p>{for_html(summary(report, part.funnel))}.</p>"
            yield _table(report, part.funnel)
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report))
    yield f"<ul>{told}</ul>" if told else ""


def _charts(report: FunnelReport, funnel: Funnel) -> Iterator[str]:
    yield _standing(report, funnel)
    shares = [
        Row(report.labels[stage.stage], stage.within.value, stage.within.low, stage.within.high)
        for stage in funnel.stages[:-1]
        if stage.within is not None
    ]
    days = report.request.within_days
    if shares:
        title = f"Who moves on within {days} days, with 95 % intervals"
        yield figure(intervals(title, shares, form="percent", low=0, high=1, told=_percent))


def _table(report: FunnelReport, funnel: Funnel) -> str:
    days = report.request.within_days
    head = (
        "Stage",
        "Reached",
        "Stood",
        "Moved on",
        "Ended otherwise",
        "Open",
        f"On within {days} days",
        "Median days",
    )
    return table(head, (_row(report, funnel, place) for place in range(len(funnel.stages))))


def _standing(report: FunnelReport, funnel: Funnel) -> str:
    """What became of everybody who stood on a stage."""
    stages = funnel.stages
    series = (
        Series("Moved on", [stage.moved_on for stage in stages], Colour.GOOD),
        Series("Open", [stage.open for stage in stages], Colour.NEW),
        Series("Ended otherwise", [sum(stage.ended.values()) for stage in stages], Colour.OLD),
    )
    labels = [report.labels[stage.stage] for stage in stages]
    return figure(bars("What became of those who stood on each stage", labels, series, stacked=True))


def _row(report: FunnelReport, funnel: Funnel, place: int) -> tuple[object, ...]:
    stage = funnel.stages[place]
    share = "" if place == len(funnel.stages) - 1 else share_words(stage.within, few=stage.few)
    counts = (stage.reached, stage.stood, stage.moved_on, ended_words(stage) or "0", stage.open)
    return (report.labels[stage.stage], *counts, share, days_words(stage.median_days, few=stage.few))


def _compared(report: FunnelReport, by: str, parts: Sequence[FunnelPart]) -> Iterator[str]:
    """How the parts come to the last stage, beside everybody."""
    top, days = report.labels[report.whole.stages[-1].stage], report.request.within_days
    told = [
        Row(part.label or NOT_KNOWN, part.funnel.overall.value, part.funnel.overall.low, part.funnel.overall.high)
        for part in parts
        if part.funnel.overall is not None
    ]
    if told and report.whole.overall is not None:
        title = f"Who comes to {top} within {days} days; the dashed line is everybody"
        everybody = report.whole.overall.value
        yield figure(intervals(title, told, base=everybody, form="percent", low=0, high=1, told=_percent))
    yield table(
        (by, f"Began below {top}", "Came there", f"Within {days} days"),
        (
            (
                part.label or NOT_KNOWN,
                part.funnel.entered,
                part.funnel.arrived,
                share_words(part.funnel.overall, few=part.funnel.few),
            )
            for part in parts
        ),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
