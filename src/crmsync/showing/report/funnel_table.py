"""Funnels as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crmsync.figures.funnel import Funnel
from crmsync.operations.report.funnel import FunnelReport
from crmsync.showing.foreign_text import markup
from crmsync.showing.report.funnel_words import (
    NOT_KNOWN,
    days_words,
    ended_words,
    heading,
    notes,
    share_words,
    summary,
)

if TYPE_CHECKING:
    from rich.table import Table


def funnel_parts(report: FunnelReport) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report))}"
    yield f"  {markup(summary(report, report.whole))}"
    yield _stages(report, report.whole)
    for stage in report.whole.stages:
        if stage.ended:
            yield f"  {markup(report.labels[stage.stage])}: {ended_words(stage)}"
    for by, parts in report.parts.items():
        for part in parts:
            yield f"\n[bold]{markup(by)}: {markup(part.label or NOT_KNOWN)}[/bold]"
            yield f"  {markup(summary(report, part.funnel))}"
            yield _stages(report, part.funnel)
    yield from (f"  {markup(note)}" for note in notes(report))


def _stages(report: FunnelReport, funnel: Funnel) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), show_edge=False)
    table.add_column("Stage", overflow="fold", min_width=10)
    for name in ("Reached", "Stood", "On", "Ended", "Open"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(f"On within {report.request.within_days} days", justify="right")
    table.add_column("Median days", justify="right")
    for stage in funnel.stages:
        counts = (stage.reached, stage.stood, stage.moved_on, sum(stage.ended.values()), stage.open)
        last = stage is funnel.stages[-1]
        share = "" if last else share_words(stage.within, few=stage.few)
        days = days_words(stage.median_days, few=stage.few)
        table.add_row(markup(report.labels[stage.stage]), *(f"{count:,}" for count in counts), share, days)
    return table
