"""The last decision on each lead, and with it the day on which to look again."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from msgspec import Struct
from sqlalchemy import Connection, select

from crmsync.store.dialects.statements import among, bulk, insert_missing, update_by, upsert
from crmsync.store.encoding import day_number, day_of, fetch, pack
from crmsync.store.tables import DUE_NOW, decisions, leads, policies


class Decision(Struct, frozen=True):
    """The last decision on a lead. `details`: the decided frame's further columns (scores, verdicts)."""

    as_of: date
    stage: str | None
    earned_stage: str | None
    review_day: date | None
    policy_digest: str
    details: Mapping[str, Any]


_OWN = ("lead", "stage", "earned_stage", "review_day")


def record(
    at: Connection,
    connection_id: int,
    decided: pl.DataFrame,
    *,
    policy_digest: str,
    as_of: date,
    keep_due: Collection[str],
) -> None:
    """Store the decisions, set the days to look again. Leads no longer stored are passed over.

    `decided`: `lead`, `stage`, `earned_stage` (String), `review_day` (Date or null) and any further columns, which
    are kept as JSON.
    """
    known = _keys_of(at, connection_id, decided["lead"].to_list())
    rows = decided.select(
        "lead",
        "stage",
        "earned_stage",
        pl.col("review_day").to_physical().alias("review_on"),
        pack(decided.drop(_OWN)).alias("details"),
        policy_id=pl.lit(_policy_number(at, policy_digest)),
        as_of=pl.lit(day_number(as_of)),
    ).join(known, on="lead")
    columns = [column.name for column in decisions.c]
    bulk(at, upsert(at, decisions), rows.rename({"key": "lead_key"}).select(columns))
    kept = pl.col("lead").is_in(list(keep_due))
    days = rows.select(_key="key", due_on=pl.when(kept).then(pl.lit(DUE_NOW)).otherwise("review_on"))
    bulk(at, update_by(leads, "key", columns=["due_on"]), days)


def read(at: Connection, connection_id: int, ids: Sequence[str]) -> dict[str, Decision]:
    """The last decisions on these leads, as far as there are any."""
    joined = leads.join(decisions, decisions.c.lead_key == leads.c.key).join(policies)
    query = select(leads.c.lead, decisions, policies.c.digest).select_from(joined)
    mine = leads.c.connection_id == connection_id
    return {
        row.lead: Decision(
            as_of=day_of(row.as_of),
            stage=row.stage,
            earned_stage=row.earned_stage,
            review_day=None if row.review_on is None else day_of(row.review_on),
            policy_digest=row.digest,
            details=_details(row.details),
        )
        for row in at.execute(query.where(mine, among(leads.c.lead, ids)))
    }


def _details(text: str) -> dict[str, Any]:
    """The other columns; none for a stored text that is damaged."""
    try:
        details = json.loads(text)
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _keys_of(at: Connection, connection_id: int, ids: Sequence[str]) -> pl.DataFrame:
    query = select(leads.c.key, leads.c.lead).where(leads.c.connection_id == connection_id)
    return fetch(at, query.where(among(leads.c.lead, ids)), ("key", "lead"))


def _policy_number(at: Connection, digest: str) -> int:
    asked = select(policies.c.id).where(policies.c.digest == digest)
    known = at.execute(asked).scalar()
    if known is not None:
        return int(known)
    at.execute(insert_missing(at, policies).values(digest=digest))  # another connection may decide by it, too
    return int(at.execute(asked).scalar_one())
