"""One lead's story as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from crmsync.model import native_values
from crmsync.operations.explain.lead import LeadStory
from crmsync.showing.explain.owner_parts import owner_parts
from crmsync.showing.explain.story_trees import ladder_tree, points_tree
from crmsync.showing.foreign_text import MOST_OF_A_NAME, markup
from crmsync.showing.record_link import linked

if TYPE_CHECKING:
    from rich.table import Table

_WHO = {"crmsync": "crmsync", "undone": "taken back by crmsync"}


def story_parts(story: LeadStory) -> Iterator[Any]:
    """Renderables for one lead."""
    told = story.explanation
    yield ""
    yield f"[bold]{linked(markup(told.lead), story.url)}[/bold]  {markup(story.name, most=MOST_OF_A_NAME)}"
    yield _head(story)
    yield ladder_tree(told)
    if told.points:
        yield points_tree(told.points)
    if told.questions:
        yield "[bold]To ask[/bold]"
        yield from (f"  {markup(question.ask)}" for question in told.questions)
    if told.ways:
        labels = {step.stage: step.label for step in told.ladder}
        yield f"[bold]Cheapest ways to {markup(labels[told.ways[0].stage])}[/bold]"
        yield from (f"  {number}. {markup('; '.join(way.steps))}" for number, way in enumerate(told.ways, start=1))
    yield from owner_parts(story.owner_story)
    if story.history:
        yield "[bold]History[/bold]"
        for move in story.history:
            who = _WHO.get(move.cause, "in the CRM")
            yield f"  {move.day}  {move.stage_before or '(empty)'} → {move.stage_after or '(empty)'}, {who}"


def _head(story: LeadStory) -> Table:
    from rich.table import Table

    told = story.explanation
    table = Table(box=None, show_header=False, padding=(0, 2), pad_edge=True)
    if story.managed:
        waits = "; not written while the lead is left alone" if story.left_alone else ""
        table.add_row("Stage", f"[bold]{markup(told.stage or '')}[/bold]: {markup(told.why)}{waits}")
        table.add_row("In the CRM", markup(told.crm_stage or "(empty)"))
    else:
        held = ", ".join(value for value in native_values(story.stage_native).values() if value)
        table.add_row("Stage", f"not managed by crmsync, left alone: {markup(held)}")
    if story.left_alone:
        table.add_row("Left alone", f"[yellow]{markup(story.left_alone.words)}[/yellow]")
    table.add_row("By evidence", markup(told.earned_stage))
    table.add_row("Owner", markup(story.owner_name or story.owner or "(nobody)"))
    if told.next_action:
        table.add_row("Next action", markup(told.next_action))
    looks = (
        f"{told.review_day}: time alone could change the answer then" if told.review_day else "when something changes"
    )
    table.add_row("Looked at again", looks)
    table.add_row("Decided", f"as of {told.as_of} by policy {markup(told.policy)}")
    if told.policy_why:
        table.add_row("Policies", markup(told.policy_why))
        for one in told.candidates:
            table.add_row("", f"{markup(one.policy)}: {markup(one.sentence)}")
    return table
