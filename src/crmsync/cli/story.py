"""One lead's story as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from crmsync.operations.explain import LeadStory
from crmsync.qualify.explanation import Condition, Evidence, Step

MARKS = {"met": "[green]✓[/green]", "not_met": "[red]✗[/red]", "unknown": "[yellow]?[/yellow]"}


def story_parts(story: LeadStory) -> Iterator[Any]:
    """Renderables for one lead."""
    told = story.explanation
    yield ""
    yield f"[bold]{escape(told.lead)}[/bold]  {escape(story.name)}"
    yield _head(story)
    ladder = Tree("[bold]Ladder[/bold] (✓ met, ✗ not met, ? not known)", guide_style="dim")
    tree = _ConditionTree(ladder, told.criteria)
    for step in told.ladder:
        tree.add_step(step)
    if told.disqualification:
        # What might disqualify a lead is a long list; it matters once it does.
        tree.add_step(told.disqualification, whole=told.disqualification.verdict == "met")
    yield ladder
    if told.points:
        yield _points(story)
    if told.questions:
        yield "[bold]To ask[/bold]"
        yield from (f"  {escape(question.ask)}" for question in told.questions)
    if told.ways:
        yield f"[bold]Cheapest ways to {escape(told.ways[0].stage)}[/bold]"
        yield from (f"  {number}. {escape('; '.join(way.steps))}" for number, way in enumerate(told.ways, start=1))
    if story.history:
        yield "[bold]History[/bold]"
        for move in story.history:
            who = "crmsync" if move.cause == "crmsync" else "in the CRM"
            yield f"  {move.day}  {move.stage_before or '(empty)'} → {move.stage_after or '(empty)'}, {who}"


def _head(story: LeadStory) -> Table:
    told = story.explanation
    table = Table(box=None, show_header=False, padding=(0, 2), pad_edge=True)
    if story.managed:
        table.add_row("Stage", f"[bold]{escape(told.stage or '')}[/bold]: {escape(told.why)}")
        table.add_row("In the CRM", escape(told.crm_stage or "(empty)"))
    else:
        table.add_row("Stage", f"not managed by crmsync, left alone: {escape(story.stage_native or '')}")
    table.add_row("By evidence", escape(told.earned_stage))
    table.add_row("Owner", escape(story.owner_name or story.owner or "(nobody)"))
    if told.next_action:
        table.add_row("Next action", escape(told.next_action))
    looks = (
        f"{told.review_day}: time alone could change the answer then" if told.review_day else "when something changes"
    )
    table.add_row("Looked at again", looks)
    table.add_row("Decided", f"as of {told.as_of} by policy {escape(told.policy)}")
    return table


class _ConditionTree:
    """Steps with their conditions; a named criterion is taken apart where it comes first."""

    def __init__(self, tree: Tree, criteria: Mapping[str, Condition]) -> None:
        self._tree = tree
        self._criteria = criteria
        self._shown: set[str] = set()

    def add_step(self, step: Step, *, whole: bool = True) -> None:
        branch = self._tree.add(f"{MARKS[step.verdict]} [bold]{escape(step.stage)}[/bold]  {escape(step.label)}")
        if step.condition and whole:
            self._add(branch, step.condition)

    def _add(self, tree: Tree, condition: Condition) -> None:
        branch = tree.add(f"{MARKS[condition.verdict]} {escape(condition.sentence)}")
        if condition.name:
            if condition.name in self._shown:
                return
            self._shown.add(condition.name)
            condition = self._criteria.get(condition.name, condition)
        for evidence in condition.evidence[:3]:
            branch.add(f"[dim]{escape(_evidence(evidence))}[/dim]")
        hidden = max(0, len(condition.evidence) - 3) + condition.more
        if hidden:
            branch.add(f"[dim]… and {hidden} more[/dim]")
        for part in condition.parts:
            self._add(branch, part)


def _evidence(evidence: Evidence) -> str:
    if evidence.fact is not None:
        return f"{evidence.fact}: {'not known' if evidence.value is None else evidence.value}"
    if evidence.score is not None:
        low, high = evidence.points or (0, 0)
        return f"{evidence.score}: {_span(low, high)}"
    parts = [str(evidence.kind), f"on {evidence.day}", evidence.outcome, evidence.direction]
    doer = evidence.by_role or evidence.by
    words = ", ".join(str(part) for part in parts if part) + (f", by {doer}" if doer else "")
    return words if evidence.certain else f"{words} (perhaps: not everything about it is known)"


def _points(story: LeadStory) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=True)
    table.add_column("Score", style="bold")
    table.add_column("Points", justify="right")
    table.add_column("Made of", overflow="fold")
    for score in story.explanation.points:
        rules = [f"{rule.rule} {_span(*rule.points)}" for rule in score.rules if rule.points != (0, 0)]
        made = "; ".join(rules) + ("; a limit changed the sum" if score.cut else "")
        band = f" ({score.band})" if score.band else ""
        table.add_row(escape(score.name), _span(*score.points) + band, escape(made or "nothing"))
    return table


def _span(low: int, high: int) -> str:
    """Milli-points as points; two ends where facts are not known."""
    return f"{low / 1000:g}" if low == high else f"{low / 1000:g} to {high / 1000:g}"
