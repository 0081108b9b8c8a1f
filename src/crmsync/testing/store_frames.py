"""Small LEADS, ACTIVITIES and ACCOUNTS frames, said in a line, and the whole state of a store as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from crmsync.model import ACCOUNTS, ACTIVITIES, FACT_DTYPES, FACT_PREFIX, LEADS, FactType
from crmsync.store import Store

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
FACTS: Mapping[str, FactType] = {
    "budget": "choice",
    "title": "text",
    "employees": "integer",
    "score": "number",
    "revenue": "money",
    "opted_out": "boolean",
    "renewal": "date",
    "seen_at": "datetime",
}


def lead(name: str, stage: str | None = "mql", owner: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of LEADS; `more`: other columns, and facts by their name."""
    facts = {FACT_PREFIX + fact: more.pop(fact, None) for fact in FACTS}
    row = {
        "lead": name,
        "email": f"{name}@example.com",
        "name": f"Person {name}",
        "company": "Example",
        "created_at": NOW,
        "owner": owner,
        "stage": stage,
        "managed": True,
        "stage_native": json.dumps({"Status": stage}, separators=(",", ":")),
        "hand_off_native": None,
        "written_native": None,
        "pinned": None,
    }
    return row | facts | more


def leads(*rows: dict[str, Any]) -> pl.DataFrame:
    """A LEADS frame with all of FACTS."""
    schema = {**LEADS, **{FACT_PREFIX + name: FACT_DTYPES[kind] for name, kind in FACTS.items()}}
    return pl.DataFrame(rows, schema=schema, orient="row")


def activity(name: str, lead_name: str, kind: str = "call", **more: Any) -> dict[str, Any]:
    """A row of ACTIVITIES."""
    row: dict[str, Any] = dict.fromkeys(ACTIVITIES)
    return row | {"activity": f"Task:{name}", "lead": lead_name, "kind": kind, "day": DAY, "at": NOW} | more


def activities(*rows: dict[str, Any]) -> pl.DataFrame:
    """An ACTIVITIES frame."""
    return pl.DataFrame(rows, schema=dict(ACTIVITIES), orient="row")


def account(number: str, owner: str = "anna", rank: int = 0, **more: Any) -> dict[str, Any]:
    """A row of ACCOUNTS."""
    row = {"account": f"Account:{number}", "name": f"Firm {number}", "domain": f"{number}.example", "owner": owner}
    return row | {"rank": rank, "created_at": None, "facts": None} | more


def accounts(*rows: dict[str, Any]) -> pl.DataFrame:
    """An ACCOUNTS frame."""
    return pl.DataFrame(rows, schema=dict(ACCOUNTS), orient="row")


def decided(*names: str, stage: str = "mql", review_day: date | None = None) -> pl.DataFrame:
    """Decisions on these leads, with a score and a verdict."""
    schema = {"lead": pl.String, "stage": pl.String, "earned_stage": pl.String, "review_day": pl.Date}
    rows = [(name, stage, stage, review_day) for name in names]
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(**{"score.fit.low": pl.lit(12_000), "verdict.budget": pl.lit(None, pl.Boolean)})


def due(store: Store, connection: str, as_of: date = DAY) -> list[str]:
    """The ids of the leads that are due."""
    batches = store.facts.gather(connection, as_of, fact_types=FACTS)
    return [name for batch in batches for name in batch.leads["lead"]]


def lead_row(store: Store, connection: str, name: str) -> dict[str, Any]:
    """What the store knows of one lead."""
    [batch] = store.facts.gather(connection, DAY, leads=[name], fact_types=FACTS)
    return batch.leads.row(0, named=True)


def unread(*rows: tuple[str, str, str, str, str, str]) -> pl.DataFrame:
    """What could not be read: `record, lead, part, name, field, value`."""
    names = ("record", "lead", "part", "name", "field", "value")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")


def state_of(store: Store, connection: str) -> dict[str, Any]:
    """Everything that the store tells of a connection, comparable with `==`."""
    batches = list(store.facts.gather(connection, DAY, everything=True, fact_types=FACTS))
    names = [name for batch in batches for name in batch.leads["lead"]]
    return {
        "leads": [row for batch in batches for row in batch.leads.drop("row").rows()],
        "activities": [row for batch in batches for row in batch.activities.drop("row").rows()],
        "due": due(store, connection),
        "due ever": due(store, connection, date(9999, 12, 31)),
        "accounts": store.facts.accounts(connection).rows(),
        "unread": store.facts.unread(connection).rows(),
        "unmanaged": store.facts.unmanaged(connection).rows(),
        "cursors": store.facts.cursors(connection),
        "digests": store.runs.digests(connection),
        "decisions": store.history.decisions(connection, names),
        "entries": store.journal.entries(connection),
        "turns": store.journal.turns(connection),
        "history": {name: store.history.stages_of(connection, name) for name in names},
        "hand_offs": store.hand_offs.read(connection),
        "credits": store.journal.open_credits(connection),
        "holds": store.left_alone.holds(connection),
        "overruled": store.left_alone.overruled(connection),
    }
