"""Leads that nobody nurtures: on the ladder, somebody's, and for some days nobody was in contact with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.operations.report.listing import contacts, ranks
from crmsync.run.gather import gathered_to_show
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class UntouchedLeads:
    """One owner's. `open`: leads above the ladder's foot; `untouched`: of them, without contact for so many days;
    `never`: of these, without any. `longest_days`: since the last contact, or since it was made; null = not known.
    """

    owner: str | None
    open: int
    untouched: int
    never: int
    longest_days: int | None

    def to_json(self, name: str | None) -> dict[str, Any]:
        """The figures by their names, and the owner's name in the CRM."""
        return {"owner": self.owner, "name": name, **{key: getattr(self, key) for key in _FIGURES}}


_FIGURES = ("open", "untouched", "never", "longest_days")


def untouched_leads(prepared: Prepared, store: Store, day: date, quiet_days: int) -> tuple[UntouchedLeads, ...]:
    """By owner, whoever has most of them first; leads of nobody last."""
    above = [stage for stage, rank in ranks(prepared).items() if rank > 0]
    zone = prepared.org.time_zone
    some = [pl.DataFrame(schema={"owner": pl.String(), "touched": pl.Date(), "since": pl.Date()})]
    for batch in gathered_to_show(prepared, store, day, everything=True):
        leads = batch.leads.filter(pl.col("managed") & pl.col("stage").is_in(above))
        told = leads.join(contacts(batch, day), on="row", how="left", maintain_order="left")
        made = pl.col("created_at").dt.convert_time_zone(zone).dt.date()
        some.append(told.select("owner", "touched", since=pl.coalesce("touched", made)))
    quiet = (pl.col("since") <= day - timedelta(days=quiet_days)).fill_null(value=True)
    figures = (
        pl.concat(some)
        .group_by("owner")
        .agg(
            open=pl.len(),
            untouched=quiet.sum(),
            never=(quiet & pl.col("touched").is_null()).sum(),
            longest_days=(pl.lit(day) - pl.col("since").filter(quiet).min()).dt.total_days(),
        )
        .sort("untouched", "owner", descending=(True, False))
    )
    lines = [UntouchedLeads(**row) for row in figures.iter_rows(named=True)]
    return tuple(sorted(lines, key=lambda line: line.owner is None))
