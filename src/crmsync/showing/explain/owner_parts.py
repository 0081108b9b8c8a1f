"""How a lead came to its owner, and its hand-offs, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crmsync.model import Routing
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.operations.report.hand_offs import HandOffLine
from crmsync.route.roster.defaults import DIRECT
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant, zone_name

STATES: Mapping[str, str] = {
    "waiting": "no contact yet",
    "in_touch": "in touch",
    "accepted": "accepted",
    "returned": "returned",
    "passed_on": "returned and passed on",
    "reassigned": "passed on, no contact in time or receiver gone",
    "taken_over": "taken over by a person",
    "over": "left the stages of sales",
    "not_watched": "not watched any more",
    "undone": "taken back",
}


def owner_parts(story: OwnerStory) -> Iterator[str]:
    """Renderables; nothing for a lead whose owner neither crmsync nor anybody else has set since it is looked at."""
    if story.set_on is not None:
        yield "[bold]Owner set in the CRM[/bold]"
        stays = f", crmsync leaves it alone until {story.stays_until}" if story.stays_until else ""
        yield f"  {story.set_on}, by a person or another program{stays}"
    move = story.move
    if move is not None:
        yield "[bold]How the owner was found[/bold]"
        name = story.names.get(move.owner, move.owner)
        yield f"  {instant(move.at)}  {markup(name)}: {markup(move.routing.reason)}"
        counted = turn_told(move.routing)
        if counted:
            yield f"  {markup(counted)}"
        for user, why in move.routing.passed_over:
            yield f"  passed over: {markup(story.names.get(user, user))}, {markup(why)}"
    if story.hand_offs:
        yield "[bold]Hand-offs[/bold]"
        yield from (f"  {markup(_told(line))}" for line in story.hand_offs)


def turn_told(routing: Routing) -> str | None:
    """The new owner's counter before and after; null when nothing was counted."""
    if routing.pool is None:
        return None
    counted = "their leads outside any rotation" if routing.pool == DIRECT else f"their turns in pool {routing.pool}"
    return f"{counted}: {routing.counter_before} before, {routing.counter_after} after"


def _told(line: HandOffLine) -> str:
    it = line.hand_off
    zone = zone_name(it.handed_at)
    words = f"{it.attempt}. {instant(it.handed_at)}  {line.name(it.bdr) or '(nobody)'} → {line.name(it.receiver)}: "
    words += STATES[line.state] + (f" {instant(it.returned_at, in_zone=zone)}" if it.returned_at is not None else "")
    if it.reason:
        words += f", because: {it.reason}"
    if it.touched_at is not None:
        words += f", first contact {instant(it.touched_at, in_zone=zone)}"
    if it.reminded_at is not None:
        words += f", reminded {instant(it.reminded_at, in_zone=zone)}"
    if line.late or line.state == "waiting":
        words += due_told(line, zone)
    return words


def due_told(line: HandOffLine, in_zone: str) -> str:
    """Until when the first contact was, or is, due; nothing where the policy sets no time."""
    if line.clock is None or line.clock.due_at is None:
        return ""
    return f", {'late: ' if line.late else ''}due {instant(line.clock.due_at, in_zone=in_zone)}"
