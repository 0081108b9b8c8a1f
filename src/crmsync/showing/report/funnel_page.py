"""Funnels as one HTML file to pass round: figures, and each of them told in numbers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.figures.funnel import Funnel
from crmsync.operations.report.funnel import FunnelPart, FunnelReport
from crmsync.showing.figures import intervals, page, table
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


def funnel_page(reports: Sequence[FunnelReport]) -> str:
    """The page for all connections."""
    return page("Funnel", [part for report in reports for part in _parts(report)])


def _parts(report: FunnelReport) -> Iterator[str]:
    yield f"<h2>{for_html(f'{report.connection}, {heading(report)}')}</h2>"
    yield from _funnel(report, report.whole)
    for by, parts in report.parts.items():
        yield f"<h2>{for_html(f'{report.connection} by {by}')}</h2>"
        yield from _compared(report, parts)
        for part in parts:
            yield f"<h3>{for_html(f'{by}: {part.label or NOT_KNOWN}')}</h3>"
            yield from _funnel(report, part.funnel)
    told = "".join(f"<li>{for_html(note)}</li>" for note in notes(report))
    yield f"<ul>{told}</ul>" if told else ""


def _funnel(report: FunnelReport, funnel: Funnel) -> Iterator[str]:
    yield f"<p>{for_html(summary(report, funnel))}.</p>"
    shares = [
        (report.labels[stage.stage], stage.within.value, stage.within.low, stage.within.high)
        for stage in funnel.stages[:-1]
        if stage.within is not None
    ]
    days = report.request.within_days
    if shares:
        yield f'<p class="note">Who moves on within {days} days, with 95 % intervals.</p>'
        yield intervals(shares, 0.5, low=0, high=1, told=_percent)
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
    yield table(head, (_row(report, funnel, place) for place in range(len(funnel.stages))))


def _row(report: FunnelReport, funnel: Funnel, place: int) -> tuple[object, ...]:
    stage = funnel.stages[place]
    share = "" if place == len(funnel.stages) - 1 else share_words(stage.within, few=stage.few)
    counts = (stage.reached, stage.stood, stage.moved_on, ended_words(stage) or "0", stage.open)
    return (report.labels[stage.stage], *counts, share, days_words(stage.median_days, few=stage.few))


def _compared(report: FunnelReport, parts: Sequence[FunnelPart]) -> Iterator[str]:
    """How the parts come to the last stage, beside everybody."""
    told = [
        (part.label or NOT_KNOWN, part.funnel.overall.value, part.funnel.overall.low, part.funnel.overall.high)
        for part in parts
        if part.funnel.overall is not None
    ]
    if told and report.whole.overall is not None:
        top, days = report.labels[report.whole.stages[-1].stage], report.request.within_days
        words = f"Who comes to {top} within {days} days; the dashed line is everybody."
        yield f'<p class="note">{for_html(words)}</p>'
        yield intervals(told, report.whole.overall.value, low=0, high=1, told=_percent)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
