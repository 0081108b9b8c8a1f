"""What counts of a plan's earlier parts: each move of a lead's stage or owner, once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from crmsync.model import Change
from crmsync.run.earlier_parts import written_before
from crmsync.testing.store_steps import change
from crmsync.values import replace


def entry(moved: Change, state: str = "written") -> Any:
    return SimpleNamespace(change=moved, state=state)


def stage_of(name: str) -> Change:
    return replace(change(name), owner_after=None)


def owner_of(name: str) -> Change:
    return replace(change(name), stage_after="mql")


def test_an_owner_that_moves_later_hides_no_move_of_the_stage() -> None:
    told = written_before([entry(stage_of("1")), entry(owner_of("1"))], [stage_of("2")])
    assert [(it.lead, it.stage_changes, it.owner_changes) for it in told] == [("1", True, False), ("1", False, True)]


def test_what_moves_now_counts_once_and_what_never_arrived_not_at_all() -> None:
    before = [entry(change("1")), entry(change("2"), "conflict"), entry(change("3"), "intended")]
    told = written_before(before, [stage_of("1")])
    assert [(it.lead, it.stage_changes, it.owner_changes) for it in told] == [
        ("1", False, True), ("3", True, False), ("3", False, True)
    ]  # fmt: skip
    assert written_before(before, []) == ()
