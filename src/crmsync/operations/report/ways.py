"""Leads' ways through the stages, from the store: what the CRM told of the past, and what was seen since."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.figures.steps import EARLIER_STEPS, SEEN_STEPS, steps_of, until
from crmsync.figures.ways import Ladder
from crmsync.mapping import stage_of
from crmsync.model import FACT_DTYPES, FACT_PREFIX, Batch
from crmsync.run.gather import tell_left_out
from crmsync.store import Store

CLEARED_ON_THE_WAY = pl.duration(minutes=5)
"""So short a time without a stage is how some CRMs go back: emptied, then set."""


@dataclass(frozen=True, slots=True)
class Ways:
    """`steps`: STEPS, also of leads that have left.

    `leads`: `lead`, `person` (the e-mail address, else the lead), `owner` and `fact.*`, a row for each that is there.
    """

    leads: pl.DataFrame
    steps: pl.DataFrame
    ladder: Ladder


def ladder_of(prepared: Prepared) -> Ladder:
    """The policy's."""
    policy = prepared.settings.policy
    return Ladder(
        tuple(rung.stage for rung in policy.ladder), policy.disqualified.stage if policy.disqualified else None
    )


def ways_of(prepared: Prepared, store: Store, day: date, look_at: Callable[[Batch], None] | None = None) -> Ways:
    """Everybody's way, as it was known on this day. `look_at`: gets each batch that is read for it."""
    ladder, zone = ladder_of(prepared), prepared.org.time_zone
    damaged: list[str] = []
    people: list[pl.DataFrame] = []
    seen: list[pl.DataFrame] = []
    batches = store.facts.gather(
        prepared.name, day, everything=True, fact_types=prepared.mapping.fact_types, with_stays=True
    )
    for batch in batches:
        if look_at is not None:
            look_at(batch)
        damaged += batch.damaged
        people.append(_people(batch))
        seen.append(_seen(batch, zone))
    gone = store.history.stays_of_left(prepared.name).with_columns(created=pl.lit(None, pl.Date))
    seen.append(gone.select(pl.col(name).cast(kind) for name, kind in SEEN_STEPS.items()))
    steps = steps_of(pl.concat(seen), _earlier(prepared, store, zone), ladder.stages[0])
    tell_left_out(prepared.name, damaged)
    return Ways(_together(people, prepared), until(steps, day), ladder)


def _people(batch: Batch) -> pl.DataFrame:
    facts = [name for name in batch.leads.columns if name.startswith(FACT_PREFIX)]
    return batch.leads.select("lead", pl.coalesce("email", "lead").alias("person"), "owner", *facts)


def _together(people: list[pl.DataFrame], prepared: Prepared) -> pl.DataFrame:
    schema: dict[str, pl.DataType] = dict.fromkeys(("lead", "person", "owner"), pl.String())
    schema |= {FACT_PREFIX + name: FACT_DTYPES[kind] for name, kind in prepared.mapping.fact_types.items()}
    return pl.concat([pl.DataFrame(schema=schema), *(frame.select(schema.keys()) for frame in people)])


def _seen(batch: Batch, zone: str) -> pl.DataFrame:
    assert batch.stays is not None
    own = batch.leads.select(
        "row", "lead", "managed", created=pl.col("created_at").dt.convert_time_zone(zone).dt.date()
    )
    stays = batch.stays.sort("row", "until", "since", nulls_last=True, maintain_order=True)
    joined = stays.join(own, on="row", how="left", maintain_order="left").with_columns(left_on=pl.lit(None, pl.Date))
    return joined.select(pl.col(name).cast(kind) for name, kind in SEEN_STEPS.items())


def _earlier(prepared: Prepared, store: Store, zone: str) -> pl.DataFrame:
    """What the CRM told of the time before, in the policy's words."""
    told = store.history.earlier_stages(prepared.name)
    named = told.join(_stages(told["stage_native"].unique(), prepared), on="stage_native", how="left")
    ordered = named.sort("lead", "place")
    lasts = pl.col("since_at").shift(-1).over("lead") - pl.col("since_at")
    emptied = pl.col("stage").is_null() & pl.col("on_ladder") & (lasts < CLEARED_ON_THE_WAY)
    kept = ordered.filter(~emptied.fill_null(value=False))
    return kept.select(
        "lead", "place", "stage", "on_ladder", since=pl.col("since_at").dt.convert_time_zone(zone).dt.date()
    ).select(pl.col(name).cast(kind) for name, kind in EARLIER_STEPS.items())


def _stages(natives: pl.Series, prepared: Prepared) -> pl.DataFrame:
    """What each stored native text is: the policy's stage, and whether it is empty or unmanaged where it is none."""
    field = prepared.mapping.stage.field
    rows = []
    for text in natives:
        held = _values(text)
        stage = stage_of(prepared.mapping, held)
        rows.append((text, stage, stage is not None or not held.get(field)))
    schema = {"stage_native": pl.String(), "stage": pl.String(), "on_ladder": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _values(text: str) -> Mapping[str, str | None]:
    """Field → value; none for a stored text that is damaged."""
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
