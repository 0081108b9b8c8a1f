"""What a change of owner is in the course of a hand-off: which step, who handed off, whose answer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crmsync.hand_off import Completing, HandOffRecord, Verdict
from crmsync.mapping import HandOffMapping
from crmsync.model import Change, HandOffStep
from crmsync.qualify.language.hand_overs import HandOver, the_hand_off
from crmsync.qualify.language.ladder import HandOff, Task
from crmsync.values import replace

sys.path.insert(0, str(Path(__file__).parents[2] / "cases" / "route"))
from routing_world import resolved, roster_of

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
ROSTER = roster_of(
    [
        {"user": "ann@firm.example", "role": "ae"},
        {"user": "ben@firm.example", "role": "ae"},
        {"user": "gone@firm.example", "role": "ae"},
        {"user": "bert@firm.example", "role": "bdr"},
    ]
)
MAPPED = HandOffMapping.model_validate(
    {
        "bdr": "Bdr__c",
        "response": {"field": "Answer__c", "accepted": "yes", "returned": "no"},
        "task": {"object": "Task", "subject": "Subject", "owner": "OwnerId"},
    }
)
UNDER_WAY = HandOffRecord(3, "a", 1, "bert", "gone", "receivers", NOW, *(None,) * 7)  # type: ignore[arg-type]


def completed(
    before: str | None, after: str, verdict: Verdict | None = None, stage: str = "sql", **native: str | None
) -> Change:
    """A change of owner (or none), completed."""
    writes: Mapping[str, Any] = {"OwnerId": (before, after)} if before != after else {}
    change = Change("a", stage, stage, before, after, writes, {}, ("because",))
    completing = Completing(
        policy=the_hand_off(HandOff.model_validate({"stage": "sql", "task": {"subject": "Call"}})),
        mapped=MAPPED,
        stages={"sql", "sqo"},
        roster=resolved(ROSTER, inactive=["gone"]),
        people={"ann", "ben", "gone", "bert", "out"},
        now=NOW,
    )
    return completing.completed(change, native, verdict=verdict or Verdict(), attempts=1)


def test_who_handed_off_is_the_owner_before() -> None:
    step = HandOffStep("handed", 2, "bert", answer="Answer__c")
    change = completed("bert", "ann", Answer__c="no")
    assert change.hand_off == step
    assert change.writes == {"OwnerId": ("bert", "ann"), "Bdr__c": (None, "bert"), "Answer__c": ("no", None)}
    assert [record.values["Subject"] for record in change.creates] == ["Call (hand-off 2)"]


def test_an_owner_who_is_not_in_the_roster_does_not_replace_who_is_recorded() -> None:
    change = completed("out", "ann", Bdr__c="bert")
    assert change.hand_off is not None
    assert change.hand_off.bdr == "bert"
    assert "Bdr__c" not in change.writes, "it may be an AE who was taken out of the roster"
    first = completed("out", "ann")
    assert first.hand_off is not None
    assert first.hand_off.bdr == "out", "nobody else is known"


def test_a_receiver_who_has_left_is_not_who_handed_off() -> None:
    change = completed("gone", "ann", Bdr__c="bert")
    assert change.hand_off is not None
    assert (change.hand_off.move, change.hand_off.bdr) == ("handed", "bert")
    assert "Bdr__c" not in change.writes, "who handed off stays"
    unknown = completed("gone", "ann", Bdr__c="a name that nobody has")
    assert unknown.hand_off is not None
    assert unknown.hand_off.bdr is None
    assert "Bdr__c" not in unknown.writes


def test_a_lead_that_its_receiver_leaves_is_reassigned_with_whoever_handed_it_off() -> None:
    change = completed("gone", "ann", Verdict(with_receiver=UNDER_WAY))
    assert change.hand_off == HandOffStep("reassigned", 2, "bert", answer="Answer__c")


def test_a_reminder_that_is_overtaken_by_another_owner_is_a_hand_off_all_the_same() -> None:
    reminded = HandOffStep("reminded", 1, "bert")
    verdict = Verdict(step=reminded, words="the owner is reminded", with_receiver=UNDER_WAY)
    change = completed("gone", "ann", verdict)
    assert change.hand_off is not None
    assert (change.hand_off.move, change.hand_off.attempt) == ("reassigned", 2)
    assert [record.values["Subject"] for record in change.creates] == ["Call (hand-off 2)"]
    assert change.reasons == ("because",), "nobody is reminded"
    stays = completed("ann", "ann", verdict)
    assert stays.hand_off == reminded
    assert [record.values["Subject"] for record in stays.creates] == ["Reminder: Call (hand-off 1)"]


def test_nobody_is_reminded_of_a_lead_that_falls_below_the_line() -> None:
    verdict = Verdict(step=HandOffStep("reminded", 1, "bert"), with_receiver=UNDER_WAY)
    change = completed("ann", "ann", verdict, stage="mql")
    assert (change.hand_off, change.creates) == (None, ())


def test_what_goes_into_a_queue_is_no_hand_off() -> None:
    change = completed("gone", "queue-desk", Verdict(with_receiver=UNDER_WAY))
    assert change == replace(change, hand_off=None, creates=())


def test_a_receiver_whom_another_hand_over_recorded_did_not_hand_off() -> None:
    rules = {"to_bdr": [{"pool": "bdrs"}], "to_ae": [{"pool": "receivers"}]}
    people = [{"user": f"{name}@firm.example", "role": role} for name, role in (("ann", "ae"), ("bert", "bdr"))]
    to_bdr = HandOver(name="to_bdr", stage="sal", task=Task(subject="Qualify"))
    completing = Completing(
        policy=to_bdr,
        mapped=MAPPED,
        stages={"sal", "sql"},
        roster=resolved(roster_of(people, rules=rules)),
        people={"ann", "bert", "out"},
        now=NOW,
        names=("to_bdr", "to_ae"),
    )
    change = Change("a", "sql", "sal", "ann", "bert", {"OwnerId": ("ann", "bert")}, {}, ("because",))
    for recorded, bdr in (("bert", None), ("out", "out")):
        found = completing.completed(change, {"Bdr__c": recorded}).hand_off
        assert found is not None
        assert (found.hand_over, found.bdr) == ("to_bdr", bdr)
