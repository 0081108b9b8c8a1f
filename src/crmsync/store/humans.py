"""Whose change is it? A stage or owner that a person or another automation changed is told from our own.

What counts is the policy's stage, and only if the CRM's own value differs too: a mapping that now reads the same
native value as another stage is nobody's edit, and a change within one stage (a working status, say) is none of
crmsync's business. A value is ours if it is what we last intended or wrote. A stage found empty while a change of
it is still open is ours as well, and half a move: some CRMs clear a stage before they can set an earlier one. The
stage before is kept until the move is whole, or somebody else makes another one.
"""

from __future__ import annotations

import json

import polars as pl
from msgspec import Struct
from sqlalchemy import Connection, select

from crmsync.store.history import MOVES
from crmsync.store.tables import journal


class SeenEdits(Struct, frozen=True):
    """`leads`: the changed rows with their days moved on; `moves`: what `history.append` takes.

    `given`: `lead, owner` of leads to which a person or another program gave this owner. `overruled`: `lead, part,
    ours, theirs` where what they replaced was a value that crmsync had written.
    """

    leads: pl.DataFrame
    moves: pl.DataFrame
    given: pl.DataFrame
    overruled: pl.DataFrame


def seen(at: Connection, connection_id: int, changed: pl.DataFrame, today: int) -> SeenEdits:
    """Look at changed leads. `changed` holds new columns, stored ones (`…_old`), `our_*` and the days."""
    stage_differs = pl.col("stage").ne_missing(pl.col("stage_old")) | (pl.col("managed") != pl.col("managed_old"))
    candidates = changed.with_columns(
        _differs=stage_differs & pl.col("stage_native").ne_missing(pl.col("stage_native_old"))
    )
    moved = pl.Series("_moved", _natively_moved(candidates), dtype=pl.Boolean)
    open_leads = _open_leads(at, connection_id) if moved.any() else []
    clearing = pl.col("stage").is_null() & pl.col("managed") & pl.col("lead").is_in(open_leads)
    stage_ours = (pl.col("stage") == pl.col("our_stage")).fill_null(False) | clearing
    owner_ours = (pl.col("owner") == pl.col("our_owner")).fill_null(False)
    owner_differs = pl.col("owner").ne_missing(pl.col("owner_old"))
    day = pl.lit(today, pl.Int32)
    judged = changed.with_columns(moved).with_columns(
        _stage_edited=pl.col("_moved") & ~stage_ours,
        _owner_edited=owner_differs & ~owner_ours,
        _cleared=pl.col("_moved") & clearing,
        _moved=pl.col("_moved") & ~clearing,
        _before=pl.coalesce("stage_old", "stage_before_clearing"),
    )
    leads = judged.with_columns(
        stage_before_clearing=pl.when("_cleared")
        .then("_before")
        .when(~pl.col("_moved"))
        .then("stage_before_clearing"),
        stage_since=pl.when("_moved").then(day).otherwise("stage_since"),
        stage_edited_on=pl.when("_stage_edited").then(day).otherwise("stage_edited_on"),
        owner_edited_on=pl.when("_owner_edited").then(day).otherwise("owner_edited_on"),
    )
    moves = judged.filter(pl.col("_moved") & pl.col("_before").ne_missing(pl.col("stage"))).select(
        "lead",
        stage_before="_before",
        stage_after="stage",
        since="stage_since",
        cause=pl.when("_stage_edited").then(pl.lit("crm")).otherwise(pl.lit("crmsync")),
    )
    given = judged.filter(pl.col("_owner_edited") & pl.col("owner").is_not_null()).select("lead", "owner")
    return SeenEdits(leads, moves.select(MOVES.keys()), given, _overruled(judged))


def _overruled(judged: pl.DataFrame) -> pl.DataFrame:
    """Edits by others of a value that was ours when it was read last: what replaces others' is not ours to mind."""
    parts = []
    for part in ("stage", "owner"):
        ours = pl.col(f"our_{part}")
        replaced = judged.filter(pl.col(f"_{part}_edited") & (pl.col(f"{part}_old") == ours).fill_null(False))
        parts.append(replaced.select("lead", part=pl.lit(part), ours=ours, theirs=pl.col(part)))
    return pl.concat(parts)


def _natively_moved(candidates: pl.DataFrame) -> list[bool]:
    return [
        bool(differs) and _differ(_values(new), _values(old))
        for differs, new, old in candidates.select("_differs", "stage_native", "stage_native_old").iter_rows()
    ]


def _values(text: str | None) -> dict[str, str | None]:
    """Field → value; none for a stored text that is damaged, which says nothing of what was there."""
    try:
        values: dict[str, str | None] = json.loads(text or "{}")
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _differ(new: dict[str, str | None], old: dict[str, str | None]) -> bool:
    return any((new[field] or None) != (old[field] or None) for field in new.keys() & old.keys())


def _open_leads(at: Connection, connection_id: int) -> list[str]:
    where = (journal.c.connection_id == connection_id) & (journal.c.state == "intended")
    return list(at.execute(select(journal.c.lead).where(where)).scalars())
