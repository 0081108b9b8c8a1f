"""The only writer, against a CRM in memory: every outcome, and every way to end early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import pytest

from crmsync.contract import CreationResult, Reading, Replaced, Seen, Write, WriteResult
from crmsync.errors import CrmUnreachable, StoreUnavailable
from crmsync.model import Change, HandOffStep, NewRecord, Plan, SetAside
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.settle import settle_open
from crmsync.store import Pulled, Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import decided, due, lead, lead_row, leads

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
NAMES = ("1", "2", "3", "4", "5")
BEFORE = {"Status": "mql", "OwnerId": None}
AFTER = {"Status": "sql", "OwnerId": "anna"}


def change(name: str) -> Change:
    """A hand-off to anna."""
    writes = {"Status": ("mql", "sql"), "OwnerId": (None, "anna")}
    return Change(name, "mql", "sql", None, "anna", writes, {}, ("because",), "aes")


def plan(*names: str) -> Plan:
    """A plan of hand-offs."""
    return Plan("c", TODAY, tuple(map(change, names)), (), (), {}, {}, "digest")


@pytest.fixture
def crm() -> MemoryCrm:
    """Five leads, two writes a call."""
    return MemoryCrm(dict.fromkeys(NAMES, BEFORE))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The five leads remembered, nothing due."""
    store = Store(tmp_path / "store.db")
    store.facts.remember("c", [Pulled(leads=leads(*map(lead, NAMES)))], today=TODAY)
    yield store
    store.close()


def intended(store: Store, *names: str) -> int:
    """A run that intends hand-offs of these leads."""
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, plan(*names).changes, {("aes", "anna"): Turns(len(names))}, now=NOW)
    return run


def applied(crm: MemoryCrm, store: Store, *names: str) -> ApplyReport:
    """Intend and apply."""
    run = intended(store, *names)
    return apply_plan(crm, store, plan(*names), "Lead", run_id=run, now=lambda: NOW, today=TODAY)


def states(store: Store) -> dict[str, str]:
    """Lead → state of its newest entry."""
    return {entry.change.lead: entry.state for entry in store.journal.entries("c")}


def turns(store: Store) -> int:
    """Anna's count."""
    return store.journal.turns("c")["aes", "anna"].count


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


def test_a_conflict_that_the_connector_saw_stays_one_whatever_is_read_back(
    crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody undid the write while its answer was lost: the old value is there, and is theirs."""
    told = [WriteResult("1", "conflict", "somebody else changed the record while the answer was lost")]
    monkeypatch.setattr(crm, "push", lambda _object, _writes: told)
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert report.messages == {"1": told[0].message}
    assert due_now(store) == ["1"]


def edit_meanwhile(crm: MemoryCrm, lead: str, **values: str | None) -> None:
    """A person sets these values between crmsync's look and its first write."""
    crm.tells_what_it_met = True
    waiting = [values]

    def edit(_: Sequence[Write]) -> None:
        if waiting:
            crm.records[lead].update(waiting.pop())

    crm.before_push = edit


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ({"OwnerId": "paul"}, "OwnerId to paul"),
        ({"Status": "closed"}, "Status to closed"),
        ({"OwnerId": "paul", "Status": None}, "OwnerId to paul"),
    ],
)
def test_what_somebody_set_between_look_and_write_is_given_back_and_told(
    crm: MemoryCrm, store: Store, theirs: dict[str, str | None], named: str
) -> None:
    edit_meanwhile(crm, "1", **theirs)
    report = applied(crm, store, "1", "2")
    assert crm.records["1"] == {**BEFORE, **theirs}
    assert crm.records["2"] == AFTER
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert named in report.messages["1"]
    assert "has given it back" in report.messages["1"]
    assert turns(store) == 1
    assert states(store) == {"1": "conflict", "2": "written"}


def test_what_has_been_set_again_after_the_write_is_left_to_whoever_did(crm: MemoryCrm, store: Store) -> None:
    """Paul takes the lead between look and write, a workflow hands it to Rita right after: Rita keeps it."""
    edit_meanwhile(crm, "1", OwnerId="paul")
    crm.rewrites["1"] = {"OwnerId": "rita"}
    report = applied(crm, store, "1", "2")
    assert (crm.records["1"]["OwnerId"], crm.records["1"]["Status"]) == ("rita", BEFORE["Status"])
    assert report.outcomes == {"1": "conflict", "2": "written"}
    assert "set OwnerId to paul between" in report.messages["1"]
    assert "OwnerId has been set again since; nothing is given back there" in report.messages["1"]
    assert turns(store) == 1


def test_somebody_who_did_the_same_meanwhile_is_no_conflict(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="anna")
    assert applied(crm, store, "1").outcomes == {"1": "written"}
    assert crm.records["1"] == AFTER


@pytest.mark.parametrize(("met", "told"), [("she said no", True), ("7", False), ("12.0", False), (None, True)])
def test_words_that_stood_in_a_field_of_crmsyncs_are_written_over_and_told(
    crm: MemoryCrm, store: Store, met: str | None, told: bool
) -> None:
    scored = replace(change("1"), writes={**change("1").writes, "Score": ("7", "12")}, fields=("Score",))
    crm.records["1"] = {**BEFORE, "Score": "7"}
    edit_meanwhile(crm, "1", Score=met)
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [scored], {("aes", "anna"): Turns(1)}, now=NOW)
    report = apply_plan(crm, store, plan("1"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert report.outcomes == {"1": "written"}
    assert crm.records["1"] == {**AFTER, "Score": "12"}
    words = "somebody else had set Score since this was decided; crmsync wrote over it, as it is its own"
    assert report.messages == ({"1": words} if told else {})


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


def test_what_cannot_be_given_back_is_told_and_the_turn_is_used(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    first = crm.before_push

    def edit_then_refuse(writes: Sequence[Write]) -> None:
        if writes[0].values.get("OwnerId") == "paul":
            crm.refusals["1"] = "no"
        first(writes)

    crm.before_push = edit_then_refuse
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert "the CRM did not take it back; look at this lead" in report.messages["1"]
    assert turns(store) == 1


def test_a_crm_that_fails_while_giving_back_leaves_no_edit_untold(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    first = crm.before_push

    def edit_then_fail(writes: Sequence[Write]) -> None:
        if writes[0].values.get("OwnerId") == "paul":
            raise CrmUnreachable("gone")
        first(writes)

    crm.before_push = edit_then_fail
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "conflict"}
    assert "could not be read; look at this lead" in report.messages["1"]
    assert states(store) == {"1": "conflict"}


def test_an_edit_that_was_met_is_journaled_although_the_others_cannot_be_read_back(
    crm: MemoryCrm, store: Store
) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    push, read = crm.push, crm.read

    def of_the_first_only(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        return [each if each.id == "1" else replace(each, seen=None) for each in push(object_name, writes)]

    def fails(object_name: str, ids: Sequence[str], fields: Sequence[str]) -> Reading:
        if list(ids) == ["2"]:
            raise CrmUnreachable("gone away")
        return read(object_name, ids, fields)

    crm.push, crm.read = of_the_first_only, fails  # type: ignore[method-assign]
    report = applied(crm, store, "1", "2")
    assert str(report.error) == "gone away"
    assert states(store) == {"1": "conflict", "2": "intended"}
    assert "has given it back" in report.messages["1"]
    assert "could not be read back" in report.messages["2"]


def test_an_edit_that_was_met_is_journaled_although_no_record_can_be_made(crm: MemoryCrm, store: Store) -> None:
    edit_meanwhile(crm, "1", OwnerId="paul")
    task = NewRecord("Task", {"Subject": "call"}, ("Subject",))
    both = [change("1"), replace(change("2"), creates=(task,))]
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, both, {("aes", "anna"): Turns(2)}, now=NOW)

    def fails(*_: object) -> list[CreationResult]:
        raise CrmUnreachable("gone away")

    crm.create = fails  # type: ignore[method-assign]
    report = apply_plan(crm, store, plan("1", "2"), "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert str(report.error) == "gone away"
    assert states(store) == {"1": "conflict", "2": "intended"}


def test_a_refused_write_has_replaced_nothing_and_nothing_is_given_back(crm: MemoryCrm, store: Store) -> None:
    """Some CRMs tell what a record held also where they refused the write."""
    edit_meanwhile(crm, "1", OwnerId="paul")
    crm.refusals["1"] = "no"
    push = crm.push

    def telling(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = push(object_name, writes)
        return [replace(each, seen=Seen(crm.records[each.id], crm.records[each.id])) for each in results]

    crm.push = telling  # type: ignore[method-assign]
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": "refused"}
    assert crm.calls.count("push") == 1
    assert "wrote over it" not in report.messages["1"]


def test_a_store_that_fails_is_no_lost_answer(crm: MemoryCrm, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(type(store.journal), "record_outcomes", full)
    report = applied(crm, store, "1")
    assert str(report.error) == "the disk is full"
    assert "nothing was written" not in report.messages["1"]


def test_a_connector_that_read_back_is_not_asked_again(crm: MemoryCrm, store: Store) -> None:
    crm.tells_what_it_met = True
    assert applied(crm, store, "1", "2").outcomes == {"1": "written", "2": "written"}
    assert crm.calls == ["read", "push"]


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


@pytest.mark.parametrize(
    ("by", "outcome", "words"),
    [
        ("person", "conflict", "a person has set it after crmsync had written it: CRM_UI"),
        ("program", "conflict", "another program has set it"),
        ("automation", "did_not_stick", "an automation of the CRM has set it"),
    ],
)
def test_who_replaced_what_was_written_decides_what_it_is(
    crm: MemoryCrm, store: Store, by: Literal["person", "program", "automation"], outcome: str, words: str
) -> None:
    crm.tells_what_it_met = True
    crm.rewrites = {"1": {"OwnerId": "ben"}}
    push = crm.push

    def telling(object_name: str, writes: Sequence[Write]) -> list[WriteResult]:
        results = push(object_name, writes)
        replaced = {"OwnerId": Replaced(by, "CRM_UI")}
        return [replace(it, seen=replace(it.seen, replaced=replaced)) if it.seen else it for it in results]

    crm.push = telling  # type: ignore[method-assign]
    report = applied(crm, store, "1")
    assert report.outcomes == {"1": outcome}
    assert words in report.messages["1"]
    assert "should be anna and is ben" in report.messages["1"]
