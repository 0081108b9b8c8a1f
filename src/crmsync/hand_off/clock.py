"""When a receiver has to be in touch, in hours of their own working time."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from crmsync.hand_off.state import HandOffRecord
from crmsync.qualify.language.ladder import FirstTouch
from crmsync.route.at_work.sla import due_at, working_time
from crmsync.route.roster.resolved import ResolvedRoster


class Clock(Struct, frozen=True):
    """The clock of one hand-off. Instants are UTC; null = never (or not within 400 days).

    `waited`: working time until the first touch or answer or, while there was none, until now. It stops when the
    hand-off ends, or a timeout sends the lead to a queue.
    `late`: whether more than the time allowed has passed without a touch.
    """

    due_at: datetime | None
    remind_at: datetime | None
    reassign_at: datetime | None
    waited: timedelta
    late: bool


def clock_of(hand_off: HandOffRecord, rule: FirstTouch, roster: ResolvedRoster, now: datetime) -> Clock | None:
    """Null when the receiver is not in the roster (any more): nobody's working hours count then."""
    member = roster.by_user.get(hand_off.receiver)
    if member is None:
        return None
    start = min(hand_off.handed_at, now)  # a clock that ran ahead gives nobody more time
    stop = stopped_at(hand_off, now, touched=True)
    due = due_at(member, start, timedelta(hours=rule.within_hours))

    def after(hours: float | None) -> datetime | None:
        return None if hours is None else due_at(member, start, timedelta(hours=hours))

    return Clock(
        due_at=due,
        remind_at=after(rule.remind_after_hours),
        reassign_at=after(rule.reassign_after_hours),
        waited=working_time(member, start, stop),
        late=due is not None and stop > due,
    )


def stopped_at(hand_off: HandOffRecord, now: datetime, *, touched: bool) -> datetime:
    """When a clock of this hand-off stopped, `now` while it runs. `touched`: whether a touch stops it."""
    it = hand_off
    answers = (it.touched_at if touched else None, it.accepted_at, it.returned_at, it.queued_at, it.ended_at)
    return min([*(at for at in answers if at is not None), now])
