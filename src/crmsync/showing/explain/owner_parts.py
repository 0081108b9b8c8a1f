"""How a lead came to its owner, and its hand-offs, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from crmsync.hand_off import ClockReading
from crmsync.model import Between, Routing
from crmsync.operations.explain.owner_story import OwnerStory
from crmsync.operations.report.hand_offs import HandOffLine
from crmsync.route.roster.defaults import DIRECT
from crmsync.showing.foreign_text import markup
from crmsync.showing.instants import instant, zone_name
from crmsync.tongue import ENGLISH, Tongue, to_say

STATES: Mapping[str, str] = {
    "waiting": to_say("no contact yet"),
    "in_touch": to_say("in touch"),
    "accepted": to_say("accepted"),
    "returned": to_say("returned"),
    "passed_on": to_say("returned and passed on"),
    "reassigned": to_say("passed on, no contact in time or receiver gone"),
    "taken_over": to_say("taken over by a person"),
    "over": to_say("left the stages of sales"),
    "not_watched": to_say("not watched any more"),
    "undone": to_say("taken back"),
    "handed_on": to_say("handed on to the next"),
    "queued": to_say("sent to a queue, the time was over"),
}


def owner_parts(story: OwnerStory, tongue: Tongue = ENGLISH) -> Iterator[str]:
    """Renderables; nothing for a lead whose owner neither crmsync nor anybody else has set since it is looked at."""
    say = tongue.say
    if story.set_on is not None:
        yield f"[bold]{say('Owner set in the CRM')}[/bold]"
        told = say("{day}, by a person or another program", day=tongue.day(story.set_on))
        if story.stays_until:
            until = tongue.day(story.stays_until)
            told += f", {say('crmsync leaves it alone until {day}', day=until)}"
        yield f"  {told}"
    if story.several or story.nobody_yet:
        yield f"[bold]{say('Owner')}[/bold]"
        if story.hand_over is not None:
            yield f"  {markup(say('hand-over that counts: {hand_over}', hand_over=story.hand_over))}"
        if story.nobody_yet:
            yield f"  {say('nobody has it yet')}"
    move = story.move
    if move is not None:
        yield f"[bold]{say('How the owner was found')}[/bold]"
        name = story.names.get(move.owner, move.owner)
        yield f"  {instant(move.at, tongue=tongue)}  {markup(name)}: {markup(move.routing.reason)}"
        counted = turn_told(move.routing, tongue)
        if counted:
            yield f"  {markup(counted)}"
        if move.routing.between is not None:
            yield f"  {markup(pools_turn_told(move.routing.pool, move.routing.between, tongue))}"
        for user, why in move.routing.passed_over:
            passed = say("passed over: {person}, {why}", person=story.names.get(user, user), why=why)
            yield f"  {markup(passed)}"
    if story.hand_offs:
        yield f"[bold]{say('Hand-offs')}[/bold]"
        yield from (f"  {markup(hand_off_told(line, tongue))}" for line in story.hand_offs)


def turn_told(routing: Routing, tongue: Tongue = ENGLISH) -> str | None:
    """The new owner's counter before and after; null when nothing was counted."""
    if routing.pool is None:
        return None
    counts = {"before": routing.counter_before, "after": routing.counter_after}
    if routing.pool == DIRECT:
        return tongue.say("their leads outside any rotation: {before} before, {after} after", **counts)
    return tongue.say("their turns in pool {pool}: {before} before, {after} after", pool=routing.pool, **counts)


def pools_turn_told(pool: str | None, turn: Between, tongue: Tongue = ENGLISH) -> str:
    """The pool's own counter before and after, among pools that share leads."""
    parts = ", ".join(f"{name} {weight}" for name, weight in turn.pools)
    counts = {"before": turn.before, "after": turn.after}
    words = tongue.say("turns of pool {pool}: {before} before, {after} after", pool=pool, **counts)
    return f"{words} ({parts})" if parts else words


def hand_off_told(line: HandOffLine, tongue: Tongue) -> str:
    """One hand-off: between whom, when, and how it stands."""
    it, say = line.hand_off, tongue.say
    zone = zone_name(it.handed_at)

    def at(moment: datetime) -> str:
        return instant(moment, in_zone=zone, tongue=tongue)

    sides = f"{line.name(it.bdr) or say('(nobody)')} → {line.name(it.receiver)}"
    moved = it.returned_at or it.queued_at
    state = say(STATES[line.state]) + (f" {at(moved)}" if moved is not None else "")
    number = f"{it.attempt}." if it.hand_over is None else f"{it.hand_over} {it.attempt}."
    parts = [f"{number} {instant(it.handed_at, tongue=tongue)}  {sides}: {state}"]
    if it.reason:
        parts.append(say("because: {reason}", reason=it.reason))
    if it.touched_at is not None:
        parts.append(say("first contact {moment}", moment=at(it.touched_at)))
    if it.reminded_at is not None:
        parts.append(say("reminded {moment}", moment=at(it.reminded_at)))
    if line.late or line.state == "waiting":
        parts += due_told(line, zone, tongue)
    parts += [clock_told(each, zone, tongue) for each in line.clocks]
    return ", ".join(parts)


_CLOCKS: Mapping[str, str] = {
    "running": to_say("{clock}: due {moment}"),
    "late": to_say("{clock}: late, due {moment}"),
    "in_time": to_say("{clock}: in time"),
    "ended": to_say("{clock}: over before its time"),
    "unknown": to_say("{clock}: unknown"),
}


def clock_told(reading: ClockReading, in_zone: str, tongue: Tongue = ENGLISH) -> str:
    """One clock of a hand-off. One that runs without end is told as one in time."""
    standing = "in_time" if reading.standing == "running" and reading.due_at is None else reading.standing
    due = "" if reading.due_at is None else instant(reading.due_at, in_zone=in_zone, tongue=tongue)
    return tongue.say(_CLOCKS[standing], clock=tongue.own(reading.clock.called), moment=due)


def due_told(line: HandOffLine, in_zone: str, tongue: Tongue = ENGLISH) -> list[str]:
    """Until when the first contact was, or is, due; nothing where the policy sets no time."""
    if line.clock is None or line.clock.due_at is None:
        return []
    due = instant(line.clock.due_at, in_zone=in_zone, tongue=tongue)
    return [tongue.say("late: due {moment}", moment=due) if line.late else tongue.say("due {moment}", moment=due)]
