"""A run from the CRM's facts to verified writes, in a firm of four: what is written and what stays due."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from small_firm import LEADS, ROSTER, Firm, heat

from crmsync.contract import Page, PullRequest, Write
from crmsync.errors import CrmUnreachable, FullReadNeeded, StoreUnavailable
from crmsync.run.approval import ApprovalQuestion
from crmsync.run.reading import READ_IN_FULL
from crmsync.store import Breach
from crmsync.values import replace

A_DAY = timedelta(days=1)
ONE_AE = """
format: 1
people:
  - {user: bea, role: bdr}
  - {user: ann, role: ae, absences: [{from: 2026-11-16, to: 2026-11-17}]}
"""


def test_a_dry_run_shows_what_a_real_one_writes_and_writes_nothing(firm: Firm) -> None:
    heat(firm, "a", "b")
    shown = firm.run(dry_run=True)
    assert [change.lead for change in shown.changes] == ["a", "b"]
    assert (shown.outcomes, firm.crm.log, firm.store.journal.entries(firm.name)) == ({}, [], ())
    plan = firm.run()
    assert (plan.digest, plan.changes) == (shown.digest, shown.changes)
    assert plan.outcomes == {"a": "written", "b": "written"}
    assert firm.owners() == {"a": "ann", "b": "abe", "c": "bea"}
    assert [record.values["Subject"] for change in plan.changes for record in change.creates] == [
        "Call (hand-off 1)"
    ] * 2


def test_after_a_run_the_same_facts_plan_nothing(firm: Firm) -> None:
    heat(firm, "a")
    firm.run()
    assert firm.run().changes == ()
    assert firm.run(full=True).changes == ()


def test_a_connection_that_is_not_switched_on_is_planned_and_not_written(firm: Firm) -> None:
    heat(firm, "a")
    firm.writes = "off"
    shown = firm.run(dry_run=True)
    assert (shown.exit_code, any("not switched on" in note for note in shown.notes)) == (0, True)
    plan = firm.run()
    breach = plan.guards[0]
    assert (breach.name, breach.breached, len(plan.changes), plan.exit_code) == ("writes_off", True, 1, 3)
    assert f"`writes: on` under `connections: {firm.name}:` in " in breach.way_on
    assert (firm.crm.log, plan.outcomes, firm.store.journal.entries(firm.name)) == ([], {}, ())
    assert firm.run("bea").guards[0].name == "writes_off", "whatever the run is for"
    firm.writes = "on"
    assert firm.run().outcomes == {"a": "written"}


def test_a_run_that_writes_nothing_makes_no_task_for_an_earlier_one(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> list[object]:
        raise CrmUnreachable("gone away")

    heat(firm, "a")
    with monkeypatch.context() as patched:
        patched.setattr(firm.crm, "create", away)
        firm.run()
    assert firm.crm.records["a"]["OwnerId"] == "ann"
    waits = "which waits for a run that writes and may touch the lead"
    told = f"of an earlier run's open changes 1 had arrived but for its task, {waits} (a)"
    shown = firm.run(dry_run=True)
    assert (firm.crm.created, shown.changes, told in shown.notes) == ({}, (), True)
    firm.writes = "off"
    assert told in firm.run().notes
    assert firm.crm.created == {}
    firm.writes = "on"
    assert firm.run().exit_code == 0
    assert len(firm.crm.created) == 1
    assert firm.run().notes == ()


def test_who_is_asked_before_the_first_write_and_what_a_no_means(firm: Firm) -> None:
    questions: list[ApprovalQuestion] = []

    def no(question: ApprovalQuestion) -> bool:
        questions.append(question)
        return False

    heat(firm, "a")
    assert firm.run(dry_run=True, approve=no).exit_code == 0
    plan = firm.run(approve=no)
    assert (plan.guards[-1].name, plan.exit_code, plan.outcomes) == ("declined", 3, {})
    assert (firm.crm.log, firm.store.journal.entries(firm.name)) == ([], ())
    (question,) = questions
    assert (question.plan.changes, question.first_time) == (plan.changes, True)
    assert question.user_names["ann"] == "Ann"
    assert firm.run(allowed=0, approve=no).guards[-1].name != "declined", "a guard has stopped it"
    firm.writes = "off"
    assert firm.run(approve=no).exit_code == 3
    firm.writes = "on"
    assert len(questions) == 1
    assert firm.run(approve=lambda question: question.first_time).outcomes == {"a": "written"}
    assert firm.run(approve=no).exit_code == 0, "nothing to write, nobody to ask"
    heat(firm, "b")
    firm.run(approve=no)
    assert [question.first_time for question in questions] == [True, False]


def test_a_run_is_kept_with_who_what_and_why(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ada")
    heat(firm, "a")
    plan = firm.run(allowed=0)
    kept = firm.store.runs.last(firm.name)[0]
    assert (kept.kind, kept.by, kept.plan, kept.exit_code) == ("run", "ada", plan.digest, 3)
    assert kept.breaches == (Breach("allowed_changes", 1, 0),)
    assert kept.measures["leads_read"] == 3
    assert (kept.measures["full"], kept.measures["unknown.heat"], kept.measures["allowances"]) == (1, 0, 1)
    firm.run("bea", dry_run=True)
    kept = firm.store.runs.last(firm.name)[0]
    assert (kept.kind, kept.dry_run, kept.breaches) == ("redistribute", True, ())
    assert kept.measures["full"] == 0

    def nobody() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr("getpass.getuser", nobody)
    firm.run()
    assert firm.store.runs.last(firm.name)[0].by is None


def test_a_lead_that_was_refused_is_tried_again(firm: Firm) -> None:
    heat(firm, "a", "b")
    firm.crm.refusals = {"a": "not without a phone"}
    plan = firm.run()
    assert (plan.outcomes, plan.exit_code) == ({"a": "refused", "b": "written"}, 4)
    firm.crm.refusals = {}
    plan = firm.run()
    assert plan.outcomes == {"a": "written"}
    assert firm.owners()["a"] == "ann", "the turn that was given back is hers again"


def test_a_lead_whose_answer_was_lost_is_written_by_the_next_run(firm: Firm) -> None:
    heat(firm, "a")
    firm.crm.lost_answers = {"a": False}
    assert firm.run().outcomes == {"a": "not_reached"}
    firm.crm.lost_answers = {}
    plan = firm.run()
    assert plan.outcomes == {"a": "written"}
    assert any("had not arrived and is decided anew" in note for note in plan.notes)
    assert firm.owners()["a"] == "ann", "the turn that was counted is hers"
    counts = {person: turns.count for (_, person), turns in firm.store.journal.turns(firm.name).items()}
    assert counts["ann"] == sum(counts.values()) == 1


def test_a_lead_that_nobody_could_take_is_set_aside_and_looked_at_again(founded: Callable[..., Firm]) -> None:
    firm = founded(roster=ONE_AE)
    heat(firm, "a")
    plan = firm.run()
    assert ([item.lead for item in plan.set_aside], plan.exit_code) == (["a"], 4)
    firm.now += 2 * A_DAY
    assert firm.run().outcomes == {"a": "written"}, "she is back, and nothing else has changed"


def test_a_conflict_is_set_aside_with_its_words(firm: Firm) -> None:
    heat(firm, "a")
    read = firm.crm.read

    def read_late(*asked: object) -> object:
        firm.crm.records["a"]["OwnerId"] = "bob"
        return read(*asked)  # type: ignore[arg-type]

    firm.crm.read = read_late  # type: ignore[method-assign,assignment]
    plan = firm.run()
    assert plan.outcomes == {"a": "conflict"}
    assert [(item.lead, "is bob" in item.reason) for item in plan.set_aside] == [("a", True)]
    assert plan.counts["set_aside"] == 1


def test_everything_is_read_once_and_then_what_changed(firm: Firm) -> None:
    first = firm.run()
    assert any("first run" in note for note in first.notes)
    assert {request.cursor for request in firm.crm.pulls} == {None}
    firm.crm.pulls.clear()
    assert firm.run().notes == ()
    assert {(request.object, request.cursor) for request in firm.crm.pulls} == {("Lead", "end"), ("Task", "end")}
    firm.crm.pulls.clear()
    firm.run(full=True)
    assert {request.cursor for request in firm.crm.pulls} == {None}


def test_a_cursor_that_cannot_be_continued_makes_a_full_read(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.run()
    pull = firm.crm.pull

    def forgotten(request: PullRequest) -> Iterator[Page]:
        if request.cursor is not None:
            raise FullReadNeeded("the CRM has forgotten")
        return pull(request)

    monkeypatch.setattr(firm.crm, "pull", forgotten)
    plan = firm.run()
    assert plan.notes == ("the CRM has forgotten: all records are read again",)
    assert plan.counts["read"] == 3


def test_another_day_looks_at_every_lead_in_a_dry_run(firm: Firm) -> None:
    firm.run()
    plan = firm.run(dry_run=True, as_of=(firm.now + 30 * A_DAY).date())
    assert (plan.counts["decided"], plan.as_of) == (3, (firm.now + 30 * A_DAY).date())
    assert firm.run().counts["decided"] == 0


def test_a_run_that_is_stopped_is_remembered_as_stopped(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: PullRequest) -> Iterator[Page]:
        raise CrmUnreachable("gone away")

    monkeypatch.setattr(firm.crm, "pull", away)
    with pytest.raises(CrmUnreachable):
        firm.run()
    (record,) = firm.store.runs.last(firm.name)
    assert (record.exit_code, record.counts) == (1, {})


def test_a_run_that_stops_midway_tells_what_it_reached_and_the_next_one_goes_on(firm: Firm) -> None:
    def gone_at_b(writes: Sequence[Write]) -> None:
        if writes[0].id == "b":
            raise CrmUnreachable("gone away")

    heat(firm, *LEADS)
    firm.crm.capabilities = replace(firm.crm.capabilities, write_batch_size=1)
    firm.crm.before_push = gone_at_b
    plan = firm.run()
    assert plan.outcomes == {"a": "written", "b": "not_reached", "c": "not_reached"}
    assert firm.ran is not None
    assert (firm.ran.exit_code, firm.store.runs.last(firm.name)[0].exit_code) == (1, 1)
    owners = {change.lead: change.owner_after for change in plan.changes}
    firm.crm.before_push = lambda _: None
    assert firm.run().outcomes == {"b": "written", "c": "written"}
    assert firm.owners() == owners, "with the turns that were counted already"
    assert firm.run().changes == ()


@pytest.mark.parametrize("step", ["record_outcomes", "record", "end"])
def test_a_store_that_fails_after_the_writing_hides_no_plan(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(_: object, __: object, *given: object, **___: object) -> None:
        if step != "record_outcomes" or given[0]:  # before the writing there is nothing to record
            raise StoreUnavailable("the disk is full")

    heat(firm, "a")
    face = {"record_outcomes": firm.store.journal, "record": firm.store.history, "end": firm.store.runs}[step]
    with monkeypatch.context() as patched:
        patched.setattr(type(face), step, full)
        plan = firm.run()
    assert plan.outcomes == {"a": "written"}
    assert firm.ran is not None
    assert str(firm.ran.error) == "the disk is full"
    again = firm.run()
    assert again.changes == ()
    if step == "record_outcomes":
        assert any("1 had arrived in the CRM" in note for note in again.notes)


def test_a_changed_policy_decides_every_lead_anew(firm: Firm, founded: Callable[..., Firm]) -> None:
    firm.run()
    assert firm.run().counts["decided"] == 0
    firm.texts = {"roster": ROSTER + "  - {user: eve, role: ae}\n"}
    plan = firm.run()
    assert plan.counts["decided"] == 3
    assert plan.notes == (
        "the roster has changed: every lead is decided anew, from what is stored; nothing is read again for it",
    )
    assert firm.run().notes == ()


def test_the_store_knows_when_everything_was_read(firm: Firm) -> None:
    firm.run()
    first = firm.store.runs.digests(firm.name)[READ_IN_FULL]
    assert datetime.fromisoformat(first) == firm.now
    firm.now += timedelta(hours=1)
    firm.run()
    assert firm.store.runs.digests(firm.name)[READ_IN_FULL] == first, "an incremental run does not"


def test_stages_are_counted_for_managed_leads(firm: Firm) -> None:
    heat(firm, "a")
    firm.crm.records["c"]["Status"] = "odd"
    plan = firm.run()
    assert (plan.stages, plan.counts["unmanaged"]) == ({"mql": 1, "sql": 1}, 1)
    assert any("left alone: Status = odd (1)" in note for note in plan.notes)
    assert plan.guards[0].name == "changed_share"
