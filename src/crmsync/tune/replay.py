"""Leads decided as of moments in their past, with nothing in sight that came after the moment.

What is known of the past: activities by their day. Facts are stored with their present value only, so they may say
what nobody knew then; `hidden` makes such facts unknown. Stage and owner are left out altogether: a lead starts
from the bottom of the ladder, and what counts is the stage that its evidence earns.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import polars as pl

from crmsync.model import FACT_PREFIX, STAYS, Batch
from crmsync.qualify.engine.compile import CompiledPolicy
from crmsync.qualify.engine.decide import decide

_COUNTED_OVER_ALL = "leads_at_company"
"""A fact that counts other leads, later ones too."""
_NO_STAYS = pl.DataFrame(schema=STAYS)
_REMEMBERED = ("stage_edited_on", "owner_edited_on", "stage_since")


def moments(leads: pl.DataFrame, days_after_creation: int, time_zone: str) -> pl.DataFrame:
    """`row, lead, moment`: the day so many days after the local day of creation; null when that is not known."""
    created = pl.col("created_at").dt.convert_time_zone(time_zone).dt.date()
    return leads.select("row", "lead", (created + pl.duration(days=days_after_creation)).alias("moment"))


def replay(compiled: CompiledPolicy, batch: Batch, at: pl.DataFrame, hidden: Collection[str]) -> pl.DataFrame:
    """One row for each row of `at` (`row, moment`), in no promised order: what `decide` says as of its moment.

    The stage told is `standing`: the disqualified one where a reason applies, else the earned one. `hidden`: facts
    made unknown. An activity of the moment's own day counts, as in every decision.
    """
    then = _then(batch.leads, hidden).join(at.select("row", "moment").drop_nulls(), on="row", maintain_order="left")
    seen = batch.activities.join(then.select("row", "moment"), on="row", maintain_order="left")
    seen = seen.filter(pl.col("day") <= pl.col("moment"))
    activities = seen.partition_by("moment", as_dict=True, include_key=False)
    disqualified = compiled.policy.disqualified.stage if compiled.policy.disqualified else None
    standing = pl.when(pl.col("reason").is_not_null()).then(pl.lit(disqualified)).otherwise(pl.col("earned_stage"))
    decided = []
    for key, leads in sorted(then.partition_by("moment", as_dict=True, include_key=False).items()):
        part = _numbered(leads, activities.get(key, seen.clear().drop("moment")))
        decided.append(decide(compiled, part, key[0]).with_columns(standing.alias("standing")))
    if not decided:
        part = Batch(then.clear().drop("moment"), batch.activities.clear(), stays=_NO_STAYS)
        return decide(compiled, part, _NO_DAY).with_columns(standing.alias("standing"))
    return pl.concat(decided)


def _then(leads: pl.DataFrame, hidden: Collection[str]) -> pl.DataFrame:
    """The leads without what only the present knows."""
    unknown = [FACT_PREFIX + name for name in hidden]
    unknown += [_COUNTED_OVER_ALL, FACT_PREFIX + _COUNTED_OVER_ALL, "stage", "owner", *_REMEMBERED, *hidden]
    present = [name for name in dict.fromkeys(unknown) if name in leads.columns]
    emptied = [pl.lit(None, dtype=leads.schema[name]).alias(name) for name in present]
    return leads.with_columns(*emptied, pl.lit(True).alias("managed"))


def _numbered(leads: pl.DataFrame, activities: pl.DataFrame) -> Batch:
    """A batch of its own: rows count from 0."""
    numbers = leads.select("row").with_row_index("number")
    numbered = activities.join(numbers, on="row").drop("row").rename({"number": "row"})
    return Batch(leads.drop("row").with_row_index("row"), numbered.sort("row", maintain_order=True), stays=_NO_STAYS)


_NO_DAY = date(2000, 1, 1)
"""Nobody is decided: any day will do."""
