"""The sales report as one HTML file to pass round: charts, and each of them told in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.operations.report.sales import SalesReport
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import ChartSeries, Row, against_target, bars, intervals
from crmsync.showing.foreign_text import for_html
from crmsync.showing.report.estimates import percent
from crmsync.showing.report.sales_words import (
    BY,
    capacity,
    group_words,
    heading,
    notes,
    owner_words,
    parted,
    tables,
    turning,
    untouched_title,
)
from crmsync.showing.report_page import page, table
from crmsync.showing.rotations import rotation_words
from crmsync.tongue import Tongue

MOST_DRAWN = 30
"""Rows of a chart; the table beside it has all."""


def sales_page(reports: Sequence[SalesReport], tongue: Tongue) -> str:
    """The page for all connections."""
    return page(tongue.say("Sales report"), [part for one in reports for part in _parts(one, tongue)], tongue)


def _parts(report: SalesReport, tongue: Tongue) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report, tongue)}')}</h2>"
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report, tongue))
    yield f"<ul>{told}</ul>" if told else ""
    drawn = _charts(report, tongue)
    for title, head, rows in tables(report, tongue):
        yield f"<h2>{for_html(title)}</h2>"
        yield "".join(next(drawn))
        yield table(head, rows, tongue) if rows else f"<p>{for_html(tongue.say('None.'))}</p>"


def _charts(report: SalesReport, tongue: Tongue) -> Iterator[Sequence[str]]:
    """The charts of each table, in the order of the tables."""
    if not report.whole.handed:
        yield []
    for by in parted(report):
        yield [*_hand_offs(report, by, tongue)]
    yield [*_load(report, tongue)]
    say = tongue.say
    for pool in turning(report):
        told = [(report.load.name(each.person), each.turns, round(each.share, 2)) for each in pool.people]
        title = say("Turns against the fair share: {pool}", pool=rotation_words(pool.pool, tongue))
        yield [figure(against_target(title, told, (say("Turns"), say("Fair share")), tongue=tongue))]
    yield [*_untouched(report, tongue)]
    yield []


def _hand_offs(report: SalesReport, by: str, tongue: Tongue) -> Iterator[str]:
    say, groups = tongue.say, report.groups[by][:MOST_DRAWN]
    labels = [group_words(report, by, it.name, tongue) for it in groups]
    if not groups:
        return
    others = [it.handed - it.waiting - it.accepted.part - it.returned.part for it in groups]
    series = (
        ChartSeries(say("Accepted"), [it.accepted.part for it in groups], Colour.GOOD),
        ChartSeries(say("Returned"), [it.returned.part for it in groups], Colour.BAD),
        ChartSeries(say("Waiting"), [it.waiting for it in groups], Colour.OCHRE),
        ChartSeries(say("Neither"), others, Colour.OLD),
    )
    title = say("{what}: what became of hand-offs", what=say(BY[by]))
    yield figure(bars(title, labels, series, stacked=True, tongue=tongue))
    shares = [
        Row(label, found.value, found.low, found.high)
        for label, it in zip(labels, groups, strict=True)
        if (found := it.in_time.estimate)
    ]
    if shares:
        title = say("{what}: touched in time, with 95 % intervals", what=say(BY[by]))
        told = intervals(title, shares, form="percent", low=0, high=1, told=lambda share: percent(share, tongue))
        yield figure(told)


def _load(report: SalesReport, tongue: Tongue) -> Iterator[str]:
    limited = [(each, most) for each in report.load.people if (most := capacity(each)) is not None]
    if limited:
        rows = [(report.load.name(each.key), each.open_leads, most) for each, most in limited[:MOST_DRAWN]]
        words = tongue.say("Open leads"), tongue.say("At most")
        yield figure(against_target(tongue.say("Open leads against capacity"), rows, words, tongue=tongue))


def _untouched(report: SalesReport, tongue: Tongue) -> Iterator[str]:
    some = report.untouched[:MOST_DRAWN]
    if some:
        series = (
            ChartSeries(tongue.say("Without contact"), [it.untouched for it in some], Colour.BAD),
            ChartSeries(tongue.say("In contact since"), [it.open - it.untouched for it in some], Colour.GOOD),
        )
        labels = [owner_words(report, it.owner, tongue) for it in some]
        yield figure(bars(untouched_title(report, tongue), labels, series, stacked=True, tongue=tongue))
