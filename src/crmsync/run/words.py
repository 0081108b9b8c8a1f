"""Reasons in words by lead, made only for leads that are shown or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.model import Batch
from crmsync.qualify.engine.decide import decide_with_verdicts
from crmsync.qualify.telling.reasons import reasons
from crmsync.run.gather import gathered
from crmsync.store import Store


def reasons_by_lead(
    prepared: Prepared, batch: Batch, decisions: pl.DataFrame, leads: pl.Series, verdicts: pl.DataFrame
) -> dict[str, tuple[str, ...]]:
    """Why those of the `leads` that are in the batch stand where they stand.

    `decisions` and `verdicts`: what `decide_with_verdicts` gave for this batch.
    """
    shown = batch.leads.select("row", "lead").filter(pl.col("lead").is_in(leads.implode()))
    said = reasons(prepared.compiled, batch, decisions, shown["row"], prepared.tongue, verdicts)
    return {lead: said.get(row, ()) for row, lead in shown.iter_rows()}


def stored_reasons(
    prepared: Prepared, store: Store, as_of: date, leads: Sequence[str] | pl.Series
) -> Mapping[str, tuple[str, ...]]:
    """The same for stored leads, decided for it. Leads that are not stored have none."""
    told: dict[str, tuple[str, ...]] = {}
    if len(leads):
        for batch in gathered(prepared, store, as_of, leads=leads):
            decisions, verdicts = decide_with_verdicts(prepared.compiled, batch, as_of)
            told |= reasons_by_lead(prepared, batch, decisions, batch.leads["lead"], verdicts)
    return told


def with_route(said: tuple[str, ...], route: str | None) -> tuple[str, ...]:
    """The stage's reasons, then the owner's."""
    return (*said, route) if route else said
