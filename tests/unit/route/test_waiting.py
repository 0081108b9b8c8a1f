"""Leads in their owner's line: working time only, one after the other, absences stop the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routing_world import resolved, roster_of

from crmsync.route.at_work.sla import working_time
from crmsync.route.at_work.waiting import WorkingClock, waits

TEN = timedelta(minutes=10)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def member(**more):
    (found,) = resolved(roster_of([{"user": "ann", "role": "ae", **more}])).members
    return found


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def waited(person, *instants, each=TEN):
    minute = timedelta(minutes=1)
    found = waits(person, instants, since=MONDAY - timedelta(days=2), each=each)
    return [(one.working // minute, None if one.elapsed is None else one.elapsed // minute) for one in found]


OFFICE = {"hours": {"mon-fri": "09:00-17:00"}}


def test_who_is_at_work_touches_a_lead_at_once_and_the_next_one_after_it():
    assert waited(member(**OFFICE), at(16, 10), at(16, 10), at(16, 10, 5)) == [(0, 0), (10, 10), (15, 15)]


def test_a_lead_of_the_night_waits_no_working_time():
    assert waited(member(**OFFICE), at(16, 20), at(16, 20)) == [(0, 13 * 60), (10, 13 * 60 + 10)]


def test_what_is_not_done_today_goes_on_tomorrow():
    assert waited(member(**OFFICE), at(16, 16, 55), at(16, 16, 56)) == [(0, 0), (9, 16 * 60 + 9)]


def test_the_weekend_and_an_absence_stop_the_clock():
    friday = at(20, 16, 50)
    assert waited(member(**OFFICE), friday, friday, each=timedelta(minutes=20)) == [(0, 0), (20, 64 * 60 + 20)]
    away = member(**OFFICE, absences=[{"from": "2026-11-23", "to": "2026-11-23"}])
    assert waited(away, friday, friday, each=timedelta(minutes=20)) == [(0, 0), (20, 88 * 60 + 20)]


def test_without_working_hours_people_answer_round_the_clock():
    assert waited(member(), at(21, 3), at(21, 3)) == [(0, 0), (10, 10)]


def test_who_never_comes_back_never_touches():
    gone = member(**OFFICE, absences=[{"from": "2026-11-16", "to": "2029-11-16"}])
    assert waited(gone, at(16, 10)) == [(0, None)]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@given(hours=st.lists(st.integers(0, 24 * 200), min_size=2, max_size=6))
def test_the_clock_reads_what_time_limits_count(zone, hours):
    person = member(
        hours={"mon-thu": "08:30-12:00, 13:00-17:00", "fri": "22:00-06:00"},
        time_zone=zone,
        absences=[{"from": "2026-11-18", "to": "2026-11-19"}, {"from": "2027-03-01", "to": "2027-03-31"}],
    )
    clock = WorkingClock(person, MONDAY)
    first, last = (MONDAY + timedelta(hours=each) for each in (min(hours), max(hours)))
    assert clock.read(last) - clock.read(first) == working_time(person, first, last)
    touched = clock.instant(clock.read(first))
    assert touched is not None
    assert clock.read(touched) == clock.read(first)
