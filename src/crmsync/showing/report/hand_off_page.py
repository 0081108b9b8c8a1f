"""Hand-offs as one HTML file to pass round, and as rows for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.operations.report.hand_offs import HandOffLine, HandOffReport
from crmsync.showing.charts.chart import Colour
from crmsync.showing.charts.figure import figure
from crmsync.showing.charts.rows import ChartSeries, bars
from crmsync.showing.explain.owner_parts import STATES
from crmsync.showing.foreign_text import for_html, prose_html
from crmsync.showing.instants import instant
from crmsync.showing.report.hand_off_table import UNWATCHED
from crmsync.showing.report_page import Link, page, table
from crmsync.showing.spreadsheet import Cell
from crmsync.tongue import Tongue

MOST_LEADS = 200
HEAD = (
    "connection",
    "lead",
    "hand_over",
    "attempt",
    "state",
    "bdr",
    "receiver",
    "pool",
    "handed_at",
    "due_at",
    "touched_at",
    "accepted_at",
    "returned_at",
    "reason",
    "ended_at",
    "ended_by",
    "waited_hours",
    "late",
)
"""Of the rows that `rows` gives: the keys of the JSON answer."""


def rows(report: HandOffReport) -> Iterator[tuple[Cell, ...]]:
    """One row for each hand-off. People by their names in the CRM."""
    for line in report.lines:
        told = line.to_json()
        told |= {"bdr": line.name(told["bdr"]) or None, "receiver": line.name(told["receiver"])}
        told["late"] = None if told["late"] is None else str(told["late"]).lower()
        yield (report.connection, *(told.get(name) for name in HEAD[1:]))


def hand_off_page(reports: Sequence[HandOffReport], tongue: Tongue) -> str:
    """The page for all connections."""
    return page(tongue.say("Hand-offs"), [part for one in reports for part in _parts(one, tongue)], tongue)


def _parts(report: HandOffReport, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    heading = say("hand-offs of the last {days} days", days=tongue.number(report.days))
    yield f"<h2>{for_html(f'{report.connection}, {heading}')}</h2>"
    if not report.watched:
        yield f"<p>{for_html(say(UNWATCHED))}</p>"
    if not report.receivers:
        yield f"<p>{for_html(say('None.'))}</p>"
        return
    yield from _receivers(report, tongue)
    yield f"<h3>{for_html(say('One by one'))}</h3>"
    head = (
        say("Lead"),
        say("Name"),
        say("Handed off by"),
        say("Receiver"),
        say("Handed off"),
        say("State"),
        say("Reason"),
    )
    yield table(head, (_row(line, tongue) for line in report.lines[:MOST_LEADS]), tongue)
    hidden = len(report.lines) - MOST_LEADS
    if hidden > 0:
        words = say("… and {number} more; all of them: --format csv", number=tongue.number(hidden))
        yield f'<p class="note">{prose_html(words)}</p>'


def _receivers(report: HandOffReport, tongue: Tongue) -> Iterator[str]:
    say = tongue.say
    names = [report.names.get(each.receiver, each.receiver) for each in report.receivers]
    if any(each.hand_over for each in report.receivers):
        names = [f"{name} · {report.called(it.hand_over)}" for name, it in zip(names, report.receivers, strict=True)]
    series = (
        ChartSeries(say("In time"), [each.in_time for each in report.receivers], Colour.GOOD),
        ChartSeries(say("Late"), [each.late for each in report.receivers], Colour.BAD),
        ChartSeries(say("Returned"), [each.returned for each in report.receivers], Colour.OLD),
    )
    yield figure(bars(say("Hand-offs of each receiver"), names, series, tongue=tongue))
    head = (
        say("Receiver"),
        say("Handed"),
        say("Waiting"),
        say("In time"),
        say("Late"),
        say("Returned"),
        say("Median hours"),
    )
    hours = ["–" if it.median_hours is None else tongue.figures(it.median_hours) for it in report.receivers]
    lines = [
        (name, it.handed, it.waiting, it.in_time, it.late, it.returned, median)
        for name, it, median in zip(names, report.receivers, hours, strict=True)
    ]
    yield table(head, lines, tongue)


def _row(line: HandOffLine, tongue: Tongue) -> tuple[object, ...]:
    it = line.hand_off
    state = tongue.say(STATES[line.state])
    late = tongue.say("{state} (late)", state=state) if line.late else state
    return (
        Link(it.lead, line.url),
        line.lead_name,
        line.name(it.bdr) or tongue.say("(nobody)"),
        line.name(it.receiver),
        instant(it.handed_at, tongue=tongue),
        late,
        it.reason or "",
    )
