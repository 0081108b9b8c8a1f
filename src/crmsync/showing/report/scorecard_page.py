"""Scorecards as one HTML file to pass round: charts, and each of them told in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.figures.attribution import Way
from crmsync.figures.scorecard import ScoreLine
from crmsync.operations.report.scorecard import Scorecard, ScorecardReport
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import ChartSeries, Row, bars, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report.estimates import percent
from crmsync.showing.report.scorecard_words import (
    NAMES,
    TOLD,
    by_words,
    credit_words,
    heading,
    name_words,
    notes,
    reasons_words,
    share_told,
    whole_way,
)
from crmsync.showing.report_page import page, table
from crmsync.tongue import Tongue

MOST_DRAWN = 25
"""Lines of a chart; the table beside it has all."""


def scorecard_page(reports: Sequence[ScorecardReport], way: Way, tongue: Tongue) -> str:
    """The page for all connections. `way`: of the shares."""
    title = tongue.say("What campaigns and sources have brought")
    return page(title, [part for report in reports for part in _parts(report, way, tongue)], tongue)


def _parts(report: ScorecardReport, way: Way, tongue: Tongue) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report, tongue)}')}</h2>"
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report, tongue))
    yield f"<ul>{told}</ul>"
    for card in report.cards:
        named = by_words(card.by, tongue)
        yield f"<h2>{for_html(f'{report.connection}: {named}')}</h2>"
        yield from _credits(card, report, tongue)
        told = tongue.say("{way}: {told}", way=tongue.say(NAMES[way]), told=tongue.say(TOLD[way]))
        yield f"<h3>{for_html(told)}</h3>"
        yield from _yields(card, report, way, tongue)


def _credits(card: Scorecard, report: ScorecardReport, tongue: Tongue) -> Iterator[str]:
    top = report.stages[-1]
    named = {way: {line.name: line.stages[top] for line in lines} for way, lines in card.ways.items()}
    names = [line.name for line in card.ways["first"]]
    title = tongue.say("{stage}, by ways of giving credit", stage=report.labels[top])
    drawn = names[:MOST_DRAWN]
    series = [
        ChartSeries(tongue.say(NAMES[way]), [round(credits.get(name, 0.0), 2) for name in drawn])
        for way, credits in named.items()
    ]
    yield figure(bars(title, [name_words(name, tongue) for name in drawn], series, tongue=tongue))
    rows = [
        (name_words(name, tongue), *(credit_words(credits.get(name, 0.0), tongue) for credits in named.values()))
        for name in names
    ]
    yield table((by_words(card.by, tongue), *(tongue.say(NAMES[way]) for way in named)), rows, tongue)


def _yields(card: Scorecard, report: ScorecardReport, way: Way, tongue: Tongue) -> Iterator[str]:
    say, lines = tongue.say, card.ways[way]
    first, top, days = report.stages[0], report.stages[-1], report.request.within_days
    shares = [
        Row(name_words(line.name, tongue), found.value, found.low, found.high)
        for line in lines[:MOST_DRAWN]
        if (way_up := whole_way(line)) and (found := way_up.share.estimate)
    ]
    if shares:
        stages = {"first": report.labels[first], "last": report.labels[top], "days": days}
        title = say("From {first} to {last} within {days} days, with 95 % intervals", **stages)
        yield figure(
            intervals(title, shares, form="percent", low=0, high=1, told=lambda share: percent(share, tongue))
        )
    steps = lines[0].yields if lines else ()
    head = (
        by_words(card.by, tongue),
        *(report.labels[stage] for stage in report.stages),
        *(f"{report.labels[step.start]} → {report.labels[step.to]}" for step in steps),
        say("Handed off"),
        say("Sent back"),
        say("Reasons"),
    )
    yield table(head, (_row(line, tongue) for line in lines), tongue)


def _row(line: ScoreLine, tongue: Tongue) -> tuple[object, ...]:
    return (
        name_words(line.name, tongue),
        *(credit_words(credit, tongue) for credit in line.stages.values()),
        *(share_told(step.share, tongue) for step in line.yields),
        credit_words(line.handed, tongue),
        share_told(line.returned, tongue),
        reasons_words(line, tongue),
    )
