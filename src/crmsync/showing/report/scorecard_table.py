"""Scorecards as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crmsync.figures.attribution import Way
from crmsync.operations.report.scorecard import Scorecard, ScorecardReport
from crmsync.showing.foreign_text import markup
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
from crmsync.tongue import Tongue

if TYPE_CHECKING:
    from rich.table import Table


def scorecard_parts(report: ScorecardReport, way: Way, show: int, tongue: Tongue) -> Iterator[Any]:
    """Renderables for one connection. `way`: of the shares; `show`: how many lines to list (0 = all)."""
    say = tongue.say
    yield f"\n[bold]{markup(report.connection)}[/bold], {markup(heading(report, tongue))}"
    for card in report.cards:
        top = tongue.own(report.labels[report.stages[-1]])
        yield f"\n[bold]{markup(say('{by}: who came to {stage}', by=by_words(card.by, tongue), stage=top))}[/bold]"
        yield _credits(card, report, show, tongue)
        told = say("{way}: {told}", way=say(NAMES[way]), told=say(TOLD[way]))
        yield f"\n{markup(told)}"
        yield _yields(card, report, way, show, tongue)
        hidden = len(card.ways[way]) - show if show else 0
        if hidden > 0:
            yield f"  {markup(say('… and {number} more; all of them: --show 0', number=tongue.number(hidden)))}"
        for line in card.ways[way][:show] if show else card.ways[way]:
            if line.reasons:
                words = f"{name_words(line.name, card.by, tongue)}: {reasons_words(line, tongue)}"
                yield f"  {markup(say('sent back by sales, {words}', words=words))}"
    yield from (f"  {markup(note)}" for note in notes(report, tongue))


def _credits(card: Scorecard, report: ScorecardReport, show: int, tongue: Tongue) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), show_edge=False)
    table.add_column(markup(by_words(card.by, tongue)), overflow="fold", min_width=12)
    for way in card.ways:
        table.add_column(tongue.say(NAMES[way]), justify="right")
    top = report.stages[-1]
    told = {way: {line.name: line.stages[top] for line in lines} for way, lines in card.ways.items()}
    lines = card.ways["first"]
    for line in lines[:show] if show else lines:
        counts = (credit_words(told[way].get(line.name, 0.0), tongue) for way in card.ways)
        table.add_row(markup(name_words(line.name, card.by, tongue)), *counts)
    return table


def _yields(card: Scorecard, report: ScorecardReport, way: Way, show: int, tongue: Tongue) -> Table:
    from rich.table import Table

    say = tongue.say
    table = Table(box=None, padding=(0, 1), show_edge=False)
    table.add_column(markup(by_words(card.by, tongue)), overflow="fold", min_width=12)
    first, top = report.stages[0], report.stages[-1]
    within = say("{stage} within {days} days", stage=tongue.own(report.labels[top]), days=report.request.within_days)
    for name in (tongue.own(report.labels[first]), within, say("Handed off"), say("Sent back")):
        table.add_column(markup(name), justify="right")
    lines = card.ways[way]
    for line in lines[:show] if show else lines:
        share = whole_way(line)
        table.add_row(
            markup(name_words(line.name, card.by, tongue)),
            credit_words(line.stages[first], tongue),
            share_told(share.share, tongue) if share else "",
            credit_words(line.handed, tongue),
            share_told(line.returned, tongue),
        )
    return table
