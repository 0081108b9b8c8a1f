"""Time limits in working hours: how much working time has passed, and when a limit is over.

Pure functions of instants. A person without working hours works round the clock; absences stop every clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from crmsync.route.hours.working import Working
from crmsync.route.people.member import Member


def working_of(member: Member) -> Working:
    """A person's own working time."""
    return Working(member.person.week, member.person.zone, member.away)


def working_time(member: Member, since: datetime, until: datetime) -> timedelta:
    """Working time of this person between two instants (zero when `until` is not after `since`)."""
    return working_of(member).between(since, until)


def due_at(member: Member, since: datetime, limit: timedelta) -> datetime | None:
    """The instant at which `limit` of working time has passed; null when not within 400 days."""
    return working_of(member).after(since, limit)


def back_at_work(member: Member, now: datetime) -> datetime | None:
    """The next instant (from `now` on) at which the person is at work; null when not within 400 days."""
    return due_at(member, now, timedelta())
