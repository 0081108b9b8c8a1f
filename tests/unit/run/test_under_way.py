"""Hand-offs under way, held against policy, roster and clock: what they ask of a run, and what reading has told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from small_firm import POLICY, Firm

from crmsync.run.under_way import UnderWay, hand_offs_under_way, remember_learnt

AN_HOUR = timedelta(hours=1)
PROCESS = POLICY.replace(
    "hand_off: {stage: sql, task: {subject: Call}}",
    """hand_off:
  stage: sql
  task: {subject: Call, accepted_by: [done], returned_by: [declined]}
  first_touch: {within_hours: 2, remind_after_hours: 2, kinds: [call]}
  returned: {to: bdr, at_most: 1}
""",
)
NO_PROCESS = POLICY.replace(", task: {subject: Call}", "")
NO_HAND_OFF = POLICY.replace("hand_off: {stage: sql, task: {subject: Call}}", "")


def asked(firm: Firm, *leavers: str) -> UnderWay:
    return hand_offs_under_way(
        firm.prepared, firm.store, now=firm.now, as_of=firm.now.date(), leavers=frozenset(leavers)
    )


@pytest.fixture
def handed(founded: Callable[..., Firm]) -> Firm:
    """Two leads are handed off, to ann and to abe, and have their task."""
    firm = founded(policy=PROCESS)
    for lead in ("a", "b"):
        firm.crm.records[lead]["Heat"] = "hot"
    firm.run()
    assert firm.owners() == {"a": "ann", "b": "abe", "c": "bea"}
    return firm


def pulled(firm: Firm) -> UnderWay:
    """What hand-offs ask once the CRM's news is read."""
    firm.run(dry_run=True)
    return asked(firm)


def test_a_policy_without_a_process_watches_nothing(founded: Callable[..., Firm]) -> None:
    bare = asked(founded(policy=NO_PROCESS))
    assert (bare.watching, set(bare.completing)) == (False, {None})
    none = asked(founded(policy=NO_HAND_OFF))
    assert (none.watching, none.completing, none.asking, none.notes) == (False, {}, (), ())


def test_fresh_hand_offs_ask_for_nothing(handed: Firm) -> None:
    found = pulled(handed)
    assert found.watching
    assert (set(found.verdicts), found.asking, found.learnt(None)) == ({"a", "b"}, (), ())
    assert found.attempts == {("a", None): 1, ("b", None): 1}


def test_one_who_was_not_in_touch_is_reminded_once(handed: Firm) -> None:
    handed.now += 3 * AN_HOUR
    handed.did("b", "call", by="abe", at=handed.now - AN_HOUR)
    found = pulled(handed)
    assert (found.asking, found.reminded) == (("a",), ("a",))
    assert [event.touched_at for event in found.learnt(None)] == [handed.now - AN_HOUR]
    plan = handed.run()
    assert [(change.lead, change.hand_off and change.hand_off.move) for change in plan.changes] == [("a", "reminded")]
    assert asked(handed).reminded == ()
    assert handed.run().changes == ()


def test_a_returned_lead_asks_to_be_moved_though_nothing_else_has_changed(handed: Firm) -> None:
    handed.now += AN_HOUR
    handed.crm.created["Task-1"]["Outcome"] = "declined"
    handed.crm.created["Task-1"]["Kind"] = "task"
    handed.crm.created["Task-1"]["At"] = handed.now.isoformat()
    found = pulled(handed)
    assert found.asking == ("a",)
    assert found.orders["a"].to == "bea"
    assert handed.run().outcomes == {"a": "written"}
    assert handed.owners()["a"] == "bea"


def test_a_lead_that_was_returned_too_often_is_told(handed: Firm) -> None:
    for _ in range(2):
        handed.now += AN_HOUR
        handed.crm.created["Task-1"].update(Outcome="declined", Kind="task", At=handed.now.isoformat())
        handed.run()
    found = asked(handed)
    assert found.notes == ("returned as often as the policy allows, so a person has to decide: 1 (a)",)


def test_a_run_for_some_leads_looks_at_theirs_only(handed: Firm) -> None:
    handed.now += 3 * AN_HOUR
    found = pulled(handed)
    assert found.asking == ("a", "b")
    assert found.only(["b", "c"]).asking == ("b",)


def test_what_reading_has_told_is_remembered_when_the_run_says_so(handed: Firm) -> None:
    handed.now += AN_HOUR
    handed.did("a", "call", by="ann")
    found = pulled(handed)
    assert [each.touched_at for each in handed.store.hand_offs.read(handed.name)] == [None, None], "a dry run"
    remember_learnt(handed.prepared, handed.store, found, now=handed.now)
    assert [each.touched_at for each in handed.store.hand_offs.read(handed.name)] == [handed.now, None]


def test_hand_offs_end_with_the_process(handed: Firm) -> None:
    handed.texts = {"policy": NO_PROCESS}
    handed.run()
    assert [each.ended_by for each in handed.store.hand_offs.read(handed.name)] == ["switched_off"] * 2
