"""A plan as people read it: what moves in a few lines, then the leads, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.console import Console, ConsoleOptions, OverflowMethod, RenderResult
from rich.table import Table

from crmsync.model import Change, HandOffMove, Plan
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.foreign_text import MOST_OF_REASONS, markup
from crmsync.showing.record_link import linked
from crmsync.showing.run.guard_words import guard_lines
from crmsync.showing.run.plan_columns import ARROW, COLUMNS, FIELDS, OUTCOME, Column, person
from crmsync.showing.run.turns import turn_lines

WIDE = 140
"""Columns of a terminal from which on name, stage and owner have columns of their own."""
NATIVE_ID, NARROW = 18, 22
"""Columns that a Salesforce id needs, and that a lead or its moves may take on a narrow terminal."""
HAND_OFFS: Mapping[HandOffMove, str] = {
    "handed": "handed off",
    "returned": "back to who handed it off",
    "passed_on": "returned and passed on",
    "reassigned": "passed on, no contact in time or receiver gone",
    "reminded": "owner reminded",
}
"""Move of a hand-off → what it is called above the leads."""


def plan_parts(report: ConnectionReport, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many leads to list (0 = all)."""
    plan = report.plan
    yield ""
    yield f"[bold]{markup(plan.connection)}[/bold] · as of {plan.as_of} · {_purpose(report)}"
    yield from guard_lines(plan)
    yield _counts(plan)
    yield from (f"  {markup(note, most=MOST_OF_REASONS)}" for note in plan.notes)
    if plan.changes:
        yield _moves(report)
        yield from _hand_offs(plan)
        yield from turn_lines(report)
        yield Leads(report, chosen(plan.changes, show))
        hidden = len(plan.changes) - (min(show, len(plan.changes)) if show else len(plan.changes))
        if hidden:
            yield f"  … and {hidden:,} more leads. All of them: --show 0, or --format json."
    else:
        yield "  Nothing to change."
    yield from _set_aside(plan)


def chosen(changes: Sequence[Change], show: int) -> list[Change]:
    """Some changes of every kind of move, in turn, so that a short list still shows what is in the plan."""
    if not show or len(changes) <= show:
        return list(changes)
    kinds: dict[tuple[str | None, str | None, bool], list[Change]] = {}
    for change in changes:
        kinds.setdefault((change.stage_before, change.stage_after, change.owner_changes), []).append(change)
    in_turn = [change for row in zip_longest(*kinds.values()) for change in row if change is not None]
    return sorted(in_turn[:show], key=lambda change: change.lead)


def _purpose(report: ConnectionReport) -> str:
    if report.dry_run:
        return "[cyan]plan only, nothing is written[/cyan]"
    if any(guard.name == "declined" for guard in report.plan.guards):
        return "[red]not agreed to, nothing was written[/red]"
    if any(guard.breached for guard in report.plan.guards):
        return "[red]stopped by a guard, nothing was written[/red]"
    in_doubt = len(report.plan.in_doubt)
    left = sum(outcome == "not_reached" for outcome in report.plan.outcomes.values()) - in_doubt
    if left or in_doubt:
        told = ((left, "were not reached"), (in_doubt, "may have been written and could not be read back"))
        parts = [f"{count:,} of {len(report.plan.changes):,} changes {what}" for count, what in told if count]
        return f"[red]carried out in part: {', '.join(parts)}[/red]"
    return "[green]carried out[/green]"


def _counts(plan: Plan) -> str:
    counts = plan.counts
    parts = [
        f"{counts['read']:,} records read",
        f"{counts['decided']:,} leads decided",
        f"[bold]{counts['changes']:,} to change[/bold]" if not plan.outcomes else _changes(counts["changes"]),
        f"{counts['set_aside']:,} set aside",
        f"{counts['calls']:,} calls",
    ]
    return "  " + " · ".join(parts)


def _moves(report: ConnectionReport) -> Table:
    changes = report.plan.changes
    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    table.add_column("Stage moves", style="bold")
    table.add_column("Leads", justify="right")
    table.add_column("Owner moves", style="bold")
    table.add_column("Leads", justify="right")
    stages = Counter(f"{c.stage_before or '(empty)'} {ARROW} {c.stage_after}" for c in changes if c.stage_changes)
    owners = Counter(f"{ARROW} {person(c.owner_after, report)}" for c in changes if c.owner_changes)
    for stage, owner in zip_longest(stages.most_common(), owners.most_common(), fillvalue=("", "")):
        table.add_row(markup(stage[0]), str(stage[1]), markup(owner[0]), str(owner[1]))
    return table


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count:,} changes"


def _hand_offs(plan: Plan) -> Iterator[str]:
    """What becomes of hand-offs, where the policy watches them."""
    counts = Counter(change.hand_off.move for change in plan.changes if change.hand_off)
    told = [f"{words} {counts[move]:,}" for move, words in HAND_OFFS.items() if counts[move]]
    if told:
        yield f"  [bold]Hand-offs:[/bold] {', '.join(told)}"


@dataclass(frozen=True, slots=True)
class Leads:
    """The leads with their moves and reasons; on a narrow terminal name, stage and owner stand below each other."""

    report: ConnectionReport
    changes: Sequence[Change]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _leads(self.report, self.changes, narrow=options.max_width < WIDE)


def _leads(report: ConnectionReport, changes: Sequence[Change], *, narrow: bool) -> Table:
    fields = [FIELDS] if any(change.fields for change in report.plan.changes) else []
    columns = (*COLUMNS[:-1], *fields, COLUMNS[-1], *([OUTCOME] if report.plan.outcomes else []))
    headings: dict[str, list[Column]] = {}
    for column in columns:
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


def _set_aside(plan: Plan) -> Iterator[str]:
    if plan.set_aside:
        yield "  [yellow]Set aside:[/yellow]"
    for reason, count in Counter(item.reason for item in plan.set_aside).most_common(10):
        leads = [item.lead for item in plan.set_aside if item.reason == reason]
        shown = ", ".join(linked(markup(lead), plan.urls.get(lead)) for lead in leads[:3])
        yield f"    {count:,} × {markup(reason)} ({shown}{' …' if len(leads) > 3 else ''})"
