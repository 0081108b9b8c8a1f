"""Decisions and assignments against what the CRM holds → the changes of a plan, and their digest. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from crmsync.mapping import CrmMapping, writes_for
from crmsync.model import THE_HAND_OFF, Between, Change, HandOffStep, Routing, native_values
from crmsync.plan.parts import Part

NOTHING_FILLED: Mapping[str, tuple[str | None, str | None]] = MappingProxyType({})


def changed(decided: pl.DataFrame, filled: Collection[str] = (), only: Part | None = None) -> pl.DataFrame:
    """The rows of a decided frame whose stage or owner would be written, whose owner is to be `reminded`, and the
    leads in `filled`, whose fields for people would be. `only`: those of which this part would be written; fields
    are where the stage stays.

    `decided` has `stage` (present), `stage_after`, `owner` (present), `owner_after`, `managed`. An empty stage
    is the lowest rung: a lead decided to stand there is not written for its own sake, unless crmsync itself was
    `clearing` the stage to set an earlier one and was cut off.
    """
    stage = pl.col("stage_after").is_not_null() & pl.col("stage_after").ne_missing(pl.col("stage"))
    still_lowest = pl.col("stage").is_null() & (pl.col("stage_after") == pl.col("lowest")) & ~pl.col("clearing")
    owner = pl.col("owner_after").is_not_null() & pl.col("owner_after").ne_missing(pl.col("owner"))
    mine = pl.col("lead").is_in(list(filled)) if filled else pl.lit(False)
    moves = stage & ~still_lowest
    parts: dict[Part, pl.Expr] = {"stage": moves, "owner": owner | pl.col("reminded"), "fields": mine & ~moves}
    return decided.filter(pl.col("managed") & (parts[only] if only else moves | owner | pl.col("reminded") | mine))


def change_from(
    mapping: CrmMapping,
    row: Mapping[str, Any],
    score_names: Iterable[str],
    reasons: tuple[str, ...],
    filled: Mapping[str, tuple[str | None, str | None]] = NOTHING_FILLED,
) -> Change:
    """One changed row as a `Change`. An empty stage that stays on the lowest rung is not written.

    `filled`: native field for people → (before, after), as far as they are written.
    """
    held = native_values(row["stage_native"])
    stage_before, stage_after = _text(row["stage"]), _text(row["stage_after"])
    if stage_before is None and stage_after == row["lowest"] and not row["clearing"]:
        stage_after = None
    owner_before = _text(row["owner"])
    owner_after = _text(row["owner_after"]) or owner_before
    stage_after = stage_after or stage_before
    writes = writes_for(mapping, held, stage=(stage_before, stage_after), owner=(owner_before, owner_after))
    holding = {**held, mapping.owner.field: owner_before}
    return Change(
        lead=str(row["lead"]),
        stage_before=stage_before,
        stage_after=stage_after,
        owner_before=owner_before,
        owner_after=owner_after,
        writes={**writes, **filled},
        scores={
            name: (_integer(row[f"score.{name}.low"]), _integer(row[f"score.{name}.high"])) for name in score_names
        },
        reasons=reasons,
        turn=_text(row["pool"]),
        beside={name: value for name, value in holding.items() if name not in writes},
        routing=_routing(row),
        fields=tuple(filled),
    )


def _routing(row: Mapping[str, Any]) -> Routing | None:
    if row["owner_after"] is None:
        return None
    return Routing(
        reason=row["route_reason"],
        pool=row["pool"],
        counter_before=row["counter_before"],
        counter_after=row["counter_after"],
        passed_over=tuple((each["person"], each["why"]) for each in row["passed_over"]),
        shared=_shared(row.get("shared")),
        between=_between(row.get("between")),
        hand_over=None if row.get("hand_over") == THE_HAND_OFF else row.get("hand_over"),
    )


def _between(turn: Mapping[str, Any] | None) -> Between | None:
    if turn is None or turn["rotation"] is None:
        return None
    pools = tuple((each["pool"], each["weight"]) for each in turn["pools"])
    return Between(turn["rotation"], turn["before"], turn["after"], pools)


def _shared(shares: Iterable[Mapping[str, Any]] | None) -> tuple[tuple[str, int], ...] | None:
    return None if shares is None else tuple((each["person"], each["weight"]) for each in shares)


def digest_of(connection: str, as_of: date, changes: Iterable[Change]) -> str:
    """A fingerprint of exactly what would be written and remembered: connection, day, and all of the changes.

    Reasons, scores and how an owner was found are words about it: they may differ.
    """
    content = [connection, as_of.isoformat(), [_content(change) for change in changes]]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _step(step: HandOffStep) -> list[Any]:
    """A plan made before hand-overs had names has the same fingerprint."""
    named = [] if step.hand_over is None else [step.hand_over]
    return [step.move, step.attempt, step.bdr, step.reason, step.answer, *named]


def _content(change: Change) -> list[Any]:
    step = change.hand_off
    return [
        change.lead,
        [change.stage_before, change.stage_after],
        [change.owner_before, change.owner_after],
        sorted(change.writes.items()),
        sorted(change.beside.items()),
        sorted(change.fields),
        change.turn,
        _step(step) if step else None,
        [[record.object, sorted(record.values.items()), record.known_by] for record in change.creates],
        [[record.object, record.id, sorted(record.writes.items())] for record in change.records],
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a score in milli-points is an integer, not {type(value).__name__}")
    return value
