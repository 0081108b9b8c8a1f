"""What a hand-off under way asks for: one table of situations, on a fixed clock."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crmsync.hand_off import HandOffRecord, LiveHandOff, Setting, Verdict, clock_of, judge
from crmsync.model import HandOffStep
from crmsync.qualify.language.hand_overs import the_hand_off
from crmsync.qualify.language.ladder import HandOff
from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
"""Nine o'clock: the receiver begins to work."""
ROSTER = resolved(
    roster_of(
        [
            {"user": "ann@firm.example", "role": "ae", "hours": {"mon-fri": "09:00-17:00"}},
            {"user": "ben@firm.example", "role": "ae"},
            {"user": "bert@firm.example", "role": "bdr"},
        ]
    )
)
RULES: Mapping[str, Any] = {
    "stage": "sql",
    "task": {"accepted_by": ["completed"], "returned_by": ["canceled"]},
    "first_touch": {"within_hours": 4, "remind_after_hours": 4, "reassign_after_hours": 8},
    "returned": {"to": "bdr", "at_most": 2, "again_after_days": 7},
}


def hand_off(**more: Any) -> HandOffRecord:
    values = {
        "id": 1,
        "lead": "a",
        "attempt": 1,
        "bdr": "bert",
        "receiver": "ann",
        "pool": "receivers",
        "handed_at": MONDAY,
        **dict.fromkeys(
            ("touched_at", "accepted_at", "reminded_at", "returned_at", "reason", "ended_at", "ended_by")
        ),
    }
    return HandOffRecord(**{**values, **more})


def live(record: Mapping[str, Any] | None = None, **more: Any) -> LiveHandOff:
    usual = {
        "owner": "ann",
        "stage": "sql",
        "managed": True,
        "returns": 0,
        "had_it": (),
        "native": {},
        "touch": None,
        "task_outcomes": (),
    }
    return LiveHandOff(hand_off(**(record or {})), **{**usual, **more})


def judged(
    state: LiveHandOff,
    hours: float = 1,
    active: tuple[str, ...] = ("ann", "ben", "bert"),
    leavers: tuple[str, ...] = (),
    taken_back: tuple[str, ...] = (),
    **rules: Any,
) -> Verdict:
    """The verdict so many hours after the hand-off."""
    now = MONDAY + timedelta(hours=hours)
    return judge(
        state,
        Setting(
            policy=the_hand_off(HandOff.model_validate({**RULES, **rules})),
            stages={"sql", "sqo"},
            roster=ROSTER,
            active=active,
            answer=lambda each: each.native.get("answer"),  # type: ignore[arg-type,return-value]
            reason=lambda each: each.native.get("reason"),
            local_day=datetime.date,
            now=now,
            as_of=now.date(),
            queues={"desk"},
            leavers=leavers,
            taken_back=taken_back,
        ),
    )


def told(verdict: Verdict) -> tuple[str | None, str | None, str | None]:
    """(what a change would be, to whom by name, what ended it)."""
    order, event = verdict.order, verdict.event
    move = verdict.step.move if verdict.step else ("waits" if order and order.waits else None)
    return move, order.to if order else None, event.ended_by if event else None


RETURNED = {"native": {"answer": "returned"}}
WAITING = {"owner": "bert", "returns": 1}
BACK: Mapping[str, Any] = {"returned_at": MONDAY + timedelta(hours=1)}

SITUATIONS: Mapping[str, tuple[LiveHandOff, float, tuple[str | None, str | None, str | None]]] = {
    "just handed off": (live(), 1, (None, None, None)),
    "a minute before the time is over": (live(), 3.98, (None, None, None)),
    "the time is over: a reminder": (live(), 4, ("reminded", None, None)),
    "reminded already": (live({"reminded_at": MONDAY + timedelta(hours=4)}), 5, (None, None, None)),
    "still late in the evening, the clock stands": (live({"reminded_at": MONDAY}), 14, ("reassigned", None, None)),
    "a whole working day is over": (live(), 8, ("reassigned", None, None)),
    "touched in time": (live(touch=MONDAY + timedelta(hours=3)), 30, (None, None, None)),
    "touched too late, but touched": (live(touch=MONDAY + timedelta(hours=6)), 7, (None, None, None)),
    "touched in an earlier run": (live({"touched_at": MONDAY}), 30, (None, None, None)),
    "accepted in the field": (live(native={"answer": "accepted"}), 30, (None, None, None)),
    "accepted by the task": (live(task_outcomes=("completed",)), 30, (None, None, None)),
    "returned in the field": (live(**RETURNED), 1, ("returned", "bert", None)),
    "returned by the task": (live(task_outcomes=("canceled",)), 1, ("returned", "bert", None)),
    "the field is asked before the task": (
        live(native={"answer": "accepted"}, task_outcomes=("canceled",)),
        1,
        (None, None, None),
    ),
    "returned after it was accepted": (live({"accepted_at": MONDAY}, **RETURNED), 30, ("returned", "bert", None)),
    "returned, and nobody handed it off": (live({"bdr": None}, **RETURNED), 1, ("passed_on", None, None)),
    "returned too often": (live(**RETURNED, returns=2), 1, (None, None, None)),
    "waits with the one who handed it off": (live(BACK, **WAITING, **RETURNED), 5, ("waits", None, None)),
    "the answer was taken back": (live(BACK, **WAITING), 5, (None, None, "again")),
    "a week has passed": (live(BACK, **WAITING, **RETURNED), 7 * 24, (None, None, "again")),
    "a week less a day": (live(BACK, **WAITING, **RETURNED), 6 * 24, ("waits", None, None)),
    "waits for a person, whatever the answer": (live(BACK, owner="bert", returns=2), 5, ("waits", None, None)),
    "a person gave it to somebody else": (live(owner="ben"), 30, (None, None, "taken_over")),
    "a person took it from the one with whom it waits": (
        live(BACK, owner="ben", returns=1),
        5,
        (None, None, "taken_over"),
    ),
    "nobody owns it any more": (live(owner=None), 30, (None, None, "taken_over")),
    "disqualified": (live(stage="disqualified"), 30, (None, None, "left_ladder")),
    "a customer by now": (live(stage=None, managed=False), 30, (None, None, "left_ladder")),
    "nobody else could take it, so it stands in a queue": (live(owner="desk"), 30, ("reassigned", None, None)),
    "returned, and nobody else could take it": (live(owner="desk", **RETURNED), 30, ("passed_on", None, None)),
    "a person put into a queue what waits": (live(BACK, owner="desk", returns=1), 5, (None, None, "taken_over")),
    "the receiver is not in the roster": (live({"receiver": "zoe"}, owner="zoe"), 300, (None, None, None)),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_situations(name: str) -> None:
    state, hours, expected = SITUATIONS[name]
    assert told(judged(state, hours)) == expected


@pytest.mark.parametrize(
    ("state", "ended"),
    [
        (live(stage="mql"), None),
        (live(BACK, **WAITING, stage="mql"), None),
        (live(stage=None, managed=False), "left_ladder"),
        (live(stage="mql", owner="ben"), "taken_over"),
    ],
)
def test_a_hand_off_outlives_that_its_stage_is_taken_back(state: LiveHandOff, ended: str | None) -> None:
    assert told(judged(state, 30, taken_back=("a",))) == (None, None, ended)
    assert told(judged(state, 30, taken_back=("b",)))[2] is not None


def test_what_is_learnt_is_told_once() -> None:
    first = judged(live(touch=MONDAY + timedelta(hours=3)), 4)
    assert first.event is not None
    assert first.event.touched_at == MONDAY + timedelta(hours=3)
    again = live({"touched_at": MONDAY + timedelta(hours=3)}, touch=MONDAY + timedelta(hours=3))
    assert judged(again, 5).event is None


def test_a_touch_of_a_day_without_a_time_does_not_lie_in_the_future() -> None:
    verdict = judged(live(touch=MONDAY + timedelta(hours=15)), 4)
    assert verdict.event is not None
    assert verdict.event.touched_at == MONDAY + timedelta(hours=4)


def test_whom_a_lead_does_not_go_to_again() -> None:
    verdict = judged(live(had_it=("ben",), **RETURNED), returned={"to": "next"})
    assert verdict.order is not None
    assert verdict.order.not_to == {"ben": "had this lead before", "ann": "gave it back"}


def test_without_a_rule_for_it_an_answer_moves_nothing() -> None:
    assert told(judged(live(**RETURNED), 1, returned=None)) == (None, None, None)
    assert told(judged(live(), 300, first_touch=None)) == (None, None, None)


def test_a_bdr_who_has_left_gets_nothing_back() -> None:
    assert told(judged(live(**RETURNED), 1, active=("ann", "ben"))) == ("passed_on", None, None)


def test_a_lead_in_a_queue_does_not_go_back_to_the_one_who_had_it() -> None:
    verdict = judged(live(owner="desk", had_it=("ben",), **RETURNED))
    assert verdict.order is not None
    assert verdict.order.not_to == {"ben": "had this lead before", "ann": "gave it back"}


def test_another_owner_while_a_lead_is_with_its_receiver_is_the_next_attempt() -> None:
    """Whoever gave it back before does not get it when the receiver is gone; the bdr stays who it was."""
    verdict = judged(live(had_it=("ben",)))
    assert verdict.with_receiver == hand_off()
    assert verdict.order is not None
    assert not verdict.order.moves
    assert set(verdict.order.not_to) == {"ann", "ben"}


def test_what_waits_with_a_leaver_goes_to_the_next_receiver() -> None:
    waiting = live(BACK, **WAITING, **RETURNED)
    verdict = judged(waiting, 5, leavers=("bert",))
    assert verdict.step == HandOffStep("handed", 2, "bert")
    assert verdict.order is not None
    assert not verdict.order.waits
    assert verdict.order.not_to == {"ann": "gave it back"}
    often = judged(live(BACK, **{**WAITING, "returns": 2}, **RETURNED), 5, leavers=("bert",))
    assert often.stuck, "a person has to decide, also now"


CLOCKS = [
    # handed off, hours allowed, due, words
    (datetime(2026, 11, 16, 9, tzinfo=UTC), 4, datetime(2026, 11, 16, 13, tzinfo=UTC)),
    (datetime(2026, 11, 16, 16, tzinfo=UTC), 4, datetime(2026, 11, 17, 12, tzinfo=UTC)),
    (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), 1, datetime(2026, 11, 23, 9, 30, tzinfo=UTC)),
    (datetime(2026, 11, 21, 3, tzinfo=UTC), 1, datetime(2026, 11, 23, 10, tzinfo=UTC)),
]


@pytest.mark.parametrize(("handed_at", "hours", "due"), CLOCKS)
def test_the_clock_counts_working_hours_only(handed_at: datetime, hours: float, due: datetime) -> None:
    policy = HandOff.model_validate({"stage": "sql", "first_touch": {"within_hours": hours}})
    assert policy.first_touch is not None
    record = hand_off(handed_at=handed_at)
    clock = clock_of(record, policy.first_touch, ROSTER, due)
    assert clock is not None
    assert (clock.due_at, clock.late, clock.waited) == (due, False, timedelta(hours=hours))
    late = clock_of(record, policy.first_touch, ROSTER, due + timedelta(minutes=1))
    assert late is not None
    assert late.late
    ended = clock_of(replace(record, ended_at=handed_at), policy.first_touch, ROSTER, due + timedelta(days=9))
    assert ended is not None
    assert (ended.late, ended.waited) == (False, timedelta())


def test_a_policy_that_takes_a_lead_away_too_early_is_refused() -> None:
    with pytest.raises(ValueError, match="before its time is over"):
        HandOff.model_validate({"stage": "sql", "first_touch": {"within_hours": 4, "reassign_after_hours": 2}})
