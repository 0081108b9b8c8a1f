"""A made-up team of AEs in several time zones, so that a rotation can be tried without any configuration."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import available_timezones

from crmsync.errors import UsageError
from crmsync.route.roster.roster import Roster

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles",
    "Asia/Kolkata", "Australia/Sydney", "Europe/Lisbon",
)  # fmt: skip
SHIFTS = ("08:00-16:00", "09:00-17:00", "09:00-12:00, 13:00-18:00", "10:00-18:00")
HALF_DAY = "09:00-13:00"
WEIGHTS = ("1", "1", "1.25", "1", "0.75", "1", "1.5", "1", "0.5")
"""In turn; whoever has 0.5 works half the day."""
DAYS_BETWEEN_ABSENCES = 45
LONGEST_ABSENCE_DAYS = 15


def practice_roster(people: int, *, seed: int, start: date, days: int, zones: Sequence[str] = ()) -> Roster:
    """So many AEs in one rotation with weights, working hours and absences, the same for the same seed.

    Working hours count for waiting times only (`outside_hours: ignore`), so that without absences everybody can take
    every turn. Raises `UsageError` for an unknown zone.
    """
    known = available_timezones()
    for zone in zones:
        if zone not in known:
            close = difflib.get_close_matches(zone, known, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "write an IANA name such as Europe/Berlin"
            raise UsageError(f"`{zone}` is no time zone", hint=hint)
    chance = Random(f"{seed}-people")  # noqa: S311 - a simulation
    return Roster.model_validate(
        {
            "people": [_person(number, chance, start, days, tuple(zones) or ZONES) for number in range(people)],
            "outside_hours": "ignore",
        }
    )


def _person(number: int, chance: Random, start: date, days: int, zones: Sequence[str]) -> dict[str, Any]:
    weight = WEIGHTS[number % len(WEIGHTS)]
    return {
        "user": f"ae-{number + 1:02}@practice.example",
        "role": "ae",
        "weight": weight,
        "time_zone": zones[number % len(zones)],
        "hours": {"mon-fri": HALF_DAY if weight == "0.5" else chance.choice(SHIFTS)},
        "absences": list(_absences(chance, start, days)),
    }


def _absences(chance: Random, start: date, days: int) -> list[dict[str, date]]:
    """One to three in a quarter, of a day to three weeks."""
    absences = []
    for _ in range(chance.randint(1, max(1, 1 + days // DAYS_BETWEEN_ABSENCES))):
        first = start + timedelta(days=chance.randrange(days))
        absences.append({"from": first, "to": first + timedelta(days=chance.randrange(LONGEST_ABSENCE_DAYS))})
    return absences
