"""A plan as people read it: what moves in a few lines, then the leads, with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.console import Console, ConsoleOptions, OverflowMethod, RenderResult
from rich.table import Table

from crmsync.model import Change, Plan
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.foreign_text import MOST_OF_REASONS, markup
from crmsync.showing.record_link import linked
from crmsync.showing.run.guard_words import guard_lines
from crmsync.showing.run.passed_over import passed_over_lines
from crmsync.showing.run.plan_columns import OUTCOME, Column
from crmsync.showing.run.plan_rows import columns_of
from crmsync.showing.run.plan_words import (
    chosen,
    counts,
    hand_offs,
    hand_overs,
    owner_moves,
    purpose,
    set_aside,
    stage_moves,
    undone_by,
)
from crmsync.showing.run.turns import turn_lines

WIDE = 140
"""Columns of a terminal from which on name, stage and owner have columns of their own."""
NATIVE_ID, NARROW = 18, 22
"""Columns that a Salesforce id needs, and that a lead or its moves may take on a narrow terminal."""


def plan_parts(report: ConnectionReport, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many leads to list (0 = all)."""
    plan = report.plan
    colour, words = purpose(report)
    yield ""
    yield f"[bold]{markup(plan.connection)}[/bold] · as of {plan.as_of} · [{colour}]{words}[/{colour}]"
    yield from guard_lines(plan)
    yield _counts(plan)
    yield from (f"  {markup(note, most=MOST_OF_REASONS)}" for note in plan.notes)
    if plan.changes:
        if any(change.stage_changes or change.owner_changes for change in plan.changes):
            yield _moves(report)
        yield from _hand_offs(plan)
        yield from turn_lines(report)
        yield from (f"  {markup(line, most=MOST_OF_REASONS)}" for line in passed_over_lines(report))
        yield Leads(report, chosen(plan.changes, show))
        hidden = len(plan.changes) - (min(show, len(plan.changes)) if show else len(plan.changes))
        if hidden:
            yield f"  … and {hidden:,} more leads. All of them: --show 0, or --format json."
    else:
        yield "  Nothing to change."
    yield from set_aside_lines(plan)
    if way_back := undone_by(plan):
        yield f"  [dim]{way_back}[/dim]"


def _counts(plan: Plan) -> str:
    read, decided, changes, *others = counts(plan)
    return "  " + " · ".join((read, decided, changes if plan.outcomes else f"[bold]{changes}[/bold]", *others))


def _moves(report: ConnectionReport) -> Table:
    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    table.add_column("Stage moves", style="bold")
    table.add_column("Leads", justify="right")
    table.add_column("Owner moves", style="bold")
    table.add_column("Leads", justify="right")
    moves = zip_longest(stage_moves(report.plan.changes), owner_moves(report), fillvalue=("", ""))
    for stage, owner in moves:
        table.add_row(markup(stage[0]), str(stage[1]), markup(owner[0]), str(owner[1]))
    return table


def _hand_offs(plan: Plan) -> Iterator[str]:
    for title, told in (("Owners by hand-over", hand_overs(plan)), ("Hand-offs", hand_offs(plan))):
        if told:
            yield f"  [bold]{title}:[/bold] {markup(told)}"


@dataclass(frozen=True, slots=True)
class Leads:
    """The leads with their moves and reasons; on a narrow terminal name, stage and owner stand below each other."""

    report: ConnectionReport
    changes: Sequence[Change]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _leads(self.report, self.changes, narrow=options.max_width < WIDE)


def _leads(report: ConnectionReport, changes: Sequence[Change], *, narrow: bool) -> Table:
    headings: dict[str, list[Column]] = {}
    for column in columns_of(report):
        headings.setdefault(column.below if narrow else column.title, []).append(column)
    table = Table(padding=(0, 1), show_edge=False)
    for name in headings:
        overflow: OverflowMethod = "ellipsis" if name == OUTCOME.title else "fold"
        whole = name == "Lead" and not narrow
        table.add_column(name, overflow=overflow, no_wrap=whole, ratio=4 if name == "Why" else None)
    if narrow:
        table.columns[0].min_width = NATIVE_ID
        table.columns[0].max_width = table.columns[1].max_width = NARROW
    for change in changes:
        cells = ([column.cell(change, report) for column in those] for those in headings.values())
        table.add_row(*("\n".join(filter(None, told)) for told in cells))
    return table


def set_aside_lines(plan: Plan) -> Iterator[str]:
    """Each reason with how many leads it concerns, and some of them."""
    if plan.set_aside:
        yield "  [yellow]Set aside:[/yellow]"
    for reason, leads in set_aside(plan):
        shown = ", ".join(linked(markup(lead), plan.urls.get(lead)) for lead in leads[:3])
        yield f"    {len(leads):,} × {markup(reason)} ({shown}{' …' if len(leads) > 3 else ''})"
