"""The decision: one row per lead, by one implementation for batches, single leads and simulations."""

from __future__ import annotations

from datetime import date

import polars as pl

from crmsync.model import DECIDED, DECIDED_BY_NAME, Batch, checked
from crmsync.qualify.columns.kleene import perhaps, surely
from crmsync.qualify.engine.compile import CompiledPolicy, Unit
from crmsync.qualify.engine.evaluate import evaluate
from crmsync.qualify.engine.review import days_to_other_points, days_to_review, review_day, with_edge

_HEAD = ("row", "lead", "policy", "earned_stage", "stage", "stage_why", "reason", "priority")


def decide(compiled: CompiledPolicy, batch: Batch, as_of: date) -> pl.DataFrame:
    """Decides a batch as of a day in the org's zone. One row per lead, in batch order: Schema DECIDED, with
    the columns of DECIDED_BY_NAME that the policy names.
    """
    return decisions_in(compiled, decided_frame(compiled, batch, as_of, reviewed=True), as_of)


def decide_with_verdicts(compiled: CompiledPolicy, batch: Batch, as_of: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `decide` gives, and what the reasons are told from: by `row` the `earned_stage`, `reason`, and verdicts.

    For whom reasons are asked afterwards: to evaluate a few leads once more costs as much as the first time.
    """
    main = decided_frame(compiled, batch, as_of, reviewed=True)
    named = {column for unit in compiled.units for column in unit.verdict_columns}
    asked = [column for column in main.columns if column in named]
    return decisions_in(compiled, main, as_of), main.select("row", "earned_stage", "reason", *asked)


def decisions_in(compiled: CompiledPolicy, main: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The same of a reviewed `decided_frame`, for who needs the columns in between as well."""
    given = set(main.columns)
    frame = main.select(
        *_HEAD,
        *(
            pl.col(name) if name in given else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in _told_columns(compiled).items()
        ),
        review_day(pl.col("#review"), pl.col("#today")).alias("review_day"),
        pl.lit(as_of).alias("as_of"),
    )
    return checked(frame, DECIDED, DECIDED_BY_NAME)


def decided_frame(compiled: CompiledPolicy, batch: Batch, as_of: date, *, reviewed: bool) -> pl.DataFrame:
    """The decision with all columns in between. Not `reviewed`: without the search for the review day."""
    main = _evaluated(compiled.units[0], batch, as_of, reviewed=reviewed)
    return _by_segment(compiled, main, batch, as_of, reviewed=reviewed) if compiled.policy.segments else main


def _evaluated(unit: Unit, batch: Batch, as_of: date, *, reviewed: bool) -> pl.DataFrame:
    """The evaluated frame with `policy` and `#review` (days)."""
    frame = evaluate(unit, batch, as_of).with_columns(pl.lit(unit.name).alias("policy"))
    if not reviewed:
        return frame.with_columns(pl.lit(None, dtype=pl.Int32).alias("#review"))
    frame = with_edge(unit, frame)
    ages = {f"ages.{name}": days_to_other_points(watch, frame) for name, watch in unit.ages.items()}
    told = frame.with_columns(days_to_review(unit, frame), **ages)
    return told.with_columns(review_day(pl.col(name), pl.col("#today")).alias(name) for name in ages)


def part_of(batch: Batch, rows: pl.Series) -> Batch:
    """The batch with only these rows; they keep their numbers."""
    these = pl.col("row").is_in(rows.implode())
    return Batch(
        leads=batch.leads.filter(these),
        activities=batch.activities.filter(these),
        stays=None if batch.stays is None else batch.stays.filter(these),
    )


def candidates_of(compiled: CompiledPolicy, batch: Batch, as_of: date) -> pl.DataFrame:
    """Every policy that could apply to each lead: `row`, `policy`, `earned_stage`, `reason`.

    By row, then in the order of the segments, the main policy last. A lead has several where it is not known
    whether it belongs to a segment.
    """
    main = _evaluated(compiled.units[0], batch, as_of, reviewed=False)
    together = pl.concat(_candidates(compiled, main, batch, as_of, reviewed=False), how="diagonal_relaxed")
    return together.sort("row", "#order").select("row", "policy", "earned_stage", "reason")


def _candidates(
    compiled: CompiledPolicy, main: pl.DataFrame, batch: Batch, as_of: date, *, reviewed: bool
) -> list[pl.DataFrame]:
    """For each policy the leads to which it could apply, with `#order`: the segments', then the main one."""
    open_ = pl.lit(True)
    frames = []
    for order, unit in enumerate(compiled.units[1:]):
        inside = pl.col(f"verdict.segment.{unit.name}")
        rows = main.filter(open_ & perhaps(inside))["row"]
        open_ &= ~surely(inside)
        if len(rows):
            frame = _evaluated(unit, part_of(batch, rows), as_of, reviewed=reviewed)
            frames.append(frame.with_columns(pl.lit(order, dtype=pl.Int32).alias("#order")))
    rest = main.filter(open_).with_columns(pl.lit(len(compiled.units), dtype=pl.Int32).alias("#order"))
    return [*frames, rest]


def _by_segment(
    compiled: CompiledPolicy, main: pl.DataFrame, batch: Batch, as_of: date, *, reviewed: bool
) -> pl.DataFrame:
    """Each lead under the first segment that it surely belongs to.

    A segment that it *may* belong to is a candidate as well, and of several candidates the one that gives the least
    applies: what is not known never promotes and, unless all candidates say so, never disqualifies.
    """
    frames = _candidates(compiled, main, batch, as_of, reviewed=reviewed)
    together = pl.concat(frames, how="diagonal_relaxed")
    leaves = pl.col("reason").is_not_null()
    chosen = (
        together.with_columns(leaves.alias("#leaves"), leaves.all().over("row").alias("#all_leave"))
        .sort("row", "#earned_rank", "#leaves", "#order")
        .unique("row", keep="first", maintain_order=True)
        .drop("#review")
    )
    kept = pl.col("#leaves") & ~pl.col("#all_leave")
    chosen = chosen.with_columns(
        pl.when(~kept).then("reason").alias("reason"),
        pl.when(kept).then("#stage_unless").otherwise("stage").alias("stage"),
        pl.when(kept).then("#why_unless").otherwise("stage_why").alias("stage_why"),
    )
    nearest = (
        pl.concat([one.select("row", "#review") for one in (*frames[:-1], main)])
        .group_by("row")
        .agg(pl.col("#review").min())
    )
    segments = main.select("row", *(f"verdict.segment.{unit.name}" for unit in compiled.units[1:]))
    chosen = chosen.drop([column for column in segments.columns if column != "row" and column in chosen.columns])
    decided = main.select("row")
    for part in (chosen, nearest, segments):
        decided = decided.join(part, on="row", how="left", maintain_order="left")
    return decided


def _told_columns(compiled: CompiledPolicy) -> dict[str, pl.DataType]:
    """Scores, bands, verdicts and days of ageing of all units: the same columns for every batch."""
    columns: dict[str, pl.DataType] = {}
    for unit in compiled.units:
        columns |= {f"score.{name}.{end}": pl.Int64() for name in unit.policy.scores for end in ("low", "high")}
    for unit in compiled.units:
        banded = [name for name, score in unit.policy.scores.items() if score.bands]
        columns |= {f"band.{name}": pl.String() for name in (*banded, *unit.policy.grades)}
    columns |= {f"ages.{name}": pl.Date() for unit in compiled.units for name in unit.ages}
    return columns | {f"verdict.{condition}": pl.Boolean() for condition in compiled.conditions}
