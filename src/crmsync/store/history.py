"""The way of each lead through the stages, append-only, with attempts.

An attempt is one pass through the stages; it ends when the lead comes to a stage that it already had in that
pass. So a second MQL opens a second attempt and leaves the first one's day as it is. The order of the ladder is
not needed for that, and not known here. A step that was taken back counts for no attempt, nor does its way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
from msgspec import Struct
from sqlalchemy import Connection, select

from crmsync.store.dialects.statements import among, bulk, insert_into
from crmsync.store.encoding import day_of
from crmsync.store.tables import stage_history

MOVES: Mapping[str, pl.DataType] = {
    "lead": pl.String(),
    "stage_before": pl.String(),
    "stage_after": pl.String(),
    "since": pl.Int32(),
    "cause": pl.String(),
}
"""A frame of moves: `since` is a day number, `cause` is `crmsync`, `undone` or `crm`."""


class StageMove(Struct, frozen=True):
    """One step. `since`: the day the stage before was first seen. `cause`: `crmsync`, or `crm` = somebody there.

    `undone`: crmsync, taking back a step of its own.
    """

    attempt: int
    stage_before: str | None
    stage_after: str | None
    since: date | None
    day: date
    cause: str
    run_id: int | None


def append(at: Connection, connection_id: int, moves: pl.DataFrame, *, day: int, run_id: int | None) -> None:
    """Add one move per lead, all on the same day."""
    if moves.is_empty():
        return
    past = _past(at, connection_id, moves["lead"].to_list())
    attempts = [
        attempt_of(past[lead], before, after)
        for lead, before, after in moves.select("lead", "stage_before", "stage_after").iter_rows()
    ]
    rows = moves.with_columns(
        pl.Series("attempt", attempts, dtype=pl.Int64),
        connection_id=pl.lit(connection_id),
        day=pl.lit(day),
        run_id=pl.lit(run_id, pl.Int64),
    )
    bulk(at, insert_into(stage_history), rows)


def of_leads(at: Connection, connection_id: int, leads: Sequence[str]) -> dict[str, tuple[StageMove, ...]]:
    """Each lead's moves, oldest first; none for a lead that never moved."""
    return {lead: tuple(moves) for lead, moves in _past(at, connection_id, leads).items()}


def _past(at: Connection, connection_id: int, ids: Sequence[str]) -> dict[str, list[StageMove]]:
    past: dict[str, list[StageMove]] = {lead: [] for lead in ids}
    where = (stage_history.c.connection_id == connection_id) & among(stage_history.c.lead, ids)
    for row in at.execute(select(stage_history).where(where).order_by(stage_history.c.id)):
        past[row.lead].append(
            StageMove(
                attempt=row.attempt,
                stage_before=row.stage_before,
                stage_after=row.stage_after,
                since=None if row.since is None else day_of(row.since),
                day=day_of(row.day),
                cause=row.cause,
                run_id=row.run_id,
            )
        )
    return past


def attempt_of(past: Sequence[StageMove], before: str | None, after: str | None) -> int:
    """The number of the pass through the stages that a step from one stage to another belongs to."""
    past = standing_moves(past)
    number = past[-1].attempt if past else 1
    this_pass = [move for move in past if move.attempt == number]
    stages = {before, *(move.stage_after for move in this_pass)}
    if number == 1:
        stages.update(move.stage_before for move in this_pass)
    return number + 1 if after in stages else number


def standing_moves(past: Sequence[StageMove]) -> Sequence[StageMove]:
    """The steps without those that were taken back, and without the ways back."""
    kept: list[StageMove] = []
    for move in past:
        undone = _undone_by(move, kept) if move.cause == "undone" else None
        if undone is None:
            kept.append(move)
        else:
            del kept[undone]
    return kept


def _undone_by(back: StageMove, moves: Sequence[StageMove]) -> int | None:
    """The place of the last step that this one goes back."""
    way = (back.stage_after, back.stage_before)
    places = [place for place, it in enumerate(moves) if (it.stage_before, it.stage_after) == way]
    return places[-1] if places else None
