"""On which days of a time to come somebody is there to take leads, and how many they take in it at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from crmsync.route.people.member import Member

DAY = timedelta(days=1)
NOON = time(12)


def days_of_work(member: Member, first: date, last: date) -> int:
    """Days from `first` to `last` on which the person works by their hours; without hours every day."""
    week = member.person.week
    return sum(week is None or bool(week.days[day.weekday()]) for day in _days(first, last))


def days_there(member: Member, first: date, last: date) -> int:
    """Those of them on which the person is with the firm and not away at noon, as the roster knows by now."""
    if not member.active:
        return 0
    return sum(days_of_work(member, day, day) for day in _days(first, last) if _there(member, day))


def most_in(member: Member, days: int, days_in_all: int, used: Mapping[str, int]) -> float | None:
    """The most new leads in so many days of work, of so many in all; null = no limit.

    `used`: of limits that began earlier (`month`), what is used up.
    """
    capacity = member.person.capacity
    limits: list[float] = [most * days_in_all / span for span, most in capacity.per_days.items()]
    if capacity.per_day is not None:
        limits.append(float(capacity.per_day * days))
    if capacity.per_week is not None:
        limits.append(capacity.per_week * days_in_all / 7)
    if capacity.per_month is not None:
        limits.append(float(max(0, capacity.per_month - used.get("month", 0))))
    return min(limits) if limits else None


def _there(member: Member, day: date) -> bool:
    person = member.person
    if (person.starts and day < person.starts) or (person.ends and day > person.ends):
        return False
    noon = datetime.combine(day, NOON, person.zone)
    return not any(stretch.start <= noon < stretch.end for stretch in member.away)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + DAY * number for number in range((last - first).days + 1))
