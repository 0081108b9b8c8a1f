"""Figures of hand-offs, recomputed by SQL; who still waits counts as waiting."""

from __future__ import annotations

import random
import sqlite3

import polars as pl
import pytest

from crmsync.estimate.intervals import wilson
from crmsync.figures.hand_offs import GIVEN, hand_off_figures, hand_off_groups

COUNTS = """
select pool, count(*), sum(waiting),
  sum(minutes is not null and not late and touched), sum(minutes is not null and (late or touched)),
  sum(accepted and not returned), sum(returned), sum(accepted or returned), sum(returned and reason = 'too early')
from given group by pool order by pool is null, count(*) desc, pool
"""
Row = tuple[str, str | None, str | None, str | None, bool, bool, int | None, bool, bool, bool, str | None]


def drawn(seed: int) -> pl.DataFrame:
    rng = random.Random(seed)
    rows: list[Row] = []
    for _ in range(200):
        touched = rng.random() < 0.6
        waiting = not touched and rng.random() < 0.5
        minutes = rng.randrange(600) if rng.random() < 0.9 else None
        late = minutes is not None and minutes > 240
        returned = touched and rng.random() < 0.3
        accepted = touched and not returned and rng.random() < 0.6
        reason = rng.choice(["too early", None]) if returned else None
        pool = rng.choice(["east", "west", None])
        rows.append(("r", None, pool, None, waiting, touched, minutes, late, accepted, returned, reason))
    return pl.DataFrame(rows, schema=dict(GIVEN), orient="row")


@pytest.mark.parametrize("seed", range(3))
def test_counts_are_what_a_query_gives(seed: int) -> None:
    given = drawn(seed)
    with sqlite3.connect(":memory:") as store:
        store.execute(f"create table given ({', '.join(GIVEN)})")
        store.executemany(f"insert into given values ({', '.join('?' * len(GIVEN))})", given.rows())
        counted = store.execute(COUNTS).fetchall()
    groups = hand_off_groups(given, "pool")
    assert [
        (
            it.name,
            it.handed,
            it.waiting,
            it.in_time.part,
            it.in_time.of,
            it.accepted.part,
            it.returned.part,
            it.returned.of,
            it.reasons.get("too early", 0),
        )
        for it in groups
    ] == counted
    for share in (groups[0].in_time, groups[0].accepted, groups[0].returned):
        assert share.estimate is not None
        assert (share.estimate.low, share.estimate.high) == wilson(share.part, share.of)
        assert share.few is (share.of < 20)
    assert hand_off_figures(given).handed == given.height == sum(it.handed for it in groups)


def one(minutes: int | None, **told: bool) -> Row:
    state = {"waiting": False, "touched": False, "late": False, "accepted": False, "returned": False, **told}
    now = state["waiting"], state["touched"], minutes, state["late"], state["accepted"], state["returned"]
    return ("r", None, None, None, *now, None)


def test_who_waits_is_no_touch_and_still_counts() -> None:
    """Half of ten were touched after an hour only if those who wait are as many as were touched by then."""
    touched = [one(minutes, touched=True) for minutes in (10, 20, 30, 60, 90)]
    waiting = [one(300, waiting=True) for _ in range(4)]

    def half(rows: list[Row]) -> float | None:
        found = hand_off_figures(pl.DataFrame(rows, schema=dict(GIVEN), orient="row")).half_touched_minutes
        return None if found is None else found.value

    assert half(touched) == 30
    assert half([*touched, *waiting]) == 90
    assert half([*touched, *waiting, *waiting]) is None
    assert half([one(None, touched=True)]) is None, "without a time that is set nothing is measured"


def test_of_nothing_there_is_no_share() -> None:
    nothing = hand_off_figures(pl.DataFrame(schema=dict(GIVEN)))
    assert (nothing.handed, nothing.in_time.estimate, nothing.in_time.few) == (0, None, True)
    assert hand_off_groups(pl.DataFrame(schema=dict(GIVEN)), "pool") == ()
