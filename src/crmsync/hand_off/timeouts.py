"""Whose time is over, and where that sends the lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from crmsync.hand_off.clock import clock_of
from crmsync.hand_off.clocks import ClockRoom, stopped_by_receiver
from crmsync.hand_off.state import HandOffRecord
from crmsync.qualify.language.clocks import NamedClock, ReassignTo, Target
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.tongue import to_say

QueueOf = Callable[[Target], str | None]
"""A target → the native id of its queue; null = it is none, or there is none here."""

_NEXT = (
    to_say("no contact within {hours} working hour: to the next one"),
    to_say("no contact within {hours} working hours: to the next one"),
)
_POOL = (
    to_say("no contact within {hours} working hour: to pool {pool}"),
    to_say("no contact within {hours} working hours: to pool {pool}"),
)
_QUEUE = (
    to_say("no contact within {hours} working hour: to queue {queue}"),
    to_say("no contact within {hours} working hours: to queue {queue}"),
)
_CLOCK_NEXT = to_say("the time of the clock {clock} is over: to the next one")
_CLOCK_POOL = to_say("the time of the clock {clock} is over: to pool {pool}")
_CLOCK_QUEUE = to_say("the time of the clock {clock} is over: to queue {queue}")


class Timeout(Struct, frozen=True):
    """`pool`, `queue` (native id): where it sends the lead; neither = to the next receiver. `words`: a message."""

    words: str
    values: Mapping[str, float | str]
    pool: str | None = None
    queue: str | None = None


def timeout_of(hand_off: HandOffRecord, policy: HandOver, room: ClockRoom, queue_of: QueueOf) -> Timeout | None:
    """The first one that is over: that of the first contact, then those of the clocks in the policy's order.

    `hand_off`: with what is known by now of touch and answer.
    """
    rule, untouched = policy.first_touch, not (hand_off.touched_at or hand_off.accepted_at)
    if rule is not None and rule.reassign_after_hours is not None and untouched:
        clock = clock_of(hand_off, rule, room.roster, room.now)
        if clock is not None and clock.reassign_at is not None and room.now >= clock.reassign_at:
            return _no_contact(rule.reassign_after_hours, rule.reassign_to, queue_of)
    over = (each for each in policy.clocks if each.reassign_to is not None and _is_over(each, hand_off, room))
    first = next(over, None)
    return None if first is None else _clock_over(first, queue_of)


def _is_over(clock: NamedClock, hand_off: HandOffRecord, room: ClockRoom) -> bool:
    if stopped_by_receiver(clock, hand_off):
        return False
    due = room.read(clock, hand_off).due_at
    return due is not None and room.now >= due


def _no_contact(hours: float, target: ReassignTo, queue_of: QueueOf) -> Timeout:
    number = 0 if hours == 1 else 1
    pool, queue, values = _place(target, queue_of)
    messages = _QUEUE if queue else _POOL if pool else _NEXT
    return Timeout(messages[number], {"hours": hours, **values}, pool, queue)


def _clock_over(clock: NamedClock, queue_of: QueueOf) -> Timeout:
    pool, queue, values = _place(clock.reassign_to or "next", queue_of)
    words = _CLOCK_QUEUE if queue else _CLOCK_POOL if pool else _CLOCK_NEXT
    return Timeout(words, {"clock": clock.called, **values}, pool, queue)


def _place(target: ReassignTo, queue_of: QueueOf) -> tuple[str | None, str | None, Mapping[str, str]]:
    """Pool, queue, and how they are called."""
    if not isinstance(target, Target):
        return None, None, {}
    if target.pool is not None:
        return target.pool, None, {"pool": target.pool}
    queue = queue_of(target)
    return (None, None, {}) if queue is None else (None, queue, {"queue": queue})
