"""The only writer where CRM, store or process end early, and what settling finds then."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from five_leads import AFTER, BEFORE, NAMES, NOW, TODAY, applied, change, intended, plan, states, turns

from crmsync.contract import Reading, Write
from crmsync.errors import CrmUnreachable, StoreUnavailable
from crmsync.model import HandOffStep, NewRecord, SetAside
from crmsync.run.apply import apply_plan
from crmsync.run.settle import settle_open
from crmsync.store import Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import decided, due
from crmsync.values import replace


def test_a_store_that_fails_is_no_lost_answer(crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(type(store.journal), "record_outcomes", full)
    report = applied(crm, store, "1")
    assert str(report.error) == "the disk is full"
    assert "nothing was written" not in report.messages["1"]


def test_a_stop_is_heard_between_batches(crm: MemoryCrm, store: Store) -> None:
    run = intended(store, *NAMES)
    asked = iter([False, True])
    report = apply_plan(
        crm, store, plan(*NAMES), "Lead", run_id=run, now=lambda: NOW, today=TODAY, stop=lambda: next(asked)
    )
    assert report.stopped
    assert report.outcomes == dict.fromkeys("12", "written") | dict.fromkeys("345", "not_reached")
    assert report.messages.keys() == set("345")
    assert [entry.change.lead for entry in store.journal.pending("c")] == ["3", "4", "5"]


def test_between_two_batches_nothing_is_under_way(crm: MemoryCrm, store: Store) -> None:
    """Somebody ends it a second time once the first batch is noted: what that left open keeps its own words."""

    def ended(_done: int, _all: int) -> None:
        raise KeyboardInterrupt

    crm.lost_answers = {"1": False}
    run = intended(store, *NAMES)
    report = apply_plan(
        crm, store, plan(*NAMES), "Lead", run_id=run, now=lambda: NOW, today=TODAY, progress=ended
    )  # fmt: skip
    assert report.outcomes == {"2": "written"} | dict.fromkeys("1345", "not_reached")
    assert report.messages["1"].startswith("the CRM's answer was lost and nothing was written by then")
    assert report.in_doubt == frozenset()


def test_when_the_crm_fails_what_is_settled_stays_settled(crm: MemoryCrm, store: Store) -> None:
    def fails(writes: Sequence[Write]) -> None:
        if writes[0].id == "3":
            raise CrmUnreachable("gone away")

    crm.before_push = fails
    report = applied(crm, store, *NAMES)
    assert str(report.error) == "gone away"
    assert report.outcomes == dict.fromkeys("12", "written") | dict.fromkeys("345", "not_reached")
    assert states(store) == dict.fromkeys("12", "written") | dict.fromkeys("345", "intended")


def test_settling_reads_and_guesses_nothing(crm: MemoryCrm, store: Store) -> None:
    run = intended(store, *NAMES)
    decide_all(store, run)
    crm.records["1"] = dict(AFTER)
    crm.records["3"] = {"Status": "mql", "OwnerId": "ben"}
    crm.records["4"] = {"Status": None, "OwnerId": "anna"}
    crm.remove("5", "deleted")
    report = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert (report.written, report.reserved, report.conflicts) == (("1",), ("2", "4"), ("3",))
    assert report.set_aside == (SetAside("5", "no longer in the CRM (deleted)"),)
    assert store.journal.reserved_turns("c") == dict.fromkeys("24", ("aes", "anna"))
    assert (due_now(store), turns(store)) == (["2", "3", "4", "5"], 3)
    assert "push" not in crm.calls


def test_a_receiver_may_have_answered_before_an_arrived_hand_off_is_settled(crm: MemoryCrm, store: Store) -> None:
    """The answer is the receiver's; the rest is what crmsync wrote: the hand-off is under way, the task is known."""
    task = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
    writes = {**change("1").writes, "Answer": ("returned", None)}
    step = HandOffStep("handed", 1, "bob", answer="Answer")
    run = store.runs.start("c", now=NOW, dry_run=False)
    asked = replace(change("1"), writes=writes, hand_off=step, creates=(task,))
    store.journal.intend("c", run, [asked], {("aes", "anna"): Turns(1)}, now=NOW)
    crm.records["1"] = {**AFTER, "Answer": "accepted"}
    settled = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert (settled.written, settled.conflicts) == (("1",), ())
    assert [each.hand_off.receiver for each in store.hand_offs.live("c")] == ["anna"]
    assert len(crm.created) == 1
    crm.records["2"] = {"Status": "sql", "OwnerId": "ben", "Answer": None}
    store.journal.intend("c", run, [replace(asked, lead="2")], {("aes", "anna"): Turns(2)}, now=NOW)
    assert settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY).conflicts == ("2",)


def test_nothing_is_made_beside_a_lead_that_is_left_alone_by_now(crm: MemoryCrm, store: Store) -> None:
    task = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [replace(change("1"), creates=(task,))], {("aes", "anna"): Turns(1)}, now=NOW)
    crm.records["1"] = dict(AFTER)
    report = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY, alone={"1"})
    assert (report.written, report.waiting, crm.created) == ((), ("1",), {})
    report = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert (report.written, report.waiting, len(crm.created)) == (("1",), (), 1)


def test_what_was_settled_is_told_in_the_number_that_fits(crm: MemoryCrm, store: Store) -> None:
    intended(store, *NAMES)
    crm.records["1"] = dict(AFTER)
    crm.records["3"] = {"Status": "mql", "OwnerId": "ben"}
    report = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert list(report.notes) == [
        "of an earlier run's open changes 1 had arrived in the CRM (1)",
        "of an earlier run's open changes 3 had not arrived and are decided anew (2, 4, 5)",
        "of an earlier run's open changes 1 was overtaken by somebody else's change and is left to it (3)",
    ]


def test_settling_nothing_asks_nothing(crm: MemoryCrm, store: Store) -> None:
    settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert crm.calls == []


def due_now(store: Store) -> list[str]:
    """Due leads of those that have been handled."""
    return [name for name in due(store, "c") if name in states(store) and states(store)[name] != "written"]


def decide_all(store: Store, run: int) -> None:
    """Nothing is due any more."""
    store.history.record("c", run, decided(*NAMES), policy_digest="p", as_of=TODAY, now=NOW)


def unreadable_after_writing(crm: MemoryCrm) -> None:
    """From the first write on nothing can be read any more."""

    def gone_away(_: Sequence[Write]) -> None:
        def fails(*_: object) -> Reading:
            raise CrmUnreachable("gone away")

        crm.read = fails  # type: ignore[method-assign]

    crm.before_push = gone_away


def test_what_the_crm_confirmed_and_nobody_could_read_back_is_told_as_that(crm: MemoryCrm, store: Store) -> None:
    unreadable_after_writing(crm)
    crm.lost_answers = {"2": True}
    report = applied(crm, store, "1", "2", "3")
    assert report.outcomes == dict.fromkeys("123", "not_reached")
    assert report.in_doubt == {"1", "2"}, "the third was not sent"
    assert report.messages["1"].startswith("the CRM confirmed it, but it could not be read back")
    assert report.messages["2"].startswith("it may have been written: the CRM's answer was lost")
    assert report.messages["3"].startswith("not sent")
    assert states(store) == dict.fromkeys("123", "intended")


def test_what_the_crm_refused_needs_no_reading_back(crm: MemoryCrm, store: Store) -> None:
    unreadable_after_writing(crm)
    crm.refusals = {"1": "no"}
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "refused", "2": "not_reached"}
    assert (report.in_doubt, turns(store)) == ({"2"}, 1)


def test_what_the_connector_saw_is_settled_although_the_others_cannot_be_read(crm: MemoryCrm, store: Store) -> None:
    crm.tells_what_it_met = True
    crm.lost_answers = {"2": True}
    unreadable_after_writing(crm)
    report = applied(crm, store, "1", "2")
    assert (report.outcomes, report.in_doubt) == ({"1": "written", "2": "not_reached"}, {"2"})


@pytest.mark.parametrize("fault", [CrmUnreachable("gone away"), KeyError("id")], ids=["foreseen", "unforeseen"])
def test_a_write_that_ends_midway_is_looked_at(crm: MemoryCrm, store: Store, fault: Exception) -> None:
    """Part of it may have been carried out, whatever ended it; what was not is told as not written."""

    def in_part(_: Sequence[Write]) -> None:
        crm.records["1"] = dict(AFTER)
        crm.records["2"] = {"Status": "nurture", "OwnerId": None} if isinstance(fault, KeyError) else dict(BEFORE)
        raise fault

    crm.before_push = in_part
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "written", "2": "not_reached"}
    assert report.in_doubt == frozenset()
    assert ("something else by now" if isinstance(fault, KeyError) else "nothing was written by then") in (
        report.messages["2"]
    )
    assert report.error is not None
    assert isinstance(fault, CrmUnreachable) or "KeyError, which crmsync did not foresee" in report.error.message
    assert states(store) == {"1": "written", "2": "intended"}


def test_answers_that_fit_no_writes_do_not_hide_what_was_written(
    crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connector that answers for one write too few has carried them out all the same."""
    push = crm.push
    monkeypatch.setattr(crm, "push", lambda name, writes: push(name, writes)[:-1])
    report = applied(crm, store, "1", "2")
    assert report.outcomes == {"1": "written", "2": "written"}
    assert report.error is not None
    assert states(store) == {"1": "written", "2": "written"}


def test_a_disk_that_is_full_after_the_write_hides_no_outcome(
    crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    crm.refusals = {"2": "no"}
    with monkeypatch.context() as patched:
        patched.setattr(type(store.journal), "record_outcomes", full)
        report = applied(crm, store, "1", "2", "3")
    assert report.outcomes == {"1": "written", "2": "refused", "3": "not_reached"}
    assert report.messages["1"].startswith("it could not be noted in the store")
    assert report.messages["2"].startswith("no; it could not be noted in the store")
    assert str(report.error) == "the disk is full"
    settled = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert (settled.written, settled.reserved) == (("1",), ("2", "3"))
