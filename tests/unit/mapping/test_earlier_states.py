"""What stage fields held, walked backward along the CRM's history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from crmsync.contract import Edit
from crmsync.mapping import stage_states

State = tuple[int | None, str | None]


def edit(day: int, value: str | None, field: str = "Status", **more: Any) -> Edit:
    return Edit("1", field, value, datetime(2026, 11, day, 9, tzinfo=UTC), "person", **more)


def after(before: str | None, day: int, value: str | None, field: str = "Status") -> Edit:
    return edit(day, value, field, before=before, before_told=True)


def way(held: str | None, *edits: Edit) -> list[State]:
    return [
        (state.since and state.since.day, state.native["Status"]) for state in stage_states({"Status": held}, edits)
    ]


def test_edits_that_tell_what_they_replaced_lead_back_to_the_beginning() -> None:
    assert way("sql", after("mql", 9, "sql"), after(None, 3, "mql")) == [(None, None), (3, "mql"), (9, "sql")]


def test_without_that_the_way_begins_with_the_oldest_edit() -> None:
    assert way("sql", edit(9, "sql"), edit(3, "mql"), edit(1, "lead")) == [(1, "lead"), (3, "mql"), (9, "sql")]


def test_nothing_told_is_no_way() -> None:
    assert way("sql") == []
    assert way("sql", edit(3, "x", "Title")) == []


def test_a_value_that_history_does_not_end_with_came_at_an_unknown_time() -> None:
    assert way("sqo", edit(9, "sql"), edit(3, "mql")) == [(3, "mql"), (9, "sql"), (None, "sqo")]


def test_edits_of_one_instant_are_one_step_and_their_order_counts() -> None:
    assert way("mql", after(None, 9, "mql"), after("sql", 9, None), after("lead", 2, "sql")) == [
        (None, "lead"),
        (2, "sql"),
        (9, "mql"),
    ]


def test_fields_move_each_for_itself() -> None:
    held = {"Status": "lead", "Rating": "cold"}
    edits = [edit(9, "cold", "Rating"), edit(5, "lead"), edit(5, "warm", "Rating"), edit(2, "new")]
    told = [(state.since and state.since.day, *state.native.values()) for state in stage_states(held, edits)]
    assert told == [(5, "lead", "warm"), (9, "lead", "cold")]
