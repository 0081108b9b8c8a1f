"""What somebody was reached by: campaigns, sources and kinds of activity, from facts and activities as stored."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.errors import UsageError
from crmsync.figures.attribution import TOUCHES
from crmsync.model import FACT_PREFIX, NO_EVIDENCE, Batch

KIND = "kind"
"""Parts credits by what was done: the kinds of the mapping's activities."""
FACTS = {"campaign": ("campaign",), "source": ("source", "lead_source")}
"""What people call it → the facts that starter mappings have for it."""
USUAL = ("campaign", "source")
_ONE_OF_A_FEW = ("text", "choice", "boolean")


def chosen(by: Sequence[str], prepared: Prepared) -> tuple[str, ...]:
    """What credits are parted by: what was asked for, else campaign and source as far as they are known.

    Raises `UsageError` where something is asked for that there is not.
    """
    if not by:
        return tuple(name for name in USUAL if _fact(name, prepared) or (name == "campaign" and _told(prepared)))
    for name in by:
        if name != KIND and not _fact(name, prepared) and not (name == "campaign" and _told(prepared)):
            facts = prepared.mapping.fact_types
            some = sorted(fact for fact, kind in facts.items() if kind in _ONE_OF_A_FEW)
            raise UsageError(
                f"there are no touches by `{name}`",
                hint=f"there is {', '.join((KIND, *some))}; campaign where activities say what they are about",
            )
    return tuple(dict.fromkeys(by))


def touches_in(batch: Batch, name: str, prepared: Prepared, zone: str) -> pl.DataFrame:
    """Schema TOUCHES. A fact tells of the day on which the lead came; activities count where they are evidence."""
    leads = batch.leads.select("row", pl.coalesce("email", "lead").alias("person"))
    some = [pl.DataFrame(schema=dict(TOUCHES))]
    fact = _fact(name, prepared)
    if fact is not None:
        came = pl.col("created_at").dt.convert_time_zone(zone).dt.date().fill_null(pl.date(1970, 1, 1))
        value = pl.col(FACT_PREFIX + fact).cast(pl.String)
        some.append(batch.leads.select(person=pl.coalesce("email", "lead"), day=came, name=value))
    if name in (KIND, "campaign"):
        done = batch.activities.filter(~pl.col("outcome").is_in(NO_EVIDENCE).fill_null(value=False))
        theirs = (
            done.filter(pl.col("direction") == "inbound")
            if name == KIND
            else done.filter((pl.col("direction") != "outbound").fill_null(value=True))
        )
        word = pl.col("kind" if name == KIND else "about")
        some.append(theirs.join(leads, on="row").select("person", "day", name=word))
    every = pl.concat([frame.select(TOUCHES.keys()) for frame in some])
    return every.filter(pl.col("name").is_not_null() & (pl.col("name") != ""))


def _fact(name: str, prepared: Prepared) -> str | None:
    facts = prepared.mapping.fact_types
    return next((fact for fact in FACTS.get(name, (name,)) if facts.get(fact) in _ONE_OF_A_FEW), None)


def _told(prepared: Prepared) -> bool:
    return any(activity.about for activity in prepared.mapping.activities)
