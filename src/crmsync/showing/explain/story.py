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
from crmsync.tongue import Tongue, to_say

if TYPE_CHECKING:
    from rich.table import Table

_WHO = {"crmsync": to_say("crmsync"), "undone": to_say("taken back by crmsync")}
_ELSE = to_say("in the CRM")


def story_parts(story: LeadStory) -> Iterator[Any]:
    """Renderables for one lead, in the language of its explanation."""
    told, tongue = story.explanation, story.explanation.tongue
    yield ""
    yield f"[bold]{linked(markup(told.lead), story.url)}[/bold]  {markup(story.name, most=MOST_OF_A_NAME)}"
    yield _head(story, tongue)
    yield ladder_tree(told)
    if told.points:
        yield points_tree(told.points, tongue)
    if told.questions:
        yield f"[bold]{tongue.say('To ask')}[/bold]"
        yield from (f"  {markup(question.ask)}" for question in told.questions)
    if told.ways:
        labels = {step.stage: step.label for step in told.ladder}
        yield f"[bold]{markup(tongue.say('Cheapest ways to {stage}', stage=labels[told.ways[0].stage]))}[/bold]"
        yield from (f"  {number}. {markup('; '.join(way.steps))}" for number, way in enumerate(told.ways, start=1))
    yield from owner_parts(story.owner_story, tongue)
    if story.history:
        yield f"[bold]{tongue.say('History')}[/bold]"
        empty = tongue.say("(empty)")
        for move in story.history:
            who = tongue.say(_WHO.get(move.cause, _ELSE))
            yield f"  {tongue.day(move.day)}  {move.stage_before or empty} → {move.stage_after or empty}, {who}"


def _head(story: LeadStory, tongue: Tongue) -> Table:
    from rich.table import Table

    told, say = story.explanation, tongue.say
    table = Table(box=None, show_header=False, padding=(0, 2), pad_edge=True)
    if story.managed:
        waits = f"; {say('not written while the lead is left alone')}" if story.left_alone else ""
        table.add_row(say("Stage"), f"[bold]{markup(told.stage or '')}[/bold]: {markup(told.why)}{waits}")
        table.add_row(say("In the CRM"), markup(told.crm_stage or say("(empty)")))
    else:
        held = ", ".join(value for value in native_values(story.stage_native).values() if value)
        table.add_row(say("Stage"), markup(say("not managed by crmsync, left alone: {values}", values=held)))
    if story.left_alone:
        table.add_row(say("Left alone"), f"[yellow]{markup(story.left_alone.told(tongue))}[/yellow]")
    table.add_row(say("By evidence"), markup(told.earned_stage))
    table.add_row(say("Owner"), markup(story.owner_name or story.owner or say("(nobody)")))
    if told.next_action:
        table.add_row(say("Next action"), markup(told.next_action))
    looks = (
        say("{day}: time alone could change the answer then", day=tongue.day(told.review_day))
        if told.review_day
        else say("when something changes")
    )
    table.add_row(say("Looked at again"), looks)
    decided = say("as of {day} by policy {policy}", day=tongue.day(told.as_of), policy=told.policy)
    table.add_row(say("Decided"), markup(decided))
    if told.policy_why:
        table.add_row(say("Policies"), markup(told.policy_why))
        for one in told.candidates:
            table.add_row("", f"{markup(one.policy)}: {markup(one.sentence)}")
    return table
