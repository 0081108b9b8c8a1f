"""What the CRM holds of a lead against a change: arrived, as it was, on the way, or somebody else's."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from crmsync.model import Change, HandOffStep
from crmsync.run.held import (
    batches,
    conflict_of,
    holds,
    moved_beside,
    on_the_way,
    ours,
    owner_holds,
    read_held,
    still_as_decided,
)
from crmsync.testing import MemoryCrm

WRITES: Mapping[str, tuple[str | None, str | None]] = {"Status": ("mql", "sql"), "OwnerId": (None, "ann")}
CHANGE = Change("1", "mql", "sql", None, "ann", WRITES, {}, (), beside={"Sub": None})


@pytest.mark.parametrize(
    ("status", "owner", "arrived", "as_decided", "under_way"),
    [
        ("sql", "ann", True, True, True),
        ("mql", None, False, True, True),
        ("mql", "", False, True, True),
        ("sql", None, False, True, True),
        (None, "ann", False, False, True),
        ("mql", "ben", False, False, False),
        ("nurture", "ann", False, False, False),
    ],
)
def test_what_is_held(
    status: str | None, owner: str | None, arrived: bool, as_decided: bool, under_way: bool
) -> None:
    values = {"Status": status, "OwnerId": owner}
    assert holds(values, WRITES) is arrived
    assert still_as_decided(values, WRITES) is as_decided
    assert on_the_way(values, WRITES) is under_way
    assert owner_holds(CHANGE, values) is (owner == "ann")


def test_what_is_not_written_must_be_as_it_was_read() -> None:
    assert not moved_beside(CHANGE, {"Sub": None})
    assert not moved_beside(CHANGE, {"Sub": ""})
    assert moved_beside(CHANGE, {"Sub": "Ready"})


def test_a_receivers_answer_is_theirs() -> None:
    step = HandOffStep("handed", 1, "bea", answer="Answer")
    change = Change("1", "mql", "sql", None, "ann", {**WRITES, "Answer": ("no", None)}, {}, (), hand_off=step)
    assert ours(change) == WRITES
    assert ours(CHANGE) == WRITES


def test_a_change_of_the_stage_alone_brings_no_owner() -> None:
    stage_only = Change("1", "mql", "sql", "ann", "ann", {"Status": ("mql", "sql")}, {}, ())
    assert not owner_holds(stage_only, {"Status": "sql", "OwnerId": "ann"})


def test_a_conflict_tells_what_was_read_and_what_is_there() -> None:
    end = conflict_of(CHANGE, {"Status": "nurture", "OwnerId": "ann", "Sub": "Ready"})
    assert end.message == (
        "somebody else changed it meanwhile: Status was mql when this was decided and is nurture; "
        "Sub was empty when this was decided and is Ready"
    )
    assert (end.outcome, end.owner_holds) == ("conflict", True)


def test_only_fields_that_are_written_or_stand_beside_are_read() -> None:
    crm = MemoryCrm({"1": {"Status": "mql", "OwnerId": None, "Sub": None, "Email": "a@a.example"}})
    crm.gone = {"2": "merged into 1"}
    held, gone = read_held(crm, "Lead", [CHANGE, Change("2", None, "sql", None, None, {}, {}, ())])
    assert held == {"1": {"@id": "1", "OwnerId": None, "Status": "mql", "Sub": None}}
    assert gone == {"2": "merged into 1"}


@pytest.mark.parametrize(("number", "sizes"), [(0, []), (1, [1]), (2, [2]), (5, [2, 2, 1])])
def test_batches_take_what_one_call_takes(number: int, sizes: list[int]) -> None:
    parts = list(batches([CHANGE] * number, 2))
    assert [len(part) for part in parts] == sizes
