"""Named clocks: where each starts, whose hours it counts, what stops it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from crmsync.hand_off import ClockReading, ClockRoom, HandOffRecord
from crmsync.qualify.language.clocks import NamedClock
from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
sys.path.insert(0, str(Path(__file__).parent))
from routing_world import resolved, roster_of
from test_judge import MONDAY, hand_off

WEEK = {"mon-fri": "09:00-17:00"}
LEADS = {
    "hours": WEEK,
    "zones": {"US": "America/Chicago"},
    "holidays": {"Norway": ["norway"]},
}
AWAY = {"from": "2026-11-17", "to": "2026-11-17"}
ROSTER = resolved(
    roster_of(
        [
            {
                "user": "ann@firm.example",
                "role": "ae",
                "hours": WEEK,
                "absences": [{"from": "2026-11-17", "to": "2026-11-17"}],
            }
        ],
        lead_hours=LEADS,
        holidays={"norway": {"days": ["2026-11-17"]}},
    )
)


def read(record: HandOffRecord, hours: float, **clock: Any) -> ClockReading:
    room = ClockRoom(ROSTER, ZoneInfo("UTC"), MONDAY + timedelta(hours=hours))
    return room.read(NamedClock.model_validate({"name": "c", **clock}), record)


def due(record: HandOffRecord, **clock: Any) -> datetime | None:
    return read(record, 100, **clock).due_at


def test_the_three_starts() -> None:
    record = hand_off(created_at=datetime(2026, 11, 13, 15, tzinfo=UTC), staged_on=date(2026, 11, 13))
    assert due(record, starts="assigned", within_hours=2) == MONDAY + timedelta(hours=2)
    assert due(record, starts="created", within_hours=3) == MONDAY + timedelta(hours=1), "Friday 15:00 to Monday"
    assert due(record, starts="stage", within_hours=2) == MONDAY + timedelta(hours=2), "Friday counts from its end"
    today = replace(record, staged_on=MONDAY.date())
    assert read(today, 1, starts="stage", within_hours=2).started_at == MONDAY, "at the latest with the hand-off"


@pytest.mark.parametrize("starts", ["created", "stage"])
def test_an_unknown_start_is_unknown_and_not_late(starts: str) -> None:
    reading = read(hand_off(), 5000, starts=starts, within_hours=1)
    assert (reading.standing, reading.late, reading.due_at, reading.waited) == ("unknown", False, None, None)


def test_nobody_s_hours_are_unknown() -> None:
    gone = hand_off(receiver="zoe")
    assert read(gone, 5, within_hours=1).standing == "unknown"
    assert read(gone, 5, within_hours=1, zone="lead").standing == "unknown", "nothing tells the lead's zone"
    there = replace(gone, told={"country": "Norway"})
    assert read(there, 5, within_hours=1, zone="lead").standing == "late"


def test_the_lead_s_zone_by_fact_by_country_and_by_what_is_declared() -> None:
    def zone(**told: str) -> str | None:
        return read(hand_off(told=told), 1, within_hours=1, zone="lead").zone

    assert zone() == "UTC", "the receiver's"
    assert zone(country="Germany") == "Europe/Berlin", "its two zones show the same"
    assert zone(country="no") == "Europe/Oslo"
    assert zone(country="Spain") == "UTC", "three zones, and none is declared"
    assert zone(country="United States") == zone(country="US") == "America/Chicago"
    assert zone(country="Norway", time_zone="asia/tokyo") == "Asia/Tokyo"
    assert zone(country="Norway", time_zone="CET (Oslo)") == "Europe/Oslo", "no zone; the country says it"


def test_the_lead_s_hours_and_holidays_count_and_not_the_receiver_s() -> None:
    chicago = hand_off(told={"country": "US"})
    assert due(chicago, within_hours=1, zone="lead") == datetime(2026, 11, 16, 16, tzinfo=UTC), "from 15:00 UTC on"
    late = hand_off(handed_at=datetime(2026, 11, 16, 15, tzinfo=UTC))
    assert due(late, within_hours=4) == datetime(2026, 11, 18, 11, tzinfo=UTC), "ann is away on Tuesday"
    norway = replace(late, told={"country": "Norway"})
    assert due(norway, within_hours=4, zone="lead") == datetime(2026, 11, 18, 11, tzinfo=UTC), "a holiday there"
    germany = replace(late, told={"country": "Germany"})
    assert due(germany, within_hours=4, zone="lead") == datetime(2026, 11, 17, 11, tzinfo=UTC), "none there"


def test_working_days_end_with_their_work() -> None:
    friday = hand_off(handed_at=datetime(2026, 11, 13, 9, tzinfo=UTC))
    assert due(friday, within_days=1) == datetime(2026, 11, 16, 17, tzinfo=UTC)
    assert due(friday, within_days=2) == datetime(2026, 11, 18, 17, tzinfo=UTC), "Tuesday is an absence"


def test_what_stops_a_clock() -> None:
    touched = hand_off(touched_at=MONDAY + timedelta(hours=1))
    assert read(touched, 9, within_hours=2).standing == "in_time"
    assert read(touched, 9, within_hours=2, until="accepted").standing == "late"
    accepted = hand_off(accepted_at=MONDAY + timedelta(hours=1))
    assert read(accepted, 9, within_hours=2, until="accepted").standing == "in_time"
    queued = hand_off(queued_at=MONDAY + timedelta(hours=1), queue="desk")
    assert read(queued, 9, within_hours=2).standing == "ended", "whoever lost it waits no longer"
    assert read(hand_off(), 1, within_hours=2).standing == "running"


def test_a_clock_has_one_time_and_takes_no_lead_from_one_who_has_just_got_it() -> None:
    for wrong in (
        {},
        {"within_hours": 1, "within_days": 1},
        {"within_hours": 1, "starts": "created", "reassign_to": "next"},
        {"within_hours": 1, "reassign_to": "somebody"},
        {"within_hours": 1, "reassign_to": {"pool": "a", "queue": "b"}},
    ):
        with pytest.raises(ValidationError):
            NamedClock.model_validate({"name": "c", **wrong})
