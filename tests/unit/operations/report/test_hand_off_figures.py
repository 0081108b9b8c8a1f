"""What receivers made of their hand-offs, recomputed: the clock minute by minute, the rest by hand."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from crmsync.hand_off import ClockReading, HandOffRecord, Standing, clock_of
from crmsync.operations.report.hand_off_clocks import clock_figures
from crmsync.operations.report.hand_offs import HandOffLine, receiver_figures
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import FirstTouch, HandOff

sys.path.insert(0, str(Path(__file__).parents[3] / "cases" / "route"))
from routing_world import resolved, roster_of

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
HOURS = 4
PEOPLE = {
    "ann": ("Europe/Berlin", ((time(9), time(17)),)),
    "ben": ("America/New_York", ((time(8, 30), time(12)), (time(13), time(17)))),
}
ROSTER = resolved(
    roster_of(
        [
            {
                "user": f"{name}@firm.example",
                "role": "ae",
                "time_zone": zone,
                "hours": {"mon-fri": [f"{begin:%H:%M}-{end:%H:%M}" for begin, end in spans]},
            }
            for name, (zone, spans) in PEOPLE.items()
        ]
    )
)


def handed(number: int) -> HandOffRecord:
    """From two weeks ago until now; some were touched or accepted, some came back, some wait."""
    rng = random.Random(number)
    at = NOW - timedelta(minutes=rng.randrange(14 * 24 * 60))

    def later(share: float) -> datetime | None:
        came = at + timedelta(minutes=rng.randrange(4 * 24 * 60))
        return came if rng.random() < share and came <= NOW else None

    touched, accepted, returned = later(0.5), later(0.3), later(0.2)
    times: dict[str, Any] = {"touched_at": touched, "accepted_at": accepted, "returned_at": returned}
    times |= {"reminded_at": None, "reason": None, "ended_at": None, "ended_by": None}
    return HandOffRecord(number, f"L{number}", 1, "bert", rng.choice([*PEOPLE]), "receivers", at, **times)


EVERY = [handed(number) for number in range(60)]


def minutes_at_work(of: HandOffRecord) -> int:
    """One after the other, by the clock on the receiver's wall."""
    zone, spans = PEOPLE[of.receiver]
    until = min(at for at in (of.touched_at, of.accepted_at, of.returned_at, NOW) if at is not None)

    def walked() -> Iterator[bool]:
        at = of.handed_at
        while at < until:
            there = at.astimezone(ZoneInfo(zone))
            yield there.weekday() < 5 and any(begin <= there.time() < end for begin, end in spans)
            at += timedelta(minutes=1)

    return sum(walked())


def test_figures_of_receivers_are_those_of_their_hand_offs_one_by_one() -> None:
    lines = []
    for of in EVERY:
        clock = clock_of(of, FirstTouch(within_hours=HOURS), ROSTER, NOW)
        lines.append(HandOffLine(hand_off=of, clock=clock, lead_name="", names={}))
    told = receiver_figures(lines)
    assert [each.receiver for each in told] == [*PEOPLE]
    for each in told:
        mine = [(of, minutes_at_work(of)) for of in EVERY if of.receiver == each.receiver]
        late = [of for of, minutes in mine if minutes > HOURS * 60]
        answered = [(of, minutes) for of, minutes in mine if of.touched_at or of.accepted_at]
        waited = sorted(minutes for _, minutes in answered)
        middle = (waited[(len(waited) - 1) // 2] + waited[len(waited) // 2]) / 2
        assert each.handed == len(mine)
        assert each.late == len(late) > 3
        assert each.in_time == len([of for of, _ in answered if of not in late]) > 3
        assert each.returned == len([of for of, _ in mine if of.returned_at])
        assert each.waiting == len([of for of, _ in mine if not (of.touched_at or of.accepted_at or of.returned_at)])
        assert each.median_hours == pytest.approx(middle / 60, abs=0.006)


def test_each_clock_counts_what_became_of_it_in_every_hand_off() -> None:
    """Each clock by itself; the middle of the waits of those whom the receiver did what it waits for."""
    rule = {"stage": "sql", "clocks": [
        {"name": "first", "within_hours": 2},
        {"name": "taken", "within_days": 1, "until": "accepted"},
    ]}  # fmt: skip
    hand_over = the_hand_off(HandOff.model_validate(rule))
    rng, lines = random.Random(7), []
    for of in EVERY:
        readings = [
            ClockReading(
                clock,
                (standing := rng.choice(get_args(Standing))),
                waited=None if standing == "unknown" else timedelta(minutes=rng.randrange(900)),
            )
            for clock in hand_over.clocks
        ]
        lines.append(HandOffLine(hand_off=of, clock=None, lead_name="", names={}, clocks=tuple(readings)))
    told = {each.name: each for each in clock_figures([hand_over], lines)}
    assert [*told] == ["first", "taken"]
    for place, name in enumerate(told):
        mine = [(line.hand_off, line.clocks[place]) for line in lines]
        for standing in get_args(Standing):
            assert getattr(told[name], standing) == sum(each.standing == standing for _, each in mine) > 3
        did = [each for of, each in mine if of.accepted_at or (name == "first" and of.touched_at)]
        waited = sorted(each.waited.total_seconds() / 3600 for each in did if each.waited is not None)
        middle = (waited[(len(waited) - 1) // 2] + waited[len(waited) // 2]) / 2
        assert told[name].median_hours == pytest.approx(middle, abs=0.006)
