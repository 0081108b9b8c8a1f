"""Records beside a lead: made once, for changes that arrived; and a change whose record is not sure."""

from __future__ import annotations

import pytest

from crmsync.contract import Creation
from crmsync.model import Change, NewRecord
from crmsync.run.create import create_records
from crmsync.store import Settlement
from crmsync.testing import MemoryCrm
from crmsync.values import replace

TASK = NewRecord("Task", {"Subject": "Call"}, ("Subject",))
NOTE = NewRecord("Note", {"Title": "Why"}, ("Title",))
CHANGE = Change("1", "mql", "sql", None, "anna", {"Status": ("mql", "sql")}, {}, (), creates=(TASK,))
REMINDER = replace(CHANGE, stage_after="mql", writes={})
WRITTEN = Settlement("1", "written")


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm({name: {} for name in "12"})


def made(crm: MemoryCrm, change: Change, end: Settlement = WRITTEN, *, last_try: bool = False) -> list[Settlement]:
    return create_records(crm, "Lead", [(change, end)], last_try=last_try, persons={})


def test_a_record_is_made_for_a_change_that_arrived(crm: MemoryCrm) -> None:
    assert made(crm, CHANGE) == [replace(WRITTEN, made=("Task:Task-1",))]
    assert made(crm, CHANGE) == [replace(WRITTEN, made=("Task:Task-1",))], "and known again"
    assert len(crm.created) == 1


@pytest.mark.parametrize("outcome", ["conflict", "refused", "did_not_stick", "gone"])
def test_none_is_made_for_one_that_did_not(crm: MemoryCrm, outcome: str) -> None:
    end = Settlement("1", outcome, "so it is")  # type: ignore[arg-type]
    assert made(crm, CHANGE, end) == [end]
    assert (crm.calls, crm.created) == ([], {})


def test_a_record_whose_answer_was_lost_leaves_its_change_open(crm: MemoryCrm) -> None:
    crm.lost_creations = {"1": False}
    assert made(crm, CHANGE) == [], "the next run looks for it"


def test_on_the_last_try_the_change_is_settled_and_says_what_is_missing(crm: MemoryCrm) -> None:
    crm.lost_creations = {"1": False}
    told = "Task was not made: the CRM's answer was lost"
    assert made(crm, CHANGE, last_try=True) == [replace(WRITTEN, message=told, lacking=told)]


def test_a_lead_that_cannot_be_read_leaves_its_change_open_too_and_is_told_as_that(crm: MemoryCrm) -> None:
    crm.torn = {"1"}
    assert made(crm, CHANGE) == []
    told = "Task was not made: the lead could not be read"
    assert made(crm, CHANGE, last_try=True) == [replace(WRITTEN, message=told, lacking=told)]
    crm.torn.clear()
    assert made(crm, CHANGE) == [replace(WRITTEN, made=("Task:Task-1",))]


def test_a_refusal_is_told_in_the_crms_words_and_the_lead_stays_written(crm: MemoryCrm) -> None:
    crm.creation_refusals = {"1": "no tasks for you"}
    assert made(crm, CHANGE) == [
        replace(WRITTEN, message="Task was not made: no tasks for you", lacking="Task was not made: no tasks for you")
    ]


@pytest.mark.parametrize(
    ("refusal", "already", "outcome"),
    [(None, False, "written"), (None, True, "unchanged"), ("no tasks for you", False, "refused")],
)
def test_a_change_that_only_makes_a_record_ends_as_that_did(
    crm: MemoryCrm, refusal: str | None, already: bool, outcome: str
) -> None:
    crm.creation_refusals = {"1": refusal} if refusal else {}
    if already:
        crm.create("Task", "Lead", [Creation("1", {"Subject": "Call"}, ("Subject",))])
    (end,) = made(crm, REMINDER, Settlement("1", "unchanged"))
    assert end.outcome == outcome


def test_several_records_of_several_leads_go_object_by_object(crm: MemoryCrm) -> None:
    both = replace(CHANGE, creates=(TASK, NOTE))
    ends = create_records(
        crm,
        "Lead",
        [(both, WRITTEN), (replace(CHANGE, lead="2"), Settlement("2", "unchanged"))],
        last_try=False,
        persons={},
    )
    assert crm.calls == ["create", "create"]
    assert [end.made for end in ends] == [("Task:Task-1", "Note:Note-3"), ("Task:Task-2",)]
    assert [end.outcome for end in ends] == ["written", "unchanged"]
