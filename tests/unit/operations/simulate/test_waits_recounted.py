"""How long simulated leads wait, walked minute by minute: whoever is at work takes up one lead after the other."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from crmsync.operations.simulate.routing_waits import person_waits

sys.path.insert(0, str(Path(__file__).parents[3] / "cases" / "route"))
from routing_world import resolved, roster_of

START, DAYS = date(2026, 10, 22), 7
BEGIN = datetime(2026, 10, 22, tzinfo=UTC)
"""Clocks go back in Berlin on the 25th."""
MINUTE = timedelta(minutes=1)
AWAY = {"ann": (date(2026, 10, 26), date(2026, 10, 27)), "ben": None}
ZONES = {"ann": "Europe/Berlin", "ben": "America/New_York"}
WEEK = {"thu-tue": "09:00-12:00, 13:00-16:00", "wed": "09:00-10:00"}
ROSTER = resolved(
    roster_of(
        [
            {
                "user": f"{name}@firm.example",
                "role": "ae",
                "time_zone": ZONES[name],
                "hours": WEEK,
                "absences": [{"from": str(days[0]), "to": str(days[1])}] if days else [],
            }
            for name, days in AWAY.items()
        ]
    )
)


def at_work(name: str, minute: int) -> bool:
    wall = (BEGIN + minute * MINUTE).astimezone(ZoneInfo(ZONES[name]))
    days = AWAY[name]
    if days and days[0] <= wall.date() <= days[1]:
        return False
    return wall.hour == 9 if wall.weekday() == 2 else wall.hour in (9, 10, 11, 13, 14, 15)


def walked(name: str, handed: Sequence[int], each: int) -> list[tuple[int, int]]:
    """Minutes at work, and minutes in all, from the hand-off of each lead until it is taken up."""
    waiting, taken, left, worked = list(handed), [], 0, 0
    clock: dict[int, int] = {}
    for minute in range(40 * 24 * 60):
        clock[minute] = worked
        if not waiting and minute > handed[-1]:
            break
        if not at_work(name, minute):
            continue
        if not left and waiting and waiting[0] <= minute:
            first = waiting.pop(0)
            taken.append((worked - clock[first], minute - first))
            left = each
        left, worked = max(0, left - 1), worked + 1
    return taken


def most_of(values: Sequence[float], part: Fraction) -> float | None:
    """The smallest that so many of them do not exceed."""
    return min(
        (value for value in values if sum(other <= value for other in values) >= part * len(values)), default=None
    )


def told_of(waits: Sequence[tuple[int, int]], sla: int) -> dict[str, Any]:
    within = sum(worked <= sla for worked, _ in waits)
    parts = {"p50": Fraction(1, 2), "p90": Fraction(9, 10), "p99": Fraction(99, 100)}
    working, elapsed = [worked for worked, _ in waits], [passed for _, passed in waits]
    return {
        "leads": len(waits),
        "within_sla": within,
        "within_sla_share": round(within / len(waits), 6) if waits else None,
        "working_minutes": {name: most_of(working, part) for name, part in parts.items()},
        "elapsed_minutes": {name: most_of(elapsed, part) for name, part in parts.items()},
    }


@pytest.mark.parametrize(("leads", "each"), [(0, 10), (1, 7), (60, 23)])
def test_waits_are_those_of_each_lead_one_by_one(leads: int, each: int) -> None:
    rng, sla = random.Random(leads), 45
    handed: dict[str, list[int]] = {name: [] for name in ZONES}
    for minute in sorted(rng.randrange(DAYS * 24 * 60) for _ in range(leads)):
        handed[rng.choice([*ZONES])].append(minute)
    rows = [(name, BEGIN + minute * MINUTE) for name, minutes in handed.items() for minute in minutes]
    given = pl.DataFrame(rows, schema={"owner": pl.String, "at": pl.Datetime("us", "UTC")}, orient="row")
    usual: dict[str, Any] = {"start": START, "days": DAYS, "sla": sla * MINUTE, "each": each * MINUTE}
    people, every = person_waits(ROSTER, given, begin=BEGIN, **usual)
    waits = {name: walked(name, minutes, each) if minutes else [] for name, minutes in handed.items()}
    for person in people:
        name = person.person.partition("@")[0]
        days = Counter((BEGIN + minute * MINUTE).date() for minute in handed[name])
        assert (person.leads, person.busiest_day_leads) == (len(handed[name]), max(days.values(), default=0))
        assert person.days_away == (2 if name == "ann" else 0)
        assert person.waits.to_json() == told_of(waits[name], sla)
    assert every.to_json() == told_of([each for mine in waits.values() for each in mine], sla)
    assert len(people) == 2
