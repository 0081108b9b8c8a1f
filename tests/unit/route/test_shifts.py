"""Stretches at work that pass midnight, and hours that come twice or never in the nights in which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from routing_world import resolved, roster

from crmsync.route.at_work.sla import due_at, working_time
from crmsync.route.hours.calendar import starts_at, stretches_at_work
from crmsync.route.people.member import Member

BERLIN = "Europe/Berlin"


def worker(hours: str, zone: str = "UTC") -> Member:
    (found,) = resolved(
        roster(f"people: [{{user: ann@firm.example, role: ae, time_zone: {zone}, hours: {{mon-sun: '{hours}'}}}}]\n")
    ).members
    return found


def first_stretch(member: Member, since: datetime) -> tuple[datetime, datetime]:
    return tuple(next(stretches_at_work(member.person.week, member.person.zone, (), since)))  # type: ignore[return-value]


@pytest.mark.parametrize(("hour", "begins", "ends"), [(2, 2, 6), (6, 22, 30), (12, 22, 30), (23, 23, 30)])
def test_a_night_shift_goes_on_after_midnight(hour: int, begins: int, ends: int) -> None:
    day = datetime(2026, 11, 18, tzinfo=UTC)
    stretch = first_stretch(worker("22:00-06:00"), day + timedelta(hours=hour))
    assert stretch == (day + timedelta(hours=begins), day + timedelta(hours=ends))


def test_a_limit_runs_through_the_night() -> None:
    night = datetime(2026, 11, 18, 2, tzinfo=UTC)
    member = worker("22:00-06:00")
    assert due_at(member, night, timedelta(hours=4)) == night + timedelta(hours=4), "not at 22:00 of the next night"
    assert due_at(member, night, timedelta(hours=5)) == datetime(2026, 11, 18, 23, tzinfo=UTC)
    assert working_time(member, night, night + timedelta(hours=21)) == timedelta(hours=5)


@pytest.mark.parametrize(
    ("day", "hours", "worked"),
    [
        (date(2026, 10, 25), "01:00-02:30", 2.5),  # 02:30 is read twice: until the second time
        (date(2026, 10, 25), "02:30-04:00", 2.5),  # and begins with the first
        (date(2027, 3, 28), "01:00-02:30", 1.0),  # 02:30 is never read: it means the jump
        (date(2026, 10, 26), "01:00-02:30", 1.5),
    ],
)
def test_a_shift_in_the_night_of_a_clock_change(day: date, hours: str, worked: float) -> None:
    start, end = first_stretch(worker(hours, BERLIN), starts_at(day, 0, ZoneInfo(BERLIN)))
    assert end - start == timedelta(hours=worked)
