"""The leads of a run decided in batches, each kept with its activities for the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.model import FACT_PREFIX, Batch
from crmsync.qualify.engine.decide import decide_with_verdicts
from crmsync.run.course import Course
from crmsync.run.decided import LEAD_COLUMNS
from crmsync.run.gather import gathered, nobody
from crmsync.store import Store
from crmsync.values import replace

_NO_EVIDENCE = ("activity", "lead", "at", "subject")
"""Columns of activities that no decision and no reason looks at."""


class DecidedBatch(Struct, frozen=True):
    """A batch with what was decided of it, kept for the reasons; its activities without `_NO_EVIDENCE`."""

    batch: Batch
    decisions: pl.DataFrame
    verdicts: pl.DataFrame


def decided_batches(prepared: Prepared, store: Store, course: Course, as_of: date) -> list[DecidedBatch]:
    """The leads of the course; where there are none, one batch of nobody, for its columns."""
    batches = gathered(prepared, store, as_of, everything=course.everything, leads=course.leads, also=course.also)
    found = [_one(prepared, batch, as_of) for batch in batches]
    return found or [_one(prepared, nobody(prepared), as_of)]


def _one(prepared: Prepared, batch: Batch, as_of: date) -> DecidedBatch:
    decisions, verdicts = decide_with_verdicts(prepared.compiled, batch, as_of)
    kept = replace(batch, activities=batch.activities.drop(_NO_EVIDENCE))
    return DecidedBatch(kept, decisions, verdicts)


def frame_of(batches: Sequence[DecidedBatch]) -> pl.DataFrame:
    """All batches as one frame: LEAD_COLUMNS, `stage` as it is, facts, and the decisions."""
    frames = []
    for one in batches:
        leads, decisions = one.batch.leads, one.decisions.drop("lead", "row").rename({"stage": "stage_after"})
        facts = [name for name in leads.columns if name.startswith(FACT_PREFIX)]
        frames.append(pl.concat([leads.select(*LEAD_COLUMNS, "stage", *facts), decisions], how="horizontal"))
    return pl.concat(frames)


def decided_as_of(prepared: Prepared, store: Store, leads: Sequence[str], as_of: date) -> pl.DataFrame:
    """These leads alone, as of a day: LEAD_COLUMNS, `stage` as it is, `stage_after`, facts, and the decisions."""
    found = [_one(prepared, batch, as_of) for batch in gathered(prepared, store, as_of, leads=leads)]
    return frame_of(found or [_one(prepared, nobody(prepared), as_of)])
