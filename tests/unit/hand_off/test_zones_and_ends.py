"""Days of a hand-off are somebody's own days; and what is made or reset by which step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crmsync.hand_off import Completing, HandOffRecord, LiveHandOff, Setting, Verdict, judge
from crmsync.hand_off.task import hand_off_task
from crmsync.mapping import HandOffMapping, HandOffTask
from crmsync.model import Change, HandOffStep
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import HandOff

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
ROSTER = resolved(
    roster_of(
        [
            {
                "user": "ann@firm.example",
                "role": "ae",
                "time_zone": "Pacific/Auckland",
                "hours": {"mon-fri": "09:00-17:00"},
            },
            {"user": "ben@firm.example", "role": "ae"},
            {"user": "bert@firm.example", "role": "bdr"},
        ]
    )
)
POLICY: Mapping[str, Any] = {
    "stage": "sql",
    "task": {"subject": "Call"},
    "returned": {"to": "bdr", "at_most": 3, "again_after_days": 7},
}


def waiting(returned_at: datetime, as_of: date, zone: str) -> Verdict:
    """The verdict on a lead that waits with its BDR since then."""
    record = HandOffRecord(
        1, "a", 1, "bert", "ann", "receivers", MONDAY, None, None, None, returned_at, None, None, None
    )
    live = LiveHandOff(
        hand_off=record,
        owner="bert",
        stage="sql",
        managed=True,
        returns=1,
        had_it=(),
        native={"answer": "returned"},
        touch=None,
        task_outcomes=(),
    )
    setting = Setting(
        policy=the_hand_off(HandOff.model_validate(POLICY)),
        stages={"sql"},
        roster=ROSTER,
        active={"ann", "ben", "bert"},
        answer=lambda each: each.native["answer"],  # type: ignore[arg-type,return-value]
        reason=lambda _: None,
        local_day=lambda instant: instant.astimezone(ZoneInfo(zone)).date(),
        now=datetime.combine(as_of, datetime.min.time(), UTC),
        as_of=as_of,
    )
    return judge(live, setting)


@pytest.mark.parametrize(
    ("zone", "as_of", "again"),
    [
        ("UTC", date(2026, 11, 23), False),
        ("UTC", date(2026, 11, 24), True),
        ("America/New_York", date(2026, 11, 22), False),
        ("America/New_York", date(2026, 11, 23), True),
    ],
)
def test_the_days_of_waiting_are_the_orgs(zone: str, as_of: date, again: bool) -> None:
    """Returned at 02:00 UTC on the 17th, which is the 16th in New York."""
    assert waiting(MONDAY + timedelta(hours=17), as_of, zone).again is again


def test_a_tasks_day_is_the_receivers() -> None:
    """Four working hours from Sunday evening UTC: Monday 13:00 in Auckland, which is Monday 00:00 in UTC."""
    mapped = HandOffTask.model_validate({"object": "Task", "subject": "S", "owner": "O", "due": "Due"})
    policy = the_hand_off(HandOff.model_validate({**POLICY, "task": {"subject": "Call", "due_hours": 3}}))
    sunday = datetime(2026, 11, 15, 20, tzinfo=UTC)  # 09:00 on Monday in Auckland
    record = hand_off_task(mapped, policy, ROSTER, receiver="ann", attempt=1, reasons=(), now=sunday)
    assert record.values["Due"] == "2026-11-16", "11:00 or so on Sunday would be the 15th"


MAPPED = HandOffMapping.model_validate(
    {
        "bdr": "Bdr",
        "response": {"field": "Answer", "pending": "open", "accepted": "yes", "returned": "no"},
        "task": {"object": "Task", "subject": "Subject", "owner": "OwnerId"},
    }
)


def completed(before: str, after: str, step: HandOffStep) -> Change:
    change = Change("a", "sql", "sql", before, after, {"OwnerId": (before, after)}, {}, ("because",))
    completing = Completing(
        policy=the_hand_off(HandOff.model_validate(POLICY)),
        mapped=MAPPED,
        stages={"sql"},
        roster=ROSTER,
        people={"ann", "ben", "bert"},
        now=MONDAY,
    )
    native = {"Answer": "no", "Bdr": "bert"}
    return completing.completed(change, native, verdict=Verdict(step=step, words="so it is"), attempts=step.attempt)


def test_a_returned_lead_brings_its_bdr_no_task_and_keeps_the_answer() -> None:
    change = completed("ann", "bert", HandOffStep("returned", 1, "bert"))
    assert (change.hand_off, change.creates) == (HandOffStep("returned", 1, "bert"), ())
    assert change.writes == {"OwnerId": ("ann", "bert")}


@pytest.mark.parametrize("move", ["passed_on", "reassigned", "handed"])
def test_whoever_has_it_next_has_not_answered_yet(move: str) -> None:
    change = completed("ann", "ben", HandOffStep(move, 1, "bert"))  # type: ignore[arg-type]
    assert change.writes["Answer"] == ("no", "open")
    assert change.hand_off == HandOffStep(move, 2, "bert", answer="Answer")  # type: ignore[arg-type]
    assert [record.values["OwnerId"] for record in change.creates] == ["ben"]
