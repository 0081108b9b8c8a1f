"""The task for the receiver, in the CRM's own fields: who, what, why, until when."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crmsync.hand_off.task import hand_off_task, reminder_task
from crmsync.mapping import HandOffTask
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import HandOff

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

FRIDAY = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)
"""Half past eight in the evening for Ann, twenty past three in the afternoon for Ben."""
HOURS = {"mon-fri": "09:00-17:00"}
ROSTER = resolved(
    roster_of(
        [
            {"user": "ann@firm.example", "role": "ae", "hours": HOURS, "time_zone": "Asia/Kathmandu"},
            {"user": "ben@firm.example", "role": "ae", "hours": HOURS},
        ]
    )
)
MAPPED: Mapping[str, Any] = {"object": "Task", "subject": "Subject", "owner": "OwnerId"}
REASONS = ("asked for a <demo> & a price", "next in the rotation")


def made(receiver: str, *, remind: bool = False, policy: Mapping[str, Any] | None = None, **mapped: Any) -> Any:
    make = reminder_task if remind else hand_off_task
    record = make(
        HandOffTask.model_validate({**MAPPED, **mapped}),
        the_hand_off(HandOff.model_validate({"stage": "sql", "task": {"subject": "Call"}, **(policy or {})})),
        ROSTER,
        receiver=receiver,
        attempt=2,
        reasons=REASONS,
        now=FRIDAY,
    )
    assert (record.object, record.known_by) == ("Task", ("Subject",))
    return record.values


def test_subject_and_owner_are_there_and_fixed_values() -> None:
    assert made("ann", set={"Priority": "High"}) == {
        "Subject": "Call (hand-off 2)",
        "OwnerId": "ann",
        "Priority": "High",
    }
    assert made("ann", remind=True)["Subject"] == "Reminder: Call (hand-off 2)"


def test_reasons_are_lines_or_where_the_crm_shows_html_a_list() -> None:
    assert made("ann", body="Why")["Why"] == "- asked for a <demo> & a price\n- next in the rotation"
    html = made("ann", body={"field": "Why", "type": "html"})["Why"]
    assert html == "<ul><li>asked for a &lt;demo&gt; &amp; a price</li><li>next in the rotation</li></ul>"


DUE = {
    # receiver, policy, kind of field: value
    "four working hours, over the weekend": ("ben", {"due_hours": 4}, "datetime", "2026-11-23T12:00:00Z"),
    "the day in the receiver's zone": ("ann", {"due_hours": 4}, "date", "2026-11-23"),
    "by default the time for the first contact": ("ben", {}, "datetime", "2026-11-20T17:00:00Z"),
}


@pytest.mark.parametrize("name", DUE)
def test_due(name: str) -> None:
    receiver, task, kind, expected = DUE[name]
    policy = {"task": task, "first_touch": {"within_hours": 1.5}}
    assert made(receiver, policy=policy, due={"field": "Due", "type": kind})["Due"] == expected


def test_without_any_time_it_is_due_now_as_is_a_reminder() -> None:
    assert made("ann", due="Due")["Due"] == "2026-11-20"
    remind = made("ben", remind=True, policy={"first_touch": {"within_hours": 9}}, due="Due")
    assert remind["Due"] == "2026-11-20"
