"""Each lead's way through the stages as the times that it stood in one, from its moves and where it stands now."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from crmsync.store import history
from crmsync.store.dialects.statements import among
from crmsync.store.encoding import fetch
from crmsync.store.tables import left_leads, stage_history

_MOVE = ("id", "lead", "stage_before", "stage_after", "since", "day", "cause")


def of_leads(at: Connection, connection_id: int, leads: pl.DataFrame) -> pl.DataFrame:
    """Schema STAYS, `row` as in `leads` (`row, lead, stage, stage_since`); steps that were taken back left out."""
    moves = _standing(at, connection_id, _moves(at, connection_id, leads["lead"])).sort("lead", "id")
    came_from_there = pl.col("stage_after").shift(1).over("lead").eq_missing(pl.col("stage_before"))
    seen_to_come = came_from_there & (pl.col("lead").cum_count().over("lead") > 1)
    left = moves.select(
        "lead", stage="stage_before", since=_day("since"), until=_day("day"), exact=seen_to_come.fill_null(False)
    )
    newest = moves.group_by("lead", maintain_order=True).agg(
        pl.col("stage_after").last(), pl.lit(True).alias("moved")
    )
    present = leads.select("lead", "stage", "stage_since").join(newest, on="lead", how="left")
    seen = pl.col("moved").fill_null(False) & pl.col("stage_after").eq_missing(pl.col("stage"))
    stands = present.select(
        "lead", "stage", since="stage_since", until=pl.lit(None, dtype=pl.Date), exact=seen.fill_null(False)
    )
    return pl.concat([left, stands]).join(leads.select("lead", "row"), on="lead").select("row", *left.columns[1:])


def of_left(at: Connection, connection_id: int) -> pl.DataFrame:
    """`lead, managed, left_on` of every lead that left the working set, with STAYS but for `row`; in order."""
    columns = ("lead", "stage", "stage_since", "managed", "left_on")
    mine = select(*(left_leads.c[name] for name in columns)).where(left_leads.c.connection_id == connection_id)
    gone = fetch(at, mine, columns).with_columns(_day("stage_since"), _day("left_on")).with_row_index("row")
    found = of_leads(at, connection_id, gone).join(gone.select("row", "lead", "managed", "left_on"), on="row")
    return in_order(found).drop("row")


def in_order(stays: pl.DataFrame) -> pl.DataFrame:
    """Each lead's stays by the days on which they ended; the present one last."""
    return stays.sort("row", "until", "since", nulls_last=True, maintain_order=True)


def _moves(at: Connection, connection_id: int, leads: pl.Series) -> pl.DataFrame:
    mine = (stage_history.c.connection_id == connection_id) & among(stage_history.c.lead, leads)
    return fetch(at, select(*(stage_history.c[name] for name in _MOVE)).where(mine), _MOVE)


def _standing(at: Connection, connection_id: int, moves: pl.DataFrame) -> pl.DataFrame:
    """Without the steps that were taken back, and the ways back."""
    some = moves.filter(pl.col("cause") == "undone")["lead"].unique().to_list()
    if not some:
        return moves
    kept = [
        (lead, move.stage_before, move.stage_after, move.since, move.day, place)
        for lead, past in history.of_leads(at, connection_id, some).items()
        for place, move in enumerate(history.standing_moves(past))
    ]
    schema = {
        "lead": pl.String(),
        "stage_before": pl.String(),
        "stage_after": pl.String(),
        "since": pl.Date(),
        "day": pl.Date(),
        "id": pl.Int64(),
    }
    others = moves.filter(~pl.col("lead").is_in(some)).select(
        "lead", "stage_before", "stage_after", _day("since"), _day("day"), "id"
    )
    return pl.concat([others, pl.DataFrame(kept, schema=schema, orient="row")])


def _day(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Date)
