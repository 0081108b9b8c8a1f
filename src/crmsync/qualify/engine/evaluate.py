"""Runs a compiled policy's plan on a batch: one frame with every column, asked for or in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from crmsync.model import FACT_DTYPES, FACT_PREFIX, NO_EVIDENCE, NOT_DONE, UNKNOWN_OUTCOME, Batch
from crmsync.qualify.columns.plan import OTHER_CODE, UNKNOWN_CODE, Aggregate, EvaluationPlan, activity_age
from crmsync.qualify.columns.since import of_stays, perhaps_column, sure_column
from crmsync.qualify.columns.stays import stay_columns
from crmsync.qualify.engine.compile import Unit
from crmsync.qualify.language.walk import selectors_of
from crmsync.qualify.terms.facts import BUILT_IN_FACTS
from crmsync.qualify.terms.shape import many

_EPOCH = date(1970, 1, 1).toordinal()
_QUERIES_AT_ONCE = 32
"""polars looks for what queries share in time that grows with the square of their number."""


def evaluate(unit: Unit, batch: Batch, as_of: date) -> pl.DataFrame:
    """One row per lead, by `row` as in the batch: `lead`, facts, aggregates, verdicts, scores, stage."""
    today = day_number(as_of)
    frame = lead_columns(unit, batch, today)
    frame = _with_aggregates(frame, _aggregated(unit, batch.activities, frame, today), unit.plan)
    for level in unit.plan.levels:
        frame = frame.with_columns(**level)
    return frame


def day_number(day: date) -> int:
    """Days from 1970-01-01."""
    return day.toordinal() - _EPOCH


def lead_columns(unit: Unit, batch: Batch, today: int) -> pl.DataFrame:
    """One row per lead: what it is, the facts asked for, and the days since when activities count, as ages."""
    leads = batch.leads
    present = set(leads.columns)

    def given(column: str, dtype: pl.DataType) -> pl.Expr:
        return pl.col(column) if column in present else pl.lit(None, dtype=dtype).alias(column)

    types = unit.policy.fact_types
    asked = [
        given(name if name in BUILT_IN_FACTS else FACT_PREFIX + name, FACT_DTYPES[types[name]])
        for name in sorted(unit.plan.needs_facts)
    ]
    days = pl.Date()
    base = leads.select(
        pl.col("row").cast(pl.UInt32),
        "lead",
        pl.col("stage").alias("#stage"),
        pl.col("managed").alias("#managed"),
        (today - given("stage_edited_on", days).to_physical()).alias("#edit_age"),
        (today - given("stage_since", days).to_physical()).alias("#stage_age"),
        pl.lit(today, dtype=pl.Int32).alias("#today"),
        *asked,
    )
    frame = base.with_columns(**unit.plan.facts)
    return _with_the_past(unit, frame, batch.stays, today)


def _with_the_past(unit: Unit, frame: pl.DataFrame, stays: pl.DataFrame | None, today: int) -> pl.DataFrame:
    """Beside the leads what is asked of their way through the stages."""
    plan, policy = unit.plan, unit.policy
    rows, lowest = frame["row"], policy.ladder[0].stage
    beside = policy.disqualified.stage if policy.disqualified else None
    moves = [moment for moment in plan.moments.values() if moment.how != "fact"]
    if moves:
        frame = frame.hstack(of_stays(rows, stays, moves, today, lowest, beside))
    return frame.hstack(stay_columns(rows, stays, sorted(plan.stages), today, lowest)) if plan.stages else frame


def _aggregated(unit: Unit, activities: pl.DataFrame, leads: pl.DataFrame, today: int) -> list[pl.DataFrame]:
    """Frames with one row for each lead that has something, in any order: `row` and aggregates."""
    plan = unit.plan
    if not plan.aggregates and not plan.per_day:
        return []
    coded = coded_activities(unit, activities, leads, today, ("kind",))
    under: dict[tuple[str, str | None], dict[str, Aggregate]] = {}
    twins = {} if (coded["#perhaps"] & ~coded["#happened"]).any() else _twins(plan, leads)
    for column, aggregate in plan.aggregates.items():
        under.setdefault((twins.get(aggregate.of, aggregate.of), aggregate.group), {})[column] = aggregate
    # A mask lets few activities through: grouping them one mask at a time is several times cheaper than
    # grouping all activities once with every mask inside.
    asked = [
        _values(coded.lazy().filter(plan.masks[of]), group, aggregates) for (of, group), aggregates in under.items()
    ]
    asked += [make(coded.lazy()) for make in plan.per_day.values()]
    together = range(0, len(asked), _QUERIES_AT_ONCE)
    return [part for first in together for part in pl.collect_all(asked[first : first + _QUERIES_AT_ONCE])]


def _twins(plan: EvaluationPlan, leads: pl.DataFrame) -> dict[str, str]:
    """Masks of possible matches that are those of certain ones, as all these leads' days are known."""
    unknown = {
        key
        for key, moment in plan.moments.items()
        if (leads[sure_column(moment)] != leads[perhaps_column(moment)]).any()
    }
    return {mask: twin for mask, twin in plan.twins.items() if plan.twins_since.get(mask) not in unknown}


def _values(activities: pl.LazyFrame, group: str | None, aggregates: Mapping[str, Aggregate]) -> pl.LazyFrame:
    """One row for each lead: the aggregates of its activities, or of the groups among them."""
    if group is not None:
        of_group = {one.meta.output_name(): one for aggregate in aggregates.values() for one in aggregate.of_group}
        activities = activities.group_by("row", group).agg(of_group.values())
    return activities.group_by("row").agg(one.value.alias(column) for column, one in aggregates.items())


def coded_activities(
    unit: Unit, activities: pl.DataFrame, leads: pl.DataFrame, today: int, kept: tuple[str, ...]
) -> pl.DataFrame:
    """The activities the policy asks for: `row`, the `kept` columns, ages, what happened, codes, groups, points.

    `leads`: their `lead_columns`, of which the days since when something counts come beside. `today`: days from
    1970-01-01 to `as_of`.
    """
    plan = unit.plan
    asked = {kind for selector in selectors_of(unit.policy) for kind in many(selector.kind)}
    if not plan.every_kind:
        activities = activities.filter(pl.col("kind").is_in(sorted(asked)))
    codes = [
        pl.when(_says_nothing(key))
        .then(pl.lit(UNKNOWN_CODE, dtype=pl.UInt16))
        .otherwise(_word(key).replace_strict(words, default=OTHER_CODE, return_dtype=pl.UInt16))
        .alias(f"#{key}")
        for key, words in plan.codes.items()
    ]
    coded = activities.select(
        pl.col("row").cast(pl.UInt32),
        (today - pl.col("day").to_physical()).alias("#age"),
        pl.col("outcome").is_in(NO_EVIDENCE).fill_null(False).not_().alias("#happened"),
        pl.col("outcome").is_in(NOT_DONE).fill_null(False).not_().alias("#perhaps"),
        *kept,
        *codes,
        *(group.alias(column) for column, group in plan.groups.items()),
    ).filter(activity_age.is_not_null())
    return _with_moments(coded, leads, plan).with_columns(
        pl.lit(pl.Series(table, dtype=pl.Int64)).gather(activity_age.clip(0, len(table) - 1)).alias(column)
        for column, table in plan.point_columns.items()
    )


def _with_moments(coded: pl.DataFrame, leads: pl.DataFrame, plan: EvaluationPlan) -> pl.DataFrame:
    columns = [column(moment) for moment in plan.moments.values() for column in (sure_column, perhaps_column)]
    if not columns:
        return coded
    places = _places_in(leads["row"])(coded["row"])
    return coded.hstack([leads[column].gather(places) for column in columns])


def _word(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase() if column == "about" else pl.col(column)


def _says_nothing(column: str) -> pl.Expr:
    unknown = pl.col(column).is_null()
    return unknown | (pl.col(column) == UNKNOWN_OUTCOME) if column == "outcome" else unknown


def _with_aggregates(frame: pl.DataFrame, aggregated: list[pl.DataFrame], plan: EvaluationPlan) -> pl.DataFrame:
    """Puts aggregates beside their leads by position, which costs a tenth of a join."""
    columns = []
    places_of = _places_in(frame["row"])
    for part in aggregated:
        places = places_of(part["row"])
        for column in part.iter_columns():
            if column.name == "row":
                continue
            aggregate = plan.aggregates.get(column.name)
            empty = pl.Series(column.name, [None if aggregate is None else aggregate.empty], dtype=column.dtype)
            columns.append(empty.new_from_index(0, frame.height).scatter(places, column))
    return frame.hstack(columns)


def _places_in(rows: pl.Series) -> Callable[[pl.Series], pl.Series]:
    """A function that says where in `rows` each of some stands."""
    first = rows.first()
    if isinstance(first, int) and rows.is_sorted() and rows.last() == first + rows.len() - 1:
        return lambda some: some - first
    places = pl.DataFrame({"row": rows}).with_row_index("#place")
    return lambda some: pl.DataFrame({"row": some}).join(places, on="row", how="left", maintain_order="left")[
        "#place"
    ]
