"""Days on which somebody is there, and how many leads they take in them."""

from __future__ import annotations

from datetime import date
from typing import Any

from crmsync.route.at_work.presence import days_of_work, days_there, most_in
from crmsync.route.people.member import Member
from crmsync.route.people.person import Person

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)


def member(*, active: bool = True, **more: Any) -> Member:
    person = Person.model_validate({"user": "ann@firm.example", "role": "ae", "time_zone": "Europe/Berlin", **more})
    return Member("ann@firm.example", "005", active, person, person.away)


def test_absences_hours_and_the_first_and_the_last_day_count() -> None:
    assert days_there(member(), FIRST, LAST) == days_of_work(member(), FIRST, LAST) == 31
    week = {"hours": {"mon-fri": "09:00-17:00"}}
    away = {"absences": [{"from": "2026-12-21", "to": "2026-12-27"}]}
    assert days_there(member(**week), FIRST, LAST) == 23
    assert days_there(member(**away), FIRST, LAST) == 24
    assert days_there(member(**week, **away), FIRST, LAST) == 18
    assert days_of_work(member(**week, **away), FIRST, LAST) == 23
    assert days_there(member(starts=date(2026, 12, 11), ends=date(2026, 12, 20)), FIRST, LAST) == 10
    assert days_there(member(active=False), FIRST, LAST) == 0
    morning = {"absences": [{"from": "2026-12-21T00:00", "to": "2026-12-21T11:00"}]}
    assert days_there(member(**morning), FIRST, LAST) == 31


def test_the_tightest_limit_counts() -> None:
    def most(capacity: dict[str, Any], month: int = 0) -> float | None:
        return most_in(member(capacity=capacity), 20, 28, {"month": month})

    assert most({}) is None
    assert most({"per_day": 2}) == 40.0
    assert most({"per_week": 5}) == 20.0
    assert most({"per_month": 30}, month=12) == 18.0
    assert most({"per_month": 30}, month=40) == 0.0
    assert most({"per_days": {14: 6}}) == 12.0
    assert most({"per_day": 2, "per_week": 5, "per_days": {7: 10}}) == 20.0
    assert most({"open_leads": 3}) is None
