"""How long leads wait for their owner: each person answers theirs one by one, in working hours.

The model: a lead joins the end of its owner's line when it is handed off. The owner takes up one lead after the
other, each for the same working time; the first touch is when they take it up. Waiting counts in the owner's working
time (as time limits do: absences stop the clock) and in plain time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from crmsync.route.hours.calendar import stretches_at_work
from crmsync.route.people.member import Member

NOTHING = timedelta()


class WorkingClock:
    """A person's working time since an instant, read forwards and backwards; it ends about 400 days later."""

    def __init__(self, member: Member, since: datetime) -> None:
        person = member.person
        self._stretches = list(stretches_at_work(person.week, person.zone, member.away, since))
        lengths = (stretch.end - stretch.start for stretch in self._stretches)
        self._before = list(accumulate(lengths, initial=NOTHING))
        self._starts = [stretch.start for stretch in self._stretches]

    def read(self, instant: datetime) -> timedelta:
        """Working time until this instant."""
        index = bisect_right(self._starts, instant) - 1
        if index < 0:
            return NOTHING
        stretch = self._stretches[index]
        return self._before[index] + min(instant, stretch.end) - stretch.start

    def instant(self, worked: timedelta) -> datetime | None:
        """The first instant at work at which so much working time has passed; null when never."""
        index = bisect_right(self._before, worked) - 1
        if index >= len(self._stretches):
            return None
        return self._stretches[index].start + worked - self._before[index]


@dataclass(frozen=True, slots=True)
class Wait:
    """One lead's wait. `working`: the owner's working time from the hand-off to the first touch; `elapsed`: all time.

    `elapsed` null = not touched within the about 400 days that are looked at.
    """

    working: timedelta
    elapsed: timedelta | None


def waits(member: Member, handed_off: Iterable[datetime], *, since: datetime, each: timedelta) -> Sequence[Wait]:
    """The wait of each lead. `handed_off`: in time order, none before `since`; `each`: working time for one lead."""
    clock, free, found = WorkingClock(member, since), NOTHING, []
    for instant in handed_off:
        joined = clock.read(instant)
        begun = max(joined, free)
        free = begun + each
        touched = clock.instant(begun)
        # At the very end of a stretch the next one counts, so a touch is never before the hand-off.
        elapsed = None if touched is None else max(touched - instant, NOTHING)
        found.append(Wait(begun - joined, elapsed))
    return found
