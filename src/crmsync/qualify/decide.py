"""The decision: one row per lead, by one implementation for batches, single leads and simulations."""

from __future__ import annotations

from datetime import date

import polars as pl

from crmsync.model import Batch
from crmsync.qualify.compile import CompiledPolicy, Unit
from crmsync.qualify.evaluate import evaluate
from crmsync.qualify.kleene import perhaps, surely
from crmsync.qualify.policy import Policy
from crmsync.qualify.review import days_to_review, review_day

_HEAD = ("row", "lead", "policy", "earned_stage", "stage", "stage_why", "reason", "priority")


def decide(compiled: CompiledPolicy, batch: Batch, as_of: date) -> pl.DataFrame:
    """Decides a batch as of a day in the org's zone. One row per lead, in batch order:

    | column | type | meaning |
    |---|---|---|
    | `row`, `lead` | UInt32, String | as in the batch |
    | `policy` | String | the policy's name, or the segment's whose policy applied |
    | `earned_stage` | String | the highest rung whose conditions the evidence meets |
    | `stage` | String | the decided stage; null when unmanaged |
    | `stage_why` | String | the code of the rule of movement that applied (`movement`) |
    | `reason` | String | the first disqualification reason met, `other` without one; null when none applies |
    | `priority` | Int64 | low end of the policy's priority score, milli-points; 0 without one |
    | `score.<name>.low`, `.high` | Int64 | milli-points |
    | `band.<name>` | String | band of a score, or a grade; null below the lowest band |
    | `verdict.<condition>` | Boolean | null = unknown |
    | `review_day` | Date | earliest day on which time alone could change a verdict, band or the stage; null = never |
    | `as_of` | Date | the day of the decision |
    """
    main = evaluated(compiled.units[0], batch, as_of)
    if compiled.policy.segments:
        main = _by_segment(compiled, main, batch, as_of)
    columns = [*_HEAD, *_told_columns(compiled, main)]
    return main.select(
        *columns,
        review_day(pl.col("#review"), pl.col("#today")).alias("review_day"),
        pl.lit(as_of).alias("as_of"),
    )


def evaluated(unit: Unit, batch: Batch, as_of: date) -> pl.DataFrame:
    """The evaluated frame with `policy` and `#review` (days)."""
    frame = evaluate(unit, batch, as_of)
    return frame.with_columns(pl.lit(unit.name).alias("policy"), days_to_review(unit, frame))


def part_of(batch: Batch, rows: pl.Series) -> Batch:
    """The batch with only these rows; they keep their numbers."""
    return Batch(
        leads=batch.leads.filter(pl.col("row").is_in(rows.implode())),
        activities=batch.activities.filter(pl.col("row").is_in(rows.implode())),
    )


def _by_segment(compiled: CompiledPolicy, main: pl.DataFrame, batch: Batch, as_of: date) -> pl.DataFrame:
    """Each lead under the first segment that it surely belongs to.

    A segment that it *may* belong to is a candidate as well, and of several candidates the one that gives the least
    applies: what is not known never promotes and, unless all candidates say so, never disqualifies.
    """
    open_ = pl.lit(True)
    frames = []
    for order, unit in enumerate(compiled.units[1:]):
        inside = pl.col(f"verdict.segment.{unit.name}")
        rows = main.filter(open_ & perhaps(inside))["row"]
        open_ &= ~surely(inside)
        if len(rows):
            frame = evaluated(unit, part_of(batch, rows), as_of)
            frames.append(frame.with_columns(pl.lit(order, dtype=pl.Int32).alias("#order")))
    rest = main.filter(open_).with_columns(pl.lit(len(compiled.units), dtype=pl.Int32).alias("#order"))
    together = pl.concat([*frames, rest], how="diagonal_relaxed")
    chosen = (
        together.with_columns(pl.col("reason").is_not_null().alias("#leaves"))
        .sort("row", "#leaves", "#earned_rank", "#order")
        .unique("row", keep="first", maintain_order=True)
        .drop("#review")
    )
    nearest = (
        pl.concat([one.select("row", "#review") for one in (*frames, main)])
        .group_by("row")
        .agg(pl.col("#review").min())
    )
    segments = main.select("row", *(f"verdict.segment.{unit.name}" for unit in compiled.units[1:]))
    chosen = chosen.drop([column for column in segments.columns if column != "row" and column in chosen.columns])
    decided = main.select("row")
    for part in (chosen, nearest, segments):
        decided = decided.join(part, on="row", how="left", maintain_order="left")
    return decided


def _told_columns(compiled: CompiledPolicy, frame: pl.DataFrame) -> list[str]:
    policies: list[Policy] = [unit.policy for unit in compiled.units]
    scores = dict.fromkeys(name for policy in policies for name in policy.scores)
    bands = dict.fromkeys(
        name
        for policy in policies
        for name in (*(score for score, says in policy.scores.items() if says.bands), *policy.grades)
    )
    columns = [f"score.{name}.{end}" for name in scores for end in ("low", "high")]
    columns += [f"band.{name}" for name in bands]
    columns += [f"verdict.{condition}" for condition in compiled.conditions]
    return [column for column in columns if column in frame.columns]
