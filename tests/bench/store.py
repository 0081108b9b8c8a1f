"""How long the store takes: `python tests/bench/store.py [LEADS] [ACTIVITIES_PER_LEAD] [ADDRESS]`. Asserts nothing.

`ADDRESS`: an empty PostgreSQL database instead of a file.

Each row names what is compared in the same run where there is something to compare with: a bare `executemany` of
the same columns into an unindexed table, and the bytes of the raw values.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from crmsync.model import FactType
from crmsync.store import Pulled, Store

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
PAGE = 2_000
FACTS: dict[str, FactType] = {
    "budget": "choice",
    "authority": "choice",
    "timeline": "choice",
    "industry": "text",
    "title": "text",
    "employees": "integer",
    "revenue": "money",
    "opted_out": "boolean",
    "renewal": "date",
}


def leads_page(start: int, stop: int, bump: int = 0) -> pl.DataFrame:
    """Leads number `start` to `stop`; `bump` changes a fact."""
    number = pl.int_range(start, stop, eager=True).alias("number")
    text = pl.col("number").cast(pl.String)
    return number.to_frame().select(
        lead="00Q" + text.str.zfill(15),
        email="person" + text + "@example.com",
        name="Person " + text,
        company="Company " + (pl.col("number") // 7).cast(pl.String),
        created_at=pl.lit(NOW).cast(pl.Datetime("us", "UTC")),
        owner="005" + (pl.col("number") % 40).cast(pl.String).str.zfill(15),
        stage=pl.when(pl.col("number") % 3 == 0).then(pl.lit("mql")).otherwise(pl.lit("sal")),
        managed=pl.lit(True),
        stage_native=pl.lit('{"Status":"Working"}'),
        hand_off_native=pl.lit(None, dtype=pl.String),
        written_native=pl.lit(None, dtype=pl.String),
        pinned=pl.lit(None, dtype=pl.Boolean),
        **{
            "fact.budget": pl.when(pl.col("number") % 2 == 0).then(pl.lit("available")),
            "fact.authority": pl.when(pl.col("number") % 3 == 0).then(pl.lit("decision_maker")),
            "fact.timeline": pl.when(pl.col("number") % 5 == 0).then(pl.lit("this_quarter")),
            "fact.industry": pl.lit("software"),
            "fact.title": "Title " + (pl.col("number") % 100).cast(pl.String),
            "fact.employees": pl.col("number") % 5_000 + bump,
            "fact.revenue": (pl.col("number") % 10_000) * 1.25,
            "fact.opted_out": pl.col("number") % 9 == 0,
            "fact.renewal": pl.lit(TODAY),
        },
    )


def activities_page(start: int, stop: int, leads: int) -> pl.DataFrame:
    """Activities number `start` to `stop`, spread over the leads as time brings them: not sorted by lead."""
    number = pl.int_range(start, stop, eager=True).alias("number")
    text = pl.col("number").cast(pl.String)
    return number.to_frame().select(
        activity="Task:00T" + text.str.zfill(15),
        lead="00Q" + (pl.col("number") * 7_919 % leads).cast(pl.String).str.zfill(15),
        kind=pl.lit("content_download"),
        day=pl.lit(TODAY),
        at=pl.lit(NOW).cast(pl.Datetime("us", "UTC")),
        direction=pl.lit("inbound"),
        outcome=pl.lit("completed"),
        by="005" + (pl.col("number") % 40).cast(pl.String).str.zfill(15),
        subject="Subject " + text,
        about=pl.lit(None, dtype=pl.String),
    )


def pull(leads: int, activities: int) -> Iterator[Pulled]:
    """A whole pull in pages."""
    for start in range(0, leads, PAGE):
        yield Pulled(leads=leads_page(start, min(start + PAGE, leads)))
    for start in range(0, activities, PAGE):
        yield Pulled(activities=activities_page(start, min(start + PAGE, activities), leads))
    yield Pulled(cursors={"Lead": "x", "Task": "x"})


@contextmanager
def timed(what: str, rows: int) -> Iterator[None]:
    """Print a block's seconds by the clock and of the processor, rows per second of work, the peak memory so far."""
    began, worked = time.perf_counter(), time.process_time()
    yield
    seconds, work = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:<46} {seconds:8.3f} s, {work:8.3f} s of work {rows / work:12,.0f} rows/s   peak {peak:6.0f} MiB",
        flush=True,
    )


def bare_executemany(path: Path, leads: int) -> None:
    """The yardstick: the same lead columns in one table without an index, rows ready in memory."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode=WAL")
    rows = leads_page(0, leads).with_columns(pl.col(pl.Datetime, pl.Date).to_physical()).rows()
    columns = ",".join(f"c{number}" for number in range(len(rows[0])))
    raw.execute(f"CREATE TABLE t ({columns})")
    with timed("bare executemany of the same lead columns", leads):
        raw.execute("BEGIN")
        raw.executemany(f"INSERT INTO t VALUES ({','.join('?' * len(rows[0]))})", rows)
        raw.execute("COMMIT")
    raw.close()


def main(leads: int, activities: int, address: str | None = None) -> None:
    """Print all rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        store = Store(address or path)
        with timed("first pull: leads", leads):
            store.facts.remember("c", pull(leads, 0), today=TODAY, complete=True)
        with timed("first pull: activities", activities):
            store.facts.remember("c", (part for part in pull(leads, activities) if part.leads is None), today=TODAY)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        raw = leads_page(0, 10_000).write_csv(include_header=False)
        raw_activities = activities_page(0, 10_000, leads).write_csv(include_header=False)
        bytes_of_values = (len(raw) * leads + len(raw_activities) * activities) / 10_000 / 1e6
        print(f"size on disk {size:,.0f} MB, values as CSV {bytes_of_values:,.0f} MB")
        with timed("full pull again, nothing changed: all rows", leads + activities):
            store.facts.remember("c", pull(leads, activities), today=TODAY, complete=True)
        with timed("gather all leads with activities", leads):
            for _ in store.facts.gather("c", TODAY, fact_types=FACTS):
                pass
        run = store.runs.start("c", now=NOW, dry_run=False)
        with timed("record decisions on all", leads):
            for start in range(0, leads, 100_000):
                some = leads_page(start, min(start + 100_000, leads)).select(
                    "lead",
                    "stage",
                    earned_stage="stage",
                    review_day=pl.lit(date(2027, 1, 1)),
                    low=pl.lit(12_000),
                    met=pl.lit(5, pl.UInt64),
                )
                store.history.record("c", run, some, policy_digest="p", as_of=TODAY, now=NOW)
        for round_ in range(3):
            changed = leads_page(0, leads, bump=1 + round_).gather_every(max(leads // 1_000, 1)).head(1_000)
            with timed("incremental pull of 1,000 changed leads", 1_000):
                store.facts.remember("c", [Pulled(leads=changed, cursors={"Lead": "y"})], today=TODAY)
        for _ in range(3):
            with timed("gather 1,000 due leads", 1_000):
                due = sum(batch.leads.height for batch in store.facts.gather("c", TODAY, fact_types=FACTS))
        print(f"due: {due}")
        with timed("gather 1 named lead", 1):
            list(store.facts.gather("c", TODAY, fact_types=FACTS, leads=[changed["lead"][0]]))
        store.close()
        bare_executemany(Path(folder) / "bare.db", min(leads, 200_000))


if __name__ == "__main__":
    number_of_leads = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    per_lead = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    main(number_of_leads, number_of_leads * per_lead, sys.argv[3] if len(sys.argv) > 3 else None)
