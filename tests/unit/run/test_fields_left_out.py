"""A field for people that the CRM does not take keeps neither stage nor owner nor a task from the lead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crmsync.errors import CrmUnreachable
from crmsync.model import Change, NewRecord, Plan, SetAside
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.settle import settle_open
from crmsync.store import Pulled, Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import decided, due, lead, lead_row, leads
from crmsync.values import replace

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BEFORE = {"Status": "mql", "OwnerId": None, "Why": "old", "Score": "7"}
STAGE_AND_OWNER = {"Status": "sql", "OwnerId": "anna"}
TASK = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
TOO_LONG = "STRING_TOO_LONG: Why: data value too large (max length=40)"
CHANGE = Change(
    "1",
    "mql",
    "sql",
    None,
    "anna",
    {"Status": ("mql", "sql"), "OwnerId": (None, "anna"), "Why": ("old", "new"), "Score": ("7", "12")},
    {},
    ("because",),
    "aes",
    creates=(TASK,),
    fields=("Why", "Score"),
)
LEFT_OUT = f"written without Why, Score, as the CRM refused the record with them: {TOO_LONG}"


@pytest.fixture
def crm() -> MemoryCrm:
    """One lead."""
    return MemoryCrm({"1": BEFORE})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The lead remembered with what its fields hold; they have never been written."""
    store = Store(tmp_path / "store.db")
    native = json.dumps({"Why": "old", "Score": "7"})
    store.facts.remember("c", [Pulled(leads=leads(lead("1", written_native=native)))], today=TODAY)
    yield store
    store.close()


def intended(store: Store, change: Change = CHANGE) -> int:
    """A run that intends it; the lead is no longer due."""
    run = store.runs.start("c", now=NOW, dry_run=False)
    turn = {("aes", "anna"): Turns(1)} if change.turn else {}
    store.journal.intend("c", run, [change], turn, now=NOW)
    store.history.record("c", run, decided("1"), policy_digest="p", as_of=TODAY, now=NOW)
    return run


def applied(crm: MemoryCrm, store: Store, change: Change = CHANGE) -> ApplyReport:
    """Intend and apply."""
    plan = Plan("c", TODAY, (change,), (), (), {}, {}, "digest")
    run = intended(store, change)
    return apply_plan(crm, store, plan, "Lead", run_id=run, now=lambda: NOW, today=TODAY)


def native(store: Store) -> dict[str, str]:
    """What the store holds of the fields for people."""
    found: dict[str, str] = json.loads(lead_row(store, "c", "1")["written_native"])
    return found


def turns(store: Store) -> int:
    """Anna's count."""
    return store.journal.turns("c")["aes", "anna"].count


@pytest.mark.parametrize("seen", [False, True], ids=["read back by the core", "seen by the connector"])
def test_a_refused_one_is_left_out_and_told(crm: MemoryCrm, store: Store, *, seen: bool) -> None:
    crm.tells_what_it_met = seen
    crm.refused_fields = {"Why": TOO_LONG}
    report = applied(crm, store)
    assert report.outcomes == {"1": "written"}
    assert report.messages == {"1": LEFT_OUT}
    assert report.set_aside == (SetAside("1", LEFT_OUT),), "the run's exit is 4"
    assert crm.records["1"] == BEFORE | STAGE_AND_OWNER
    assert [record["Subject"] for record in crm.created.values()] == ["Call"], "its task is made"
    assert turns(store) == 1
    assert native(store) == {"Why": "old", "Score": "7"}, "what the CRM holds, not what was meant"
    assert lead_row(store, "c", "1")["written_on"] is None
    assert due(store, "c") == ["1"], "it is tried again"
    assert report.done == frozenset(), "so no run takes it for decided and done"


def test_a_record_that_is_refused_without_them_too_stays_refused(crm: MemoryCrm, store: Store) -> None:
    crm.refusals = {"1": "not without a phone"}
    report = applied(crm, store)
    assert (report.outcomes, report.messages) == ({"1": "refused"}, {"1": "not without a phone"})
    assert (crm.records["1"], crm.created, turns(store)) == (BEFORE, {}, 0)


def test_fields_that_go_alone_are_sent_once(crm: MemoryCrm, store: Store) -> None:
    crm.refused_fields = {"Why": TOO_LONG}
    alone = replace(CHANGE, stage_after="mql", owner_after=None, writes={"Why": ("old", "new")}, fields=("Why",))
    report = applied(crm, store, replace(alone, creates=(), turn=None))
    assert (report.outcomes, report.messages) == ({"1": "refused"}, {"1": TOO_LONG})
    assert crm.calls.count("push") == 1


def test_a_refused_stage_is_sent_once_where_there_is_nothing_to_leave_out(crm: MemoryCrm, store: Store) -> None:
    crm.refusals = {"1": "not without a phone"}
    bare = {name: pair for name, pair in CHANGE.writes.items() if name not in CHANGE.fields}
    applied(crm, store, replace(CHANGE, writes=bare, fields=()))
    assert crm.calls.count("push") == 1


def test_where_stage_and_owner_were_there_already_nothing_is_said_to_be_written(crm: MemoryCrm, store: Store) -> None:
    crm.records["1"].update(STAGE_AND_OWNER)
    crm.refused_fields = {"Why": TOO_LONG}
    report = applied(crm, store)
    assert (report.outcomes, report.messages) == ({"1": "unchanged"}, {"1": LEFT_OUT})
    assert len(report.set_aside) == 1


def test_one_that_the_crm_changes_keeps_no_task_from_the_lead(crm: MemoryCrm, store: Store) -> None:
    crm.rewrites = {"1": {"Why": "NEW"}}
    report = applied(crm, store)
    words = "Why is not as it was written (an assignment rule, a workflow or a person has replaced it)"
    assert (report.outcomes, report.messages) == ({"1": "written"}, {"1": words})
    assert report.set_aside == (SetAside("1", words),)
    assert len(crm.created) == 1
    assert native(store) == {"Why": "NEW", "Score": "12"}
    assert lead_row(store, "c", "1")["written_on"] == TODAY, "the score was"
    assert due(store, "c") == ["1"]


def test_one_that_stage_and_owner_had_to_go_without_is_not_told_as_overwritten(crm: MemoryCrm, store: Store) -> None:
    crm.records["1"]["Why"] = "a person's words"
    crm.refused_fields = {"Score": "NUMBER_OUTSIDE_VALID_RANGE"}
    assert "wrote over" not in applied(crm, store).messages["1"]
    assert crm.records["1"]["Why"] == "a person's words"


def test_a_crm_that_goes_away_before_the_second_write_leaves_it_open(crm: MemoryCrm, store: Store) -> None:
    crm.refused_fields = {"Why": TOO_LONG}

    def second(_: object) -> None:
        if crm.calls.count("push") == 2:
            raise CrmUnreachable("gone away")

    crm.before_push = second
    report = applied(crm, store)
    assert report.outcomes == {"1": "not_reached"}
    assert report.error is not None
    assert [entry.change.lead for entry in store.journal.pending("c")] == ["1"]


def test_after_a_crash_an_edit_in_one_of_them_hides_no_arrived_change(crm: MemoryCrm, store: Store) -> None:
    intended(store)
    crm.records["1"] = {**STAGE_AND_OWNER, "Why": "a person's words", "Score": "12"}
    report = settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)
    assert (report.written, report.reserved) == (("1",), ())
    assert [aside.lead for aside in report.set_aside] == ["1"], "and it is told"
    assert "a person's words" not in report.set_aside[0].reason
    assert len(crm.created) == 1
    assert native(store)["Why"] == "a person's words"
    assert due(store, "c") == ["1"]
