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
    called,
    credit_words,
    heading,
    listed,
    notes,
    others_words,
    reasons_words,
    share_told,
    whole_way,
)
from crmsync.showing.report_page import page, table
from crmsync.tongue import Tongue

MOST_DRAWN = 25
"""Lines of a chart; the table beside it has more."""


def scorecard_page(reports: Sequence[ScorecardReport], way: Way, show: int, tongue: Tongue) -> str:
    """The page for all connections. `way`: of the shares; `show`: how many lines of a table (0 = all)."""
    title = tongue.say("What campaigns and sources have brought")
    return page(title, [part for report in reports for part in _parts(report, way, show, tongue)], tongue)


def _parts(report: ScorecardReport, way: Way, show: int, tongue: Tongue) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report, tongue)}')}</h2>"
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report, tongue))
    yield f"<ul>{told}</ul>"
    for card in report.cards:
        named = by_words(card.by, tongue)
        yield f"<h2>{for_html(f'{report.connection}: {named}')}</h2>"
        yield from _credits(card, report, show, tongue)
        told = tongue.say("{way}: {told}", way=tongue.say(NAMES[way]), told=tongue.say(TOLD[way]))
        yield f"<h3>{for_html(told)}</h3>"
        yield from _yields(card, report, way, show, tongue)


def _credits(card: Scorecard, report: ScorecardReport, show: int, tongue: Tongue) -> Iterator[str]:
    top, firsts = report.stages[-1], card.ways["first"]
    shown, others = listed(firsts, show)
    words = called(shown, card.by, tongue)
    credits = {way: {line.name: line.stages[top] for line in lines} for way, lines in card.ways.items()}
    title = tongue.say("{stage}, by ways of giving credit", stage=tongue.own(report.labels[top]))
    drawn = [*words][:MOST_DRAWN]
    series = [
        ChartSeries(tongue.say(NAMES[way]), [round(of.get(name, 0.0), 2) for name in drawn])
        for way, of in credits.items()
    ]
    yield figure(bars(title, [words[name] for name in drawn], series, tongue=tongue))
    rows = [
        (told, *(credit_words(of.get(name, 0.0), tongue) for of in credits.values())) for name, told in words.items()
    ]
    if others is not None:
        left = (sum(credit for name, credit in of.items() if name not in words) for of in credits.values())
        rows.append((others_words(firsts, show, tongue), *(credit_words(credit, tongue) for credit in left)))
    yield table((by_words(card.by, tongue), *(tongue.say(NAMES[way]) for way in credits)), rows, tongue)


def _yields(card: Scorecard, report: ScorecardReport, way: Way, show: int, tongue: Tongue) -> Iterator[str]:
    say, lines = tongue.say, card.ways[way]
    shown, others = listed(lines, show)
    words = called(shown, card.by, tongue)
    first, top, days = report.stages[0], report.stages[-1], report.request.within_days
    shares = [
        Row(words[line.name], found.value, found.low, found.high)
        for line in shown[:MOST_DRAWN]
        if (way_up := whole_way(line)) and (found := way_up.share.estimate)
    ]
    if shares:
        stages = {"first": tongue.own(report.labels[first]), "last": tongue.own(report.labels[top]), "days": days}
        title = say("From {first} to {last} within {days} days, with 95 % intervals", **stages)
        yield figure(
            intervals(title, shares, form="percent", low=0, high=1, told=lambda share: percent(share, tongue))
        )
    steps = lines[0].yields if lines else ()
    head = (
        by_words(card.by, tongue),
        *(tongue.own(report.labels[stage]) for stage in report.stages),
        *(f"{tongue.own(report.labels[step.start])} → {tongue.own(report.labels[step.to])}" for step in steps),
        say("Handed off"),
        say("Sent back"),
        say("Reasons"),
    )
    rows = [_row(words[line.name], line, tongue) for line in shown]
    if others is not None:
        rows.append(_row(others_words(lines, show, tongue), others, tongue))
    yield table(head, rows, tongue)


def _row(told: str, line: ScoreLine, tongue: Tongue) -> tuple[object, ...]:
    return (
        told,
        *(credit_words(credit, tongue) for credit in line.stages.values()),
        *(share_told(step.share, tongue) for step in line.yields),
        credit_words(line.handed, tongue),
        share_told(line.returned, tongue),
        reasons_words(line, tongue),
    )
