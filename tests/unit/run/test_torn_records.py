"""A record that is there and cannot be read: nothing is told of it that nobody knows, and no turn is lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crmsync.contract import Write
from crmsync.model import Change, Plan, RecordChange
from crmsync.run.apply import ApplyReport, apply_plan
from crmsync.run.settle import SettleReport, close_outside, settle_open
from crmsync.store import Pulled, Store, Turns
from crmsync.testing import MemoryCrm
from crmsync.testing.store_frames import due, lead, leads
from crmsync.values import replace

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
BEFORE = {"Status": "mql", "OwnerId": None}
AFTER = {"Status": "sql", "OwnerId": "anna"}
CHANGE = Change(
    "1", "mql", "sql", None, "anna", {"Status": ("mql", "sql"), "OwnerId": (None, "anna")}, {}, ("because",), "aes"
)
OTHER = replace(CHANGE, lead="2")


@pytest.fixture
def crm() -> MemoryCrm:
    """Two leads."""
    return MemoryCrm({"1": BEFORE, "2": BEFORE})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Both remembered."""
    store = Store(tmp_path / "store.db")
    store.facts.remember("c", [Pulled(leads=leads(lead("1"), lead("2")))], today=TODAY)
    yield store
    store.close()


def intended(store: Store) -> int:
    """A run that intends both changes."""
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [CHANGE, OTHER], {("aes", "anna"): Turns(2)}, now=NOW)
    return run


def applied(crm: MemoryCrm, store: Store) -> ApplyReport:
    """Intend and apply."""
    plan = Plan("c", TODAY, (CHANGE, OTHER), (), (), {}, {}, "digest")
    return apply_plan(crm, store, plan, "Lead", run_id=intended(store), now=lambda: NOW, today=TODAY)


def settled(crm: MemoryCrm, store: Store) -> SettleReport:
    """What the next run makes of it."""
    return settle_open(crm, store, "c", "Lead", now=NOW, today=TODAY)


def test_one_that_cannot_be_read_before_the_write_is_not_sent_and_stays_open(crm: MemoryCrm, store: Store) -> None:
    crm.torn = {"1"}
    report = applied(crm, store)
    assert report.outcomes == {"1": "not_reached", "2": "written"}
    assert report.messages == {"1": "it could not be read: there, and its entry was torn"}
    assert (crm.records["1"], report.set_aside, report.in_doubt) == (BEFORE, (), frozenset())
    assert store.journal.reserved_turns("c") == {"1": ("aes", "anna")}


def test_one_that_cannot_be_read_back_may_have_been_written(crm: MemoryCrm, store: Store) -> None:
    def tears(_: Sequence[Write]) -> None:
        crm.torn = {"1"}

    crm.before_push = tears
    report = applied(crm, store)
    assert report.outcomes == {"1": "not_reached", "2": "written"}
    assert report.in_doubt == {"1"}
    assert report.messages["1"].startswith("the CRM confirmed it, but it could not be read back")
    assert (report.set_aside, report.error) == ((), None)
    assert store.journal.turns("c")["aes", "anna"].count == 2, "it is anna's, as the CRM said"
    crm.torn.clear()
    assert settled(crm, store).written == ("1",)


def test_what_an_earlier_run_left_open_is_decided_anew_and_told(crm: MemoryCrm, store: Store) -> None:
    intended(store)
    crm.records["2"] = dict(AFTER)
    crm.torn = {"1"}
    report = settled(crm, store)
    assert (report.written, report.unread, report.reserved, report.set_aside) == (("2",), ("1",), (), ())
    assert [entry.change.lead for entry in report.open] == ["1"]
    told = "of an earlier run's open changes 1 could not be read and is decided anew (1)"
    assert told in list(report.notes)
    assert "1" in due(store, "c")
    assert store.journal.reserved_turns("c") == {"1": ("aes", "anna")}
    assert close_outside(store, "c", report, now=NOW, today=TODAY) == report, "it is a lead of the connection"


@pytest.mark.parametrize("when", ["before its write", "after it"])
def test_a_task_beside_the_lead_that_cannot_be_read_is_not_told_as_closed(
    crm: MemoryCrm, store: Store, when: str
) -> None:
    crm.created["task"] = {"Status": "open"}
    closing = replace(OTHER, records=(RecordChange("Task", "task", {"Status": ("open", "closed")}),))

    def tears(writes: Sequence[Write]) -> None:
        if when == "before its write" or writes[0].id == "task":
            crm.torn = {"task"}

    crm.before_push = tears
    run = store.runs.start("c", now=NOW, dry_run=False)
    store.journal.intend("c", run, [closing], {("aes", "anna"): Turns(1)}, now=NOW)
    plan = Plan("c", TODAY, (closing,), (), (), {}, {}, "digest")
    report = apply_plan(crm, store, plan, "Lead", run_id=run, now=lambda: NOW, today=TODAY)
    assert (report.outcomes, report.in_doubt) == ({"2": "not_reached"}, {"2"})
    ended = settled(crm, store)
    assert [aside.reason for aside in ended.set_aside] == [
        "the record beside the lead is there and could not be read"
    ]
