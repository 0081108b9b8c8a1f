"""Where a timeout sends a lead, and what ends its stay in a queue."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync.hand_off import Setting, Verdict, judge
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import HandOff
from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parent))
from test_judge import MONDAY, ROSTER, live, told

TO_QUEUE = {"within_hours": 1, "reassign_after_hours": 4, "reassign_to": {"queue": "Desk"}}
TO_POOL = {"within_hours": 1, "reassign_after_hours": 4, "reassign_to": {"pool": "managers"}}
ACCEPTED = {"name": "answer", "until": "accepted", "within_hours": 2, "reassign_to": {"queue": "Desk"}}
PARKED: Mapping[str, Any] = {"queued_at": MONDAY + timedelta(hours=4), "queue": "desk"}


def judged(state: Any, hours: float, **rules: Any) -> Verdict:
    now = MONDAY + timedelta(hours=hours)
    setting = Setting(
        policy=the_hand_off(HandOff.model_validate({"stage": "sql", **rules})),
        stages={"sql", "sqo"},
        roster=ROSTER,
        active=("ann", "ben", "bert"),
        answer=lambda each: each.native.get("answer"),  # type: ignore[arg-type,return-value]
        reason=lambda each: each.native.get("reason"),
        local_day=lambda instant: instant.date(),
        now=now,
        as_of=now.date(),
        queues={"desk", "other"},
        queue_of=lambda target: "desk" if target.queue == "Desk" else None,
    )
    return judge(state, setting)


def test_the_queue_gets_it_when_the_time_is_over_and_not_before() -> None:
    assert judged(live(), 3.99, first_touch=TO_QUEUE).order.moves is False  # type: ignore[union-attr]
    verdict = judged(live(), 4, first_touch=TO_QUEUE)
    assert verdict.order is not None
    assert (verdict.order.queue, verdict.order.pool, verdict.order.moves) == ("desk", None, True)
    assert verdict.step is not None
    assert (verdict.step.move, verdict.step.attempt) == ("queued", 1), "it is no further hand-off"


def test_the_pool_gets_it_without_those_who_had_it() -> None:
    verdict = judged(live(had_it=("ben",)), 4, first_touch=TO_POOL)
    assert verdict.order is not None
    assert (verdict.order.pool, set(verdict.order.not_to)) == ("managers", {"ann", "ben"})
    assert verdict.step is not None
    assert (verdict.step.move, verdict.step.attempt) == ("reassigned", 2)


def test_a_touch_does_not_stop_what_waits_for_an_answer() -> None:
    touched = live(touch=MONDAY + timedelta(hours=1))
    assert told(judged(touched, 1.99, clocks=[ACCEPTED])) == (None, None, None)
    assert told(judged(touched, 2, clocks=[ACCEPTED]))[0] == "queued"
    assert told(judged(live(native={"answer": "accepted"}), 2, clocks=[ACCEPTED])) == (None, None, None)
    until_touched = {**ACCEPTED, "until": "touched"}
    assert told(judged(touched, 2, clocks=[until_touched])) == (None, None, None)


def test_the_first_contact_goes_before_the_clocks() -> None:
    verdict = judged(live(), 5, first_touch=TO_POOL, clocks=[ACCEPTED])
    assert verdict.order is not None
    assert (verdict.order.pool, verdict.order.queue) == ("managers", None)


@pytest.mark.parametrize("hours", [4, 30, 2000])
@pytest.mark.parametrize("answer", [None, "returned", "accepted"])
def test_it_stays_in_the_queue(hours: float, answer: str | None) -> None:
    """Whatever the answer field says: nobody has the lead whose answer it could be."""
    parked = live(PARKED, owner="desk", native={"answer": answer}, touch=MONDAY + timedelta(hours=3))
    verdict = judged(parked, hours, first_touch=TO_QUEUE, returned={})
    assert told(verdict) == ("waits", None, None)
    assert not verdict.asks


def test_what_ends_its_stay() -> None:
    parked = live(PARKED, owner="desk")
    for owner in ("ben", "ann", "bert", "other", None):
        assert told(judged(replace(parked, owner=owner), 5, first_touch=TO_QUEUE)) == (None, None, "taken_over")
    for gone in ({"stage": "mql"}, {"managed": False}):
        assert told(judged(replace(parked, **gone), 5, first_touch=TO_QUEUE)) == (None, None, "left_ladder")
    assert told(judged(replace(parked, stage="sqo"), 5, first_touch=TO_QUEUE))[0] == "waits", "one stage further"
