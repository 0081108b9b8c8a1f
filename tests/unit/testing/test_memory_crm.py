"""The CRM in memory keeps the contract where tests lean on it, with the faults that are set."""

from __future__ import annotations

import pytest

from crmsync.contract import Creation, CreationResult, Write
from crmsync.errors import UsageError
from crmsync.testing import MemoryCrm


def task(lead: str, subject: str = "Take over") -> Creation:
    return Creation(lead, {"Subject": subject, "Priority": "High"}, known_by=("Subject",))


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm({lead: {"Status": "Open"} for lead in "123"}, write_batch_size=4)


def create(crm: MemoryCrm, *creations: Creation) -> list[CreationResult]:
    return crm.create("Task", "Lead", creations)


def test_made_once_and_read(crm: MemoryCrm) -> None:
    first = create(crm, task("1"), task("2"), task("1", "Call"), task("1"))
    assert [result.outcome for result in first] == ["made", "made", "made", "there"]
    assert len({result.id for result in first}) == 3
    again = create(crm, task("2"), task("1"))
    assert [(result.outcome, result.id) for result in again] == [("there", first[1].id), ("there", first[0].id)]
    reading = crm.read("Task", [first[0].id or "", "9"], ["Subject", "Priority"])
    assert reading.records.rows() == [(first[0].id, "Take over", "High")]
    assert reading.gone == {"9": "deleted"}
    assert {values["@lead"] for values in crm.created.values()} == {"1", "2"}


def test_refused_and_gone_do_not_stop_others(crm: MemoryCrm) -> None:
    crm.remove("2", "merged into 1")
    crm.creation_refusals = {"1": "no tasks for you"}
    assert create(crm, task("1"), task("2"), task("3")) == [
        CreationResult("1", "refused", message="no tasks for you"),
        CreationResult("2", "gone", message="merged into 1"),
        CreationResult("3", "made", "Task-1"),
    ]


@pytest.mark.parametrize(("made", "later"), [(True, "there"), (False, "made")])
def test_a_lost_answer_is_settled_by_the_same_call_later(crm: MemoryCrm, made: bool, later: str) -> None:
    crm.lost_creations = {"1": made}
    assert create(crm, task("1")) == [CreationResult("1", "uncertain")]
    crm.lost_creations = {}
    assert [result.outcome for result in create(crm, task("1"))] == [later]
    assert len(crm.created) == 1


def test_more_than_a_batch_is_a_mistake(crm: MemoryCrm) -> None:
    with pytest.raises(AssertionError):
        create(crm, *(task("1", f"{n}") for n in range(5)))


def test_an_unknown_field_is_refused_by_its_name_and_nothing_is_written() -> None:
    crm = MemoryCrm({"1": {"Note": "a"}})
    with pytest.raises(UsageError, match="Nowhere"):
        crm.push("Lead", [Write("1", {"Note": "b", "Nowhere": "x"}, {"Note": "a"})])
    assert crm.records == {"1": {"Note": "a"}}
