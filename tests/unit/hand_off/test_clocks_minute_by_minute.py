"""Every clock of a hand-off, walked minute by minute over seven weeks by the clocks on the walls of five zones.

Clocks go forward in Lord Howe on the 4th of October, back in Berlin on the 25th, in New York on the 1st of November.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from crmsync.hand_off import ClockRoom, HandOffRecord, clock_of
from crmsync.qualify.language.clocks import NamedClock
from crmsync.qualify.language.ladder import FirstTouch

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

BEGIN, END = datetime(2026, 9, 28, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)
MINUTE, ORG = timedelta(minutes=1), "America/New_York"
DAY = 24 * 60
OFFICE = {**dict.fromkeys(range(4), ((540, 720), (780, 1020))), 4: ((480, 720),)}
WEEK = {"mon-thu": "09:00-12:00, 13:00-17:00", "fri": "08:00-12:00"}
NIGHTS, WEEK_OF_NIGHTS = dict.fromkeys(range(5), ((1320, 1800),)), {"mon-fri": "22:00-06:00"}
ALWAYS = dict.fromkeys(range(7), ((0, DAY),))
NORWAY = (date(2026, 10, 1), date(2026, 10, 26), date(2026, 11, 6))


class Hours(Struct, frozen=True):
    """Somebody's, or of a place: `week` in minutes after midnight, days off, and some hours away (wall times)."""

    zone: str
    week: Mapping[int, tuple[tuple[int, int], ...]]
    off: tuple[date, ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()

    def at_work(self, wall: datetime) -> date | None:
        """The day of work that this minute belongs to; null = none."""
        minute, day = wall.hour * 60 + wall.minute, wall.date()
        if day in self.off or any(begin <= wall < end for begin, end in self.away):
            return None
        before = day - timedelta(days=1)
        if any(begin <= minute + DAY < end for begin, end in self.week.get(before.weekday(), ())):
            return before
        return day if any(begin <= minute < end for begin, end in self.week.get(day.weekday(), ())) else None


HOLIDAY = tuple(date(2026, 10, 19) + timedelta(days=number) for number in range(9))
DENTIST = datetime.fromisoformat("2026-10-08T10:30"), datetime.fromisoformat("2026-10-08T16:00")
PEOPLE = {
    "ann": Hours("Europe/Berlin", OFFICE, HOLIDAY, (DENTIST,)),
    "ben": Hours("America/New_York", NIGHTS),
    "cat": Hours("Australia/Lord_Howe", OFFICE, NORWAY),
    "dan": Hours("Asia/Kolkata", ALWAYS, HOLIDAY),
}
SAID: Mapping[str, Any] = {
    "ann": {
        "team": "east",
        "hours": WEEK,
        "absences": [
            {"from": "2026-10-19", "to": "2026-10-27"},
            {"from": DENTIST[0].isoformat(), "to": DENTIST[1].isoformat()},
        ],
    },
    "ben": {"team": "west", "hours": WEEK_OF_NIGHTS},
    "cat": {"team": "west", "hours": WEEK, "holidays": "norway"},
    "dan": {"team": "east", "absences": [{"from": "2026-10-19", "to": "2026-10-27"}]},
}
ROSTER = resolved(
    roster_of(
        [
            {"user": f"{name}@firm.example", "role": "ae", "time_zone": PEOPLE[name].zone, **said}
            for name, said in SAID.items()
        ],
        holidays={"norway": {"days": [day.isoformat() for day in NORWAY]}},
        lead_hours={
            "hours": WEEK,
            "zones": {"US": "America/New_York"},
            "holidays": {"Norway": ["norway"]},
        },
    )
)
TOLD = ({}, {"country": "Norway"}, {"country": "US"}, {"time_zone": "Asia/Kolkata"}, {"country": "Spain"})


def place_of(told: Mapping[str, str], receiver: str) -> Hours:
    """Where the lead is, read by hand."""
    country = told.get("country", "")
    zones = {"Norway": "Europe/Oslo", "US": "America/New_York"}
    zone = told.get("time_zone") or zones.get(country) or PEOPLE[receiver].zone
    return Hours(zone, OFFICE, NORWAY if country == "Norway" else ())


class Walked(Struct, frozen=True):
    """Minutes at work since BEGIN, in order, and the last one of each day of work."""

    minutes: tuple[int, ...]
    ends: Mapping[date, int]


@cache
def _walls(zone: str) -> tuple[datetime, ...]:
    there, many = ZoneInfo(zone), (END - BEGIN) // MINUTE
    return tuple((BEGIN + number * MINUTE).astimezone(there).replace(tzinfo=None, fold=0) for number in range(many))


_KNOWN: dict[tuple[str, int, tuple[date, ...]], Walked] = {}


def walked(hours: Hours) -> Walked:
    """Minute by minute."""
    key = hours.zone, id(hours.week), hours.off
    if key not in _KNOWN:
        there = [(n, day) for n, wall in enumerate(_walls(hours.zone)) if (day := hours.at_work(wall)) is not None]
        _KNOWN[key] = Walked(tuple(n for n, _ in there), {day: n for n, day in there})
    return _KNOWN[key]


def waited(hours: Hours, start: datetime, stop: datetime) -> timedelta:
    minutes = walked(hours).minutes
    first, last = (bisect_left(minutes, (at - BEGIN) // MINUTE) for at in (start, stop))
    return max(0, last - first) * MINUTE


def after_hours(hours: Hours, start: datetime, limit: float) -> datetime:
    minutes = walked(hours).minutes
    last = minutes[bisect_left(minutes, (start - BEGIN) // MINUTE) + round(limit * 60) - 1]
    return BEGIN + (last + 1) * MINUTE


def after_days(hours: Hours, start: datetime, days: int) -> datetime:
    there, first = walked(hours), start.astimezone(ZoneInfo(hours.zone)).date()
    later = sorted(day for day in there.ends if day > first)[days - 1]
    return BEGIN + (there.ends[later] + 1) * MINUTE


def drawn(rng: random.Random) -> tuple[HandOffRecord, datetime]:
    """A hand-off of four weeks, and the instant at which it is looked at."""
    handed = BEGIN + rng.randrange(4 * 7 * DAY) * MINUTE
    now = handed + rng.randrange(10 * DAY) * MINUTE

    def later(share: float) -> datetime | None:
        at = handed + rng.randrange(6 * DAY) * MINUTE
        return at if rng.random() < share and at <= now else None

    times: dict[str, Any] = {
        "touched_at": later(0.4),
        "accepted_at": later(0.3),
        "returned_at": later(0.2),
        "ended_at": later(0.2),
        "queued_at": later(0.1),
        "reminded_at": None,
        "reason": None,
        "ended_by": None,
    }
    made = handed - rng.randrange(3 * DAY) * MINUTE
    told = rng.choice(TOLD)
    return HandOffRecord(
        1,
        "L",
        1,
        "bert",
        rng.choice([*PEOPLE]),
        "receivers",
        handed,
        created_at=max(BEGIN, made) if rng.random() < 0.8 else None,
        staged_on=max(made, BEGIN + timedelta(days=2)).date() if rng.random() < 0.8 else None,
        told=told,
        **times,
    ), now


def started(record: HandOffRecord, starts: str) -> datetime | None:
    if starts == "assigned":
        return record.handed_at
    if starts == "created":
        return record.created_at and min(record.created_at, record.handed_at)
    if record.staged_on is None:
        return None
    over = datetime.combine(record.staged_on + timedelta(days=1), time(), ZoneInfo(ORG))
    return min(over.astimezone(UTC), record.handed_at)


@pytest.mark.parametrize("seed", range(2))
def test_first_contacts_are_due_when_so_many_minutes_at_work_have_passed(seed: int) -> None:
    rng, met = random.Random(seed), set()
    for _ in range(80):
        record, now = drawn(rng)
        *both, last = sorted(number / 4 for number in rng.sample(range(1, 120), 3))
        limits = *rng.sample(both, 2), last
        rule = FirstTouch(within_hours=limits[0], remind_after_hours=limits[1], reassign_after_hours=limits[2])
        clock, hours = clock_of(record, rule, ROSTER, now), PEOPLE[record.receiver]
        assert clock is not None
        told = (clock.due_at, clock.remind_at, clock.reassign_at)
        assert told == tuple(after_hours(hours, record.handed_at, limit) for limit in limits)
        ends = (record.touched_at, record.accepted_at, record.returned_at, record.queued_at, record.ended_at)
        took = waited(hours, record.handed_at, min([at for at in ends if at], default=now))
        assert clock.waited == took
        assert clock.late is (took > timedelta(hours=limits[0]))
        met.add((record.receiver, clock.late))
    assert len(met) == 8, "each of them in time and late"


@pytest.mark.breadth
@pytest.mark.parametrize("seed", range(2))
def test_named_clocks_are_due_at_the_minute_that_the_wall_says(seed: int) -> None:
    rng, standings = random.Random(seed), set()
    for _ in range(100):
        record, now = drawn(rng)
        long = {"within_days": rng.randint(1, 6)} if rng.random() < 0.5 else {"within_hours": rng.randint(1, 80) / 2}
        said = {
            "starts": rng.choice(["created", "assigned", "stage"]),
            "zone": rng.choice(["receiver", "lead"]),
            "until": rng.choice(["touched", "accepted"]),
        }
        clock = NamedClock.model_validate({"name": "c", **long, **said})
        reading = ClockRoom(ROSTER, ZoneInfo(ORG), now).read(clock, record)
        hours = PEOPLE[record.receiver] if clock.zone == "receiver" else place_of(record.told, record.receiver)
        start = started(record, clock.starts)
        standings.add(reading.standing)
        assert (reading.zone, reading.started_at) == (hours.zone, start)
        if start is None:
            assert (reading.standing, reading.due_at, reading.waited) == ("unknown", None, None)
            continue
        if clock.within_days is not None:
            due = after_days(hours, start, clock.within_days)
        else:
            due = after_hours(hours, start, clock.within_hours or 0)
        did = [at for at in (record.touched_at if clock.until == "touched" else None, record.accepted_at) if at]
        over = [at for at in (record.returned_at, record.queued_at, record.ended_at) if at]
        stop = min([*did, *over, now])
        assert reading.due_at == due
        assert reading.waited == waited(hours, start, stop)
        standing = "late" if stop > due else "in_time" if did else "ended" if over else "running"
        assert reading.standing == standing
    assert standings == {"late", "in_time", "ended", "running", "unknown"}
