"""Steps made of what history told and what was seen; passes and people made of steps."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from crmsync.figures.steps import EARLIER_STEPS, SEEN_STEPS, steps_of, until
from crmsync.figures.ways import LEFT, STEPS, Ladder, passes, persons

LADDER = Ladder(("lead", "mql", "sql", "sqo"), "disqualified")
Told = tuple[str | None, int, bool]


def on(day: int) -> date:
    return date(2026, 11, day)


def stay(stage: str | None, since: int, to: int | None = None, **more: Any) -> dict[str, Any]:
    known = {"lead": "1", "created": on(1), "managed": True, "left_on": None, "exact": False}
    return known | {"stage": stage, "since": on(since), "until": to and on(to)} | more


def earlier(stage: str | None, since: int | None, **more: Any) -> dict[str, Any]:
    return {"lead": "1", "stage": stage, "on_ladder": True, "since": since and on(since)} | more


def steps(seen: list[dict[str, Any]], told: list[dict[str, Any]] | None = None) -> list[Told]:
    rows = [{"place": place, **row} for place, row in enumerate(told or [])]
    frame = pl.DataFrame(rows, schema=dict(EARLIER_STEPS), orient="row")
    found = steps_of(pl.DataFrame(seen, schema=dict(SEEN_STEPS), orient="row"), frame, "lead")
    assert found.schema == pl.Schema(STEPS)
    return [(stage, since.day, known) for stage, since, known in found.select("stage", "since", "known").rows()]


def test_history_goes_on_where_it_was_first_seen() -> None:
    told = [earlier("lead", None), earlier("mql", 4)]
    assert steps([stay("mql", 9)], told) == [("lead", 1, True), ("mql", 4, True)]
    moved = [stay("mql", 9, 12), stay("sql", 12, exact=True)]
    assert steps(moved, told) == [("lead", 1, True), ("mql", 4, True), ("sql", 12, True)]


def test_where_history_ends_elsewhere_the_day_of_coming_is_not_known() -> None:
    assert steps([stay("sql", 9)], [earlier("lead", 1), earlier("mql", 4)])[-1] == ("sql", 9, False)


def test_without_history_only_the_foot_of_the_ladder_has_a_known_day() -> None:
    assert steps([stay("lead", 9)]) == [("lead", 1, True)]
    assert steps([stay("lead", 9, created=None)]) == [("lead", 9, False)]
    assert steps([stay("mql", 9)]) == [("mql", 9, False)]
    assert steps([stay("mql", 9, created=on(9))]) == [("mql", 9, True)]


def test_an_empty_stage_is_the_foot_and_an_unmanaged_one_is_none() -> None:
    assert steps([stay(None, 9)]) == [("lead", 1, True)]
    assert steps([stay(None, 9, managed=False)]) == [(None, 9, False)]
    assert steps([stay(None, 9, 12), stay("mql", 12, exact=True)]) == [("lead", 1, True), ("mql", 12, True)]
    assert steps([stay("sqo", 9, 12), stay(None, 12, exact=True, managed=False)])[-1] == (None, 12, True)
    empty, other = earlier(None, 2), earlier(None, 5, on_ladder=False)
    assert steps([stay("mql", 9)], [empty, other]) == [("lead", 2, True), (None, 5, True), ("mql", 9, False)]


def test_a_first_state_without_a_day_in_the_middle_of_the_ladder_is_not_known() -> None:
    assert steps([stay("sql", 9)], [earlier("mql", None), earlier("sql", 6)]) == [("mql", 1, False), ("sql", 6, True)]


def test_who_left_has_a_last_step_and_what_came_later_is_not_known_yet() -> None:
    gone = [stay("mql", 9, created=None, left_on=on(20))]
    assert steps(gone) == [("mql", 9, False), (LEFT, 20, True)]
    frame = pl.DataFrame({"since": [on(3), on(5)]})
    assert until(frame, on(4)).height == 1


def test_who_stayed_at_the_foot_was_seen_there_as_far_as_history_reaches() -> None:
    def seen(*told: dict[str, Any], created: int = 1) -> list[tuple[str, int, int]]:
        rows = [{"place": place, **row} for place, row in enumerate(told)]
        frame = pl.DataFrame(rows, schema=dict(EARLIER_STEPS), orient="row")
        there = pl.DataFrame(
            [stay("lead", 20, created=on(created)), stay("sql", 20, lead="2", created=on(2))],
            schema=dict(SEEN_STEPS),
            orient="row",
        )
        found = steps_of(there, frame, "lead").select("lead", "since", "seen").rows()
        return [(lead, since.day, day.day) for lead, since, day in found]

    moved = [earlier("lead", None, lead="2"), earlier("sql", 6, lead="2")]
    assert seen() == [("1", 1, 20), ("2", 20, 20)], "no history: from the first sight on"
    assert seen(*moved) == [("1", 1, 6), ("2", 2, 6), ("2", 6, 6)]
    assert seen(*moved, created=9)[0] == ("1", 9, 9)


Way = list[tuple[str | None, int]]


def way(*, people: dict[str, str] | None = None, **leads: Way) -> list[tuple[Any, ...]]:
    """unit, number, stage, since, until, end."""
    rows = [(lead, stage, on(day), True, on(day)) for lead, some in leads.items() for stage, day in some]
    frame = pl.DataFrame(rows, schema=dict(STEPS), orient="row")
    found = passes(frame, LADDER) if people is None else persons(frame, people, LADDER)
    told = found.select("unit", "number", "stage", "since", "until", "end").rows()
    return [(unit, number, stage, since.day, end and to.day, end) for unit, number, stage, since, to, end in told]


def test_each_stage_ends_with_the_next_one() -> None:
    assert way(a=[("lead", 1), ("sql", 5)]) == [("a", 1, "lead", 1, 5, "on"), ("a", 1, "sql", 5, None, None)]


def test_a_second_pass_is_another_attempt() -> None:
    told = way(a=[("mql", 1), ("sql", 2), ("mql", 5), ("sqo", 8)])
    assert told[:2] == [("a", 1, "mql", 1, 2, "on"), ("a", 1, "sql", 2, 5, "sent_back")]
    assert told[2:] == [("a", 2, "mql", 5, 8, "on"), ("a", 2, "sqo", 8, None, None)]


def test_leaving_the_ladder_ends_an_attempt_and_says_how() -> None:
    for stage, end in ((None, "off_ladder"), ("disqualified", "disqualified"), (LEFT, "left")):
        assert way(a=[("mql", 1), (stage, 4)]) == [("a", 1, "mql", 1, 4, end)]
    again = way(a=[("mql", 1), ("disqualified", 4), ("mql", 9)])
    assert again == [("a", 1, "mql", 1, 4, "disqualified"), ("a", 2, "mql", 9, None, None)]
    assert way(a=[(None, 1)]) == []


def test_a_person_is_counted_once_however_many_attempts_and_records() -> None:
    alone = way(a=[("mql", 1), ("sql", 2), ("mql", 5), ("sql", 6), ("sqo", 8)], people={})
    assert alone == [("a", 1, "mql", 1, 2, "on"), ("a", 1, "sql", 2, 8, "on"), ("a", 1, "sqo", 8, None, None)]
    both = {"a": "x@y", "b": "x@y"}
    told = way(a=[("mql", 1), ("disqualified", 3)], b=[("lead", 2), ("sql", 7)], people=both)
    assert told == [("x@y", 1, "mql", 1, 7, "on"), ("x@y", 1, "sql", 7, None, None)]
    over = way(a=[("mql", 1), ("disqualified", 3)], b=[("lead", 2), (None, 9)], people=both)
    assert over == [("x@y", 1, "mql", 1, 9, "off_ladder")]


def test_an_end_on_an_unknown_day_says_nothing_of_time() -> None:
    rows = [("a", "lead", on(1), True, on(1)), ("a", "mql", on(9), False, on(9)), ("a", "sql", on(10), True, on(10))]
    found = passes(pl.DataFrame(rows, schema=dict(STEPS), orient="row"), LADDER)
    assert found["dated"].to_list() == [False, False, True]
    assert found["entered"].to_list() == [on(1)] * 3
