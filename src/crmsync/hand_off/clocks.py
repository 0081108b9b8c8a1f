"""The named clocks of a hand-over: each from its own start, in its own hours, until its own end."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

from msgspec import Struct

from crmsync.hand_off.clock import stopped_at
from crmsync.hand_off.state import HandOffRecord
from crmsync.qualify.language.clocks import NamedClock
from crmsync.route.at_work.sla import working_of
from crmsync.route.hours.working import Working
from crmsync.route.roster.resolved import ResolvedRoster

Standing = Literal["running", "in_time", "late", "ended", "unknown"]
"""`late`: more than the time has passed, whether it runs still or not. `ended`: the hand-off was over before, with no
touch or answer. `unknown`: its start or its hours are not known."""


class ClockReading(Struct, frozen=True):
    """A clock as it is read. Instants are UTC, null = not known (`due_at`: or not within 400 days).

    `zone`: in which it counts. `waited`: working time from the start until it stopped, or until now.
    """

    clock: NamedClock
    standing: Standing
    zone: str | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    waited: timedelta | None = None

    @property
    def late(self) -> bool:
        """Unknown is not late."""
        return self.standing == "late"


class ClockRoom(Struct, frozen=True):
    """What all clocks are read by. `org_zone`: whose days count where only a day is known."""

    roster: ResolvedRoster
    org_zone: tzinfo
    now: datetime

    def read(self, clock: NamedClock, hand_off: HandOffRecord) -> ClockReading:
        """The clock of this hand-off."""
        start, working = self._start(clock, hand_off), self.working(clock, hand_off)
        if start is None or working is None:
            return ClockReading(clock, "unknown", None if working is None else working.zone.key, start)
        stop = stopped_at(hand_off, self.now, touched=clock.until == "touched")
        due = _due(clock, working, start)
        standing: Standing = "running"
        if due is not None and stop > due:
            standing = "late"
        elif stopped_by_receiver(clock, hand_off):
            standing = "in_time"
        elif hand_off.returned_at or hand_off.queued_at or hand_off.ended_at:
            standing = "ended"
        return ClockReading(clock, standing, working.zone.key, start, due, working.between(start, stop))

    def working(self, clock: NamedClock, hand_off: HandOffRecord) -> Working | None:
        """In whose hours it counts; null = in nobody's."""
        member = self.roster.by_user.get(hand_off.receiver)
        if clock.zone == "receiver":
            return None if member is None else working_of(member)
        receivers = None if member is None else member.person.zone
        return self.roster.where_leads_are.working(hand_off.told, self.now.year, receivers)

    def _start(self, clock: NamedClock, hand_off: HandOffRecord) -> datetime | None:
        """A clock that ran ahead gives nobody more time, and a day without a time of day begins with its end."""
        assigned = min(hand_off.handed_at, self.now)
        if clock.starts == "assigned":
            return assigned
        if clock.starts == "created":
            return None if hand_off.created_at is None else min(hand_off.created_at, assigned)
        if hand_off.staged_on is None:
            return None
        over = datetime.combine(hand_off.staged_on + timedelta(days=1), time(), self.org_zone)
        return min(over.astimezone(assigned.tzinfo), assigned)


def _due(clock: NamedClock, working: Working, start: datetime) -> datetime | None:
    if clock.within_hours is not None:
        return working.after(start, timedelta(hours=clock.within_hours))
    return working.end_of_day(start, clock.within_days or 1)


def stopped_by_receiver(clock: NamedClock, hand_off: HandOffRecord) -> bool:
    """Whether the receiver did what it waits for."""
    touched = hand_off.touched_at if clock.until == "touched" else None
    return bool(touched or hand_off.accepted_at)
