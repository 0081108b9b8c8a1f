"""A plan as people read it: what moves in a few lines, then the leads, with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table

from crmsync.model import Change, HandOffMove, Plan
from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.showing.explain.owner_parts import turn_told
from crmsync.showing.foreign_text import MOST_OF_A_NAME, MOST_OF_REASONS, markup, one_line

ARROW = "→"
MOST_PASSED_OVER = 3
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
OUTCOME_STYLES = {
    "written": "green",
    "unchanged": "dim",
    "conflict": "yellow",
    "refused": "red",
    "did_not_stick": "red",
    "not_reached": "red",
}


def plan_parts(report: ConnectionReport, *, show: int) -> Iterator[Any]:
    """Renderables for one connection. `show`: how many leads to list (0 = all)."""
    plan = report.plan
    yield ""
    yield f"[bold]{markup(plan.connection)}[/bold] · as of {plan.as_of} · {_purpose(report)}"
    yield _counts(plan)
    yield from (f"  {markup(note, most=MOST_OF_REASONS)}" for note in plan.notes)
    if plan.changes:
        yield _moves(plan, report.user_names)
        yield from _hand_offs(plan)
        yield Leads(report, chosen(plan.changes, show))
        hidden = len(plan.changes) - (min(show, len(plan.changes)) if show else len(plan.changes))
        if hidden:
            yield f"  … and {hidden:,} more leads. All of them: --show 0, or --format json."
    else:
        yield "  Nothing to change."
    yield from _set_aside(plan)
    yield from _guards(plan)


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
    if any(guard.breached for guard in report.plan.guards):
        return "[red]stopped by a guard, nothing was written[/red]"
    left = sum(outcome == "not_reached" for outcome in report.plan.outcomes.values())
    if left:
        return f"[red]carried out in part: {left:,} of {len(report.plan.changes):,} changes were not reached[/red]"
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


def _moves(plan: Plan, names: Mapping[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2), show_edge=False, pad_edge=True)
    table.add_column("Stage moves", style="bold")
    table.add_column("Leads", justify="right")
    table.add_column("Owner moves", style="bold")
    table.add_column("Leads", justify="right")
    stages = Counter(
        f"{c.stage_before or '(empty)'} {ARROW} {c.stage_after}" for c in plan.changes if c.stage_changes
    )
    owners = Counter(f"{ARROW} {_person(c.owner_after, names)}" for c in plan.changes if c.owner_changes)
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
    table = Table(padding=(0, 1), show_edge=False)
    for name in ("Lead", "Change", "Why") if narrow else ("Lead", "Name", "Stage", "Owner", "Why"):
        table.add_column(
            name, overflow="fold", no_wrap=name == "Lead" and not narrow, ratio=4 if name == "Why" else None
        )
    if narrow:
        table.columns[0].min_width = NATIVE_ID
        table.columns[0].max_width = table.columns[1].max_width = NARROW
    outcomes = report.plan.outcomes
    if outcomes:
        table.add_column("Outcome")
    for change in changes:
        moves = [_stage(change), _owner(change, report.user_names)]
        lead = [markup(change.lead), markup(report.lead_names.get(change.lead, ""), most=MOST_OF_A_NAME)]
        cells = ["\n".join(lead).rstrip(), "\n".join(moves)] if narrow else [*lead, *moves]
        why = (*change.reasons, *_routed(change, report.user_names), *_beside(change))
        cells.append(markup("\n".join(why), most=MOST_OF_REASONS))
        if outcomes:
            outcome = outcomes[change.lead]
            said = report.plan.messages.get(change.lead)
            words = outcome.replace("_", " ") + (f": {said}" if said else "")
            cells.append(f"[{OUTCOME_STYLES.get(outcome, 'default')}]{markup(words)}[/]")
        table.add_row(*cells)
    return table


def _stage(change: Change) -> str:
    if not change.stage_changes:
        return f"[dim]{markup(change.stage_after or '(empty)')}[/dim]"
    return f"{markup(change.stage_before or '(empty)')} {ARROW} [bold]{markup(change.stage_after or '')}[/bold]"


def _owner(change: Change, names: Mapping[str, str]) -> str:
    if not change.owner_changes:
        return f"[dim]{markup(_person(change.owner_after, names))}[/dim]"
    before, after = (_person(owner, names) for owner in (change.owner_before, change.owner_after))
    return f"{markup(before)} {ARROW} [bold]{markup(after)}[/bold]"


def _routed(change: Change, names: Mapping[str, str]) -> Iterator[str]:
    """The counter, and who was passed over for another reason than that it was not their turn."""
    if change.routing is None:
        return
    told = turn_told(change.routing)
    passed = [(user, why) for user, why in change.routing.passed_over if not why.startswith("not their turn")]
    shown = ", ".join(f"{_person(user, names)} ({why})" for user, why in passed[:MOST_PASSED_OVER])
    if len(passed) > MOST_PASSED_OVER:
        shown += f", and {len(passed) - MOST_PASSED_OVER} more"
    words = [*([told] if told else []), *([f"passed over: {shown}"] if passed else [])]
    if words:
        yield "; ".join(words)


def _beside(change: Change) -> Iterator[str]:
    """What the receiver says of a lead that comes back, and what is made in the CRM beside the lead."""
    if change.hand_off and change.hand_off.reason:
        yield f"the receiver says: {change.hand_off.reason}"
    for record in change.creates:
        yield f"makes: {record.object} “{record.values[record.known_by[0]]}”"


def _person(owner: str | None, names: Mapping[str, str]) -> str:
    return "(nobody)" if owner is None else one_line(names.get(owner, owner), most=MOST_OF_A_NAME)


def _set_aside(plan: Plan) -> Iterator[str]:
    if plan.set_aside:
        yield "  [yellow]Set aside:[/yellow]"
    for reason, count in Counter(item.reason for item in plan.set_aside).most_common(10):
        leads = [item.lead for item in plan.set_aside if item.reason == reason]
        shown = ", ".join(leads[:3]) + (" …" if len(leads) > 3 else "")
        yield f"    {count:,} × {markup(reason)} ({markup(shown)})"


def _guards(plan: Plan) -> Iterator[str]:
    for guard in plan.guards:
        if guard.breached:
            yield f"  [red bold]Guard {guard.name}:[/red bold] {guard.value:g} is over the limit of {guard.limit:g}."
            yield f"    {ARROW} {markup(guard.way_on)}"
