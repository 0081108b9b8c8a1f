"""Hop 4 of a run: the leads to look at with all that is known of them, as qualification takes them."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.errors import LeftOut
from crmsync.model import ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, STAYS, Batch
from crmsync.store import Store
from crmsync.values import replace

_MOST_TOLD = 5


def gathered(
    prepared: Prepared,
    store: Store,
    as_of: date,
    *,
    everything: bool = False,
    leads: Iterable[str] | None = None,
    also: Collection[str] = (),
) -> Iterator[Batch]:
    """Batches of the leads that are due and those named in `also`; of all; or of these `leads` and no others."""
    batches = store.facts.gather(
        prepared.name,
        as_of,
        everything=everything,
        leads=None if leads is None else list(leads),
        also=also,
        fact_types=prepared.mapping.fact_types,
        with_stays=prepared.compiled.asks_stays,
    )
    for batch in batches:
        yield with_roles(batch, prepared.roster.roles())


def gathered_to_show(
    prepared: Prepared, store: Store, as_of: date, *, everything: bool = False, leads: Iterable[str] | None = None
) -> Iterator[Batch]:
    """The same for what is shown and not run: leads that are damaged in the store are left out, and that is told."""
    damaged: list[str] = []
    for batch in gathered(prepared, store, as_of, everything=everything, leads=leads):
        damaged += batch.damaged
        yield batch
    tell_left_out(prepared.name, damaged)


def tell_left_out(connection: str, damaged: Sequence[str]) -> None:
    """A warning that these leads are left out of what is shown, if there are any."""
    if damaged:
        told = ", ".join(damaged[:_MOST_TOLD]) + (", …" if len(damaged) > _MOST_TOLD else "")
        leads = "1 lead" if len(damaged) == 1 else f"{len(damaged):,} leads"
        warnings.warn(
            f"left out, as what is stored there is damaged: {leads} of {connection} ({told}); "
            f"`crmsync run {connection} --dry-run` reads all again",
            LeftOut,
            stacklevel=2,
        )


def with_roles(batch: Batch, roles: pl.DataFrame) -> Batch:
    """The batch with `by_role` beside `by`. `roles`: columns `by`, `by_role`."""
    activities = batch.activities.join(roles, on="by", how="left", maintain_order="left")
    return replace(batch, activities=activities)


def nobody(prepared: Prepared) -> Batch:
    """An empty batch with the right columns."""
    columns: dict[str, pl.DataType] = {"row": pl.UInt32(), **LEADS}
    columns |= dict.fromkeys(("stage_edited_on", "owner_edited_on", "stage_since", "written_on"), pl.Date())
    columns |= {FACT_PREFIX + name: FACT_DTYPES[kind] for name, kind in prepared.mapping.fact_types.items()}
    activities: dict[str, pl.DataType] = {"row": pl.UInt32(), **ACTIVITIES, "by_role": pl.String()}
    none = (pl.DataFrame(schema=schema) for schema in (columns, activities, STAYS))
    leads, done, stays = none
    return Batch(leads, done, stays=stays)
