"""What stops the receiver's clock."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crmsync.hand_off import HandOffRecord, clock_of
from crmsync.qualify.language.ladder import FirstTouch

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
ROSTER = resolved(roster_of([{"user": "ann@firm.example", "role": "ae", "hours": {"mon-fri": "09:00-17:00"}}]))


@pytest.mark.parametrize("answer", ["touched_at", "accepted_at", "returned_at", "ended_at"])
def test_what_came_in_time_never_becomes_late(answer: str) -> None:
    names = ("touched_at", "accepted_at", "reminded_at", "returned_at", "reason", "ended_at", "ended_by")
    times = {**dict.fromkeys(names), answer: MONDAY + timedelta(hours=3)}
    hand_off = HandOffRecord(1, "a", 1, "bert", "ann", "receivers", MONDAY, **times)  # type: ignore[arg-type]
    clock = clock_of(hand_off, FirstTouch(within_hours=4), ROSTER, MONDAY + timedelta(days=30))
    assert clock is not None
    assert (clock.waited, clock.late) == (timedelta(hours=3), False)


def test_a_hand_off_of_the_future_has_its_deadline_from_now_on() -> None:
    """A clock that ran a year ahead gives nobody a year."""
    names = ("touched_at", "accepted_at", "reminded_at", "returned_at", "reason", "ended_at", "ended_by")
    ahead = MONDAY + timedelta(days=365)
    hand_off = HandOffRecord(1, "a", 1, "bert", "ann", "receivers", ahead, **dict.fromkeys(names))  # type: ignore[arg-type]
    clock = clock_of(hand_off, FirstTouch(within_hours=4, remind_after_hours=4), ROSTER, MONDAY)
    assert clock is not None
    assert (clock.due_at, clock.remind_at) == (MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=4))
    assert (clock.waited, clock.late) == (timedelta(0), False)
