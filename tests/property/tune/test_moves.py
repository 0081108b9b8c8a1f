"""No lead is lost or counted twice between two decisions; a policy beside itself moves nobody."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmsync.tune.moves import loads, moves, parts_by, ranks_of, stage_counts, with_direction

STAGES = st.sampled_from([None, "disqualified", "lead", "mql", "sql", "elsewhere"])
OWNERS = st.sampled_from([None, "a", "b", "c"])
ROWS = st.lists(st.tuples(STAGES, STAGES, OWNERS, OWNERS, OWNERS), max_size=40)
COLUMNS = dict.fromkeys(("before", "after", "owner_now", "owner_before", "owner_after"), pl.String)
RANKS = ranks_of("disqualified", ["lead", "mql", "sql"])


def compared(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    return with_direction(pl.DataFrame(rows, schema=COLUMNS, orient="row"), RANKS)


@given(ROWS)
def test_every_lead_is_counted_once_everywhere(rows: list[tuple[str | None, ...]]) -> None:
    frame = compared(rows)
    assert sum(move.leads for move in moves(frame)) == len(rows)
    for end in ("now", "before", "after"):
        assert sum(getattr(load, end) for load in loads(frame)) == len(rows)
    parts = parts_by(frame, "owner_now")
    assert sum(part.leads for part in parts) == len(rows)
    ways = frame["direction"].to_list()
    assert sum(part.up for part in parts) == ways.count("up")
    assert sum(part.down for part in parts) == ways.count("down")
    managed = [sum(row[end] is not None for row in rows) for end in (0, 1)]
    assert [sum(pair[end] for pair in stage_counts(frame).values()) for end in (0, 1)] == managed


@given(ROWS)
def test_beside_itself_nobody_moves(rows: list[tuple[str | None, ...]]) -> None:
    frame = compared([(row[0], row[0], *row[2:]) for row in rows])
    assert set(frame["direction"]) <= {"same"}
    assert all(before == after for before, after in stage_counts(frame).values())


@given(ROWS)
def test_the_other_way_round_ups_become_downs(rows: list[tuple[str | None, ...]]) -> None:
    there, back = compared(rows), compared([(row[1], row[0], *row[2:]) for row in rows])
    opposite = {"up": "down", "down": "up", "beside": "beside", "same": "same"}
    assert [opposite[way] for way in there["direction"]] == back["direction"].to_list()
