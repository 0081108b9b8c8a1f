"""The only writer, against a CRM in memory: every outcome."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from five_leads import AFTER, BEFORE, NAMES, NOW, TODAY, applied, change, intended, plan, states, turns

from crmsync.contract import Write
from crmsync.model import Change, NewRecord, SetAside
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.settle import settle_open
from crmsync.store import Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import due, lead_row
from crmsync.values import replace


def test_what_is_written_is_read_back_and_journaled(crm: MemoryCrm, store: Store) -> None:
    seen: list[tuple[int, int]] = []
    run = intended(store, *NAMES)
    report = apply_plan(
        crm,
        store,
        plan(*NAMES),
        "Lead",
        run_id=run,
        now=lambda: NOW,
        today=TODAY,
        progress=lambda *at: seen.append(at),
    )
    assert report == ApplyReport(outcomes=dict.fromkeys(NAMES, "written"))
    assert report.done == set(NAMES)
    assert crm.records == dict.fromkeys(NAMES, AFTER)
    assert crm.calls == ["read", "push", "read"] * 3, "in batches of what one call takes"
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert states(store) == dict.fromkeys(NAMES, "written")
    assert (lead_row(store, "c", "1")["owner"], turns(store)) == ("anna", 5)


def test_only_what_this_run_intended_is_written(crm: MemoryCrm, store: Store) -> None:
    run = intended(store, "1")
    report = apply_plan(crm, store, plan("1", "2"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert report.outcomes == {"1": "written"}
    assert crm.records["2"] == BEFORE


def test_a_value_that_is_already_there_is_not_written(crm: MemoryCrm, store: Store) -> None:
    crm.records["1"] = dict(AFTER)
    crm.records["2"] = BEFORE | {"OwnerId": "anna"}
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "unchanged", "2": "written"}
    assert crm.log == [("2", {"Status": "sql"})], "only the field that is missing"
    assert turns(store) == 2


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_text_is_nothing(crm: MemoryCrm, store: Store, nothing: str | None) -> None:
    crm.records["1"] = {"Status": "mql", "OwnerId": nothing}
    assert applied(crm, store, "1").outcomes == {"1": "written"}


def test_a_lead_that_somebody_changed_meanwhile_is_left_alone(crm: MemoryCrm, store: Store) -> None:
    crm.records["1"] = {"Status": "mql", "OwnerId": "ben"}
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert report.messages == {
        "1": "somebody else changed it meanwhile: OwnerId was empty when this was decided and is ben"
    }
    assert crm.records["1"] == {"Status": "mql", "OwnerId": "ben"}
    assert (due_now(store), turns(store)) == (["1"], 1)


def test_a_change_beside_what_is_written_is_a_conflict_too(crm: MemoryCrm, store: Store) -> None:
    run = store.runs.start("c", now=NOW, dry_run=False)
    only_stage = replace(change("1"), owner_after=None, writes={"Status": ("mql", "sql")}, beside={"OwnerId": None})
    one, two = only_stage, replace(only_stage, lead="2")
    store.journal.intend("c", run, [one, two], {}, now=NOW)
    crm.records["1"] = {"Status": "mql", "OwnerId": "ben"}
    report = apply_plan(crm, store, plan(), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert report.messages["1"].endswith("OwnerId was empty when this was decided and is ben")


def test_a_lead_that_is_gone_is_set_aside(crm: MemoryCrm, store: Store) -> None:
    crm.remove("1", "merged into 7")
    crm.before_push = lambda writes: crm.remove("2", "converted")
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "refused", "2": "refused"}
    assert report.set_aside == (
        SetAside("1", "no longer in the CRM (merged into 7)"),
        SetAside("2", "no longer in the CRM (converted)"),
    )
    assert (states(store), turns(store)) == ({"1": "gone", "2": "gone"}, 0)


def test_a_refusal_is_told_in_the_crms_own_words(crm: MemoryCrm, store: Store) -> None:
    crm.refusals = {"1": "FIELD_CUSTOM_VALIDATION_EXCEPTION: not without a phone", "2": ""}
    report = applied(crm, store, "1", "2", "3")
    assert report.outcomes == {"1": "refused", "2": "refused", "3": "written"}
    assert report.messages["1"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION: not without a phone"
    assert report.messages["2"]
    assert (due_now(store), turns(store)) == (["1", "2"], 1)


def test_a_value_that_did_not_stick_is_told_with_what_the_crm_holds(crm: MemoryCrm, store: Store) -> None:
    crm.ignored = {"1"}
    crm.rewrites = {"2": {"OwnerId": "ben"}, "3": {"Status": "nurture"}}
    report = applied(crm, store, "1", "2", "3")
    assert report.outcomes == dict.fromkeys("123", "did_not_stick")
    assert "Status should be sql and is mql (the CRM kept it" in report.messages["1"]
    assert report.messages["2"].startswith("OwnerId should be anna and is ben (an assignment rule")
    assert report.messages["3"].startswith("Status should be sql and is nurture")
    assert turns(store) == 1, "the third lead is anna's all the same"
    assert due_now(store) == ["1", "2", "3"]


def test_a_lost_answer_is_settled_by_reading(crm: MemoryCrm, store: Store) -> None:
    crm.lost_answers = {"1": True, "2": False}
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "written", "2": "not_reached"}
    assert report.messages["2"].startswith("the CRM's answer was lost")
    assert (store.journal.reserved_turns("c"), turns(store)) == ({"2": ("aes", "anna")}, 2)


def test_a_stage_that_was_emptied_on_its_way_and_not_set_is_no_end(crm: MemoryCrm, store: Store) -> None:
    """It is crmsync that emptied it: the next run sets it, and takes the emptying for nobody's edit."""
    crm.cleared_only = {"1"}
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "not_reached", "2": "written"}
    assert "emptied" in report.messages["1"]
    (entry,) = store.journal.pending("c")
    assert (entry.change.lead, store.journal.reserved_turns("c")) == ("1", {"1": ("aes", "anna")})
    assert settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY).reserved == ("1",)


def test_a_lost_answer_and_a_third_value_is_an_end(crm: MemoryCrm, store: Store) -> None:
    """Neither the value before nor the one written: it did not stick, whoever it was, and the lead is looked at."""

    def somebody_is_faster(_: Sequence[Write]) -> None:
        crm.records["1"] = {"Status": "nurture", "OwnerId": None}
        crm.records["2"] = {"Status": "nurture", "OwnerId": "anna"}

    crm.lost_answers = {"1": False, "2": False}
    crm.before_push = somebody_is_faster
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "did_not_stick", "2": "did_not_stick"}
    assert report.messages["1"].startswith("Status should be sql and is nurture")
    assert store.journal.pending("c") == (), "no entry stays open for it"
    assert (due_now(store), turns(store)) == (["1", "2"], 1), "the second lead is anna's, so her turn is used"


def test_writes_say_what_they_expect(crm: MemoryCrm, store: Store) -> None:
    """A connector that can tells a lost update by it."""
    seen: list[Write] = []
    crm.before_push = seen.extend
    crm.records["2"] = BEFORE | {"OwnerId": "anna"}
    applied(crm, store, "1", "2")
    assert seen == [
        Write("1", {"Status": "sql", "OwnerId": "anna"}, {"Status": "mql", "OwnerId": None}),
        Write("2", {"Status": "sql"}, {"Status": "mql", "OwnerId": "anna"}),
    ]


def test_a_record_that_was_not_made_is_told_beside_its_lead(crm: MemoryCrm, store: Store) -> None:
    crm.creation_refusals = {"1": "no tasks for you"}
    run = store.runs.start("c", now=NOW, dry_run=False)
    task = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
    store.journal.intend("c", run, [replace(change("1"), creates=(task,))], {("aes", "anna"): Turns(1)}, now=NOW)
    report = apply_plan(crm, store, plan("1"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert report.outcomes == {"1": "written"}
    assert report.set_aside == (SetAside("1", "Task was not made: no tasks for you"),)


def test_changes_of_one_move_are_written_together(crm: MemoryCrm, store: Store) -> None:
    """A CRM that takes a step back in two calls does so for few batches."""
    moves = {"1": ("mql", "sql"), "2": ("sql", "mql"), "3": ("mql", "sql"), "4": ("sql", "mql")}
    changes = [
        Change(name, before, after, None, None, {"Status": (before, after)}, {}, ())
        for name, (before, after) in moves.items()
    ]
    crm.records.update({name: {**BEFORE, "Status": before} for name, (before, _) in moves.items()})
    calls = []
    crm.before_push = lambda writes: calls.append([write.id for write in writes])
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, changes, {}, now=NOW)
    report = apply_plan(crm, store, plan(*moves), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert calls == [["1", "3"], ["2", "4"]]
    assert set(report.outcomes.values()) == {"written"}


def test_a_connector_that_read_back_is_not_asked_again(crm: MemoryCrm, store: Store) -> None:
    crm.tells_what_it_met = True
    assert applied(crm, store, "1", "2").outcomes == {"1": "written", "2": "written"}
    assert crm.calls == ["read", "push"]


def due_now(store: Store) -> list[str]:
    """Due leads of those that have been handled."""
    return [name for name in due(store, "c") if name in states(store) and states(store)[name] != "written"]


@pytest.mark.parametrize("lost", [True, False])
def test_a_lead_that_holds_all_while_its_task_is_in_doubt_is_told_as_that(
    crm: MemoryCrm, store: Store, lost: bool
) -> None:
    task = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [replace(change("1"), creates=(task,))], {("aes", "anna"): Turns(1)}, now=NOW)
    if lost:
        crm.lost_creations = {"1": False}
    else:
        crm.create = lambda *_: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    report = apply_plan(crm, store, plan("1"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert (report.outcomes, report.in_doubt) == ({"1": "not_reached"}, {"1"})
    assert report.messages["1"].startswith("the lead holds what was intended; whether its Task was made")
    assert (report.error is None) == lost
