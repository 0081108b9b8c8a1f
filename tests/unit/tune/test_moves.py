"""Two decisions side by side, against tables made by hand."""

from __future__ import annotations

import polars as pl

from crmsync.tune.moves import (
    FactPart,
    Move,
    Workload,
    loads,
    moves,
    parts_by,
    ranks_of,
    stage_counts,
    with_direction,
)

RANKS = ranks_of("disqualified", ["lead", "mql", "sql"])


def frame() -> pl.DataFrame:
    rows = [
        # lead, before, after, source, owner now, before, after
        ("1", "lead", "mql", "web", None, "a", "a"),
        ("2", "lead", "mql", "web", "a", "a", "b"),
        ("3", "mql", "mql", "fair", "b", "b", "b"),
        ("4", "sql", "lead", "fair", "b", "c", "b"),
        ("5", "disqualified", "lead", None, "b", "b", "b"),
        ("6", "mql", "nurture", "web", "b", "b", "b"),
        ("7", None, None, "web", "gone", "gone", "gone"),
        ("8", "mql", "disqualified", "web", "b", "b", "b"),
    ]
    columns = ["lead", "before", "after", "source", "owner_now", "owner_before", "owner_after"]
    return with_direction(pl.DataFrame(rows, schema=columns, orient="row"), RANKS)


def test_directions_follow_the_ladder_with_the_disqualified_stage_below_it() -> None:
    expected = ["up", "up", "same", "down", "up", "beside", "same", "down"]
    assert frame()["direction"].to_list() == expected


def test_the_matrix_counts_every_lead_once() -> None:
    found = moves(frame())
    assert found[0] == Move("lead", "mql", "up", 2)
    assert set(found[1:]) == {
        Move("mql", "mql", "same", 1),
        Move("sql", "lead", "down", 1),
        Move("disqualified", "lead", "up", 1),
        Move("mql", "nurture", "beside", 1),
        Move(None, None, "same", 1),
        Move("mql", "disqualified", "down", 1),
    }


def test_stages_before_and_after() -> None:
    expected = {"lead": (2, 2), "mql": (3, 3), "sql": (1, 0), "disqualified": (1, 1), "nurture": (0, 1)}
    assert stage_counts(frame()) == expected


def test_loads_of_owners_with_nobody_among_them() -> None:
    expected = (
        Workload("b", 5, 4, 6),
        Workload("a", 1, 2, 1),
        Workload("gone", 1, 1, 1),
        Workload(None, 1, 0, 0),
        Workload("c", 0, 1, 0),
    )
    assert set(loads(frame())) == set(expected)
    assert loads(frame())[0] == expected[0]


def test_parts_of_a_fact() -> None:
    by_source = {part.value: part for part in parts_by(frame(), "source")}
    assert by_source["fair"] == FactPart("fair", 2, 0, 1, {"mql": (1, 1), "sql": (1, 0), "lead": (0, 1)})
    assert (by_source["web"].leads, by_source["web"].up, by_source["web"].down) == (5, 2, 1)
    assert by_source[None].up == 1
