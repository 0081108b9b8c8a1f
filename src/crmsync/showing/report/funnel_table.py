"""Funnels as tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crmsync.figures.funnel import Funnel
from crmsync.operations.report.funnel import FunnelReport
from crmsync.showing.foreign_text import markup
from crmsync.showing.report.estimates import days_words, share_words
from crmsync.showing.report.funnel_words import by_words, ended_words, heading, notes, part_words, summary
from crmsync.tongue import Tongue

if TYPE_CHECKING:
    from rich.table import Table


def funnel_parts(report: FunnelReport, tongue: Tongue) -> Iterator[Any]:
    """Renderables for one connection."""
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    yield f"  {markup(summary(report, report.whole, tongue))}"
    yield _stages(report, report.whole, tongue)
    for stage in report.whole.stages:
        if stage.ended:
            yield f"  {markup(tongue.own(report.labels[stage.stage]))}: {markup(ended_words(stage, tongue))}"
    for by, parts in report.parts.items():
        for part in parts:
            yield f"\n[bold]{markup(by_words(by, tongue))}: {markup(part_words(part.label, tongue))}[/bold]"
            yield f"  {markup(summary(report, part.funnel, tongue))}"
            yield _stages(report, part.funnel, tongue)
    yield from (f"  {markup(note)}" for note in notes(report, tongue))


def _stages(report: FunnelReport, funnel: Funnel, tongue: Tongue) -> Table:
    from rich.table import Table

    say = tongue.say
    table = Table(box=None, padding=(0, 1), show_edge=False)
    table.add_column(say("Stage"), overflow="fold", min_width=10)
    for name in (say("Reached"), say("Stood"), say("On"), say("Ended"), say("Open")):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(say("On within {days} days", days=report.request.within_days), justify="right")
    table.add_column(say("Median days"), justify="right")
    for stage in funnel.stages:
        counts = (stage.reached, stage.stood, stage.moved_on, sum(stage.ended.values()), stage.open)
        last = stage is funnel.stages[-1]
        share = "" if last else share_words(stage.within, few=stage.few, tongue=tongue)
        days = days_words(stage.median_days, few=stage.few, tongue=tongue)
        table.add_row(
            markup(tongue.own(report.labels[stage.stage])), *(tongue.number(count) for count in counts), share, days
        )
    return table
