"""Native frames → LEADS and ACTIVITIES frames. Pure, columnar; the reverse is `outward`."""

from __future__ import annotations

import polars as pl
from msgspec import Struct

from crmsync.contract import LEAD_ID, RECORD_ID
from crmsync.mapping.activity_mapping import ActivityMapping
from crmsync.mapping.answers import kind_answer, word_answer, words_read
from crmsync.mapping.conditions import any_holds
from crmsync.mapping.convert import filled, instant
from crmsync.mapping.fact_values import fact_value
from crmsync.mapping.field_types import NOTHING_TOLD, NativeTypes
from crmsync.mapping.moments import told_by
from crmsync.mapping.schema import CrmMapping
from crmsync.mapping.unread import nothing_unread
from crmsync.mapping.unread_rows import unread_activities, unread_leads
from crmsync.mapping.word_lists import DIRECTIONS, SHARED_WORDS, KnownWords
from crmsync.model import ACTIVITIES, FACT_PREFIX, LEADS, UNKNOWN_OUTCOME


class Mapped(Struct, frozen=True):
    """What became of one page. `unread` (schema UNREAD): what it holds and crmsync could make nothing of."""

    frame: pl.DataFrame
    unread: pl.DataFrame


def leads_from(mapping: CrmMapping, native: pl.DataFrame, zone: str, types: NativeTypes = NOTHING_TOLD) -> Mapped:
    """Lead records → a LEADS frame with `fact.*` columns, one row per record id (the last one wins)."""
    native = native.unique(subset=[RECORD_ID], keep="last", maintain_order=True)
    lead = mapping.lead
    stage = _stage(mapping)
    columns: dict[str, pl.Expr] = {
        "lead": pl.col(RECORD_ID),
        "email": filled(lead.email).str.to_lowercase(),
        "name": pl.concat_str([filled(field) for field in lead.name], separator=" ", ignore_nulls=True)
        if lead.name
        else pl.lit(None, pl.String),
        "company": filled(lead.company) if lead.company else pl.lit(None, pl.String),
        "created_at": instant(pl.col(lead.created_at)),
        "owner": filled(mapping.owner.field),
        "stage": stage,
        "managed": stage.is_not_null() | filled(mapping.stage.field).is_null(),
        "stage_native": pl.struct(sorted(mapping.stage.fields)).struct.json_encode(),
        "hand_off_native": pl.struct(sorted(mapping.hand_off_fields)).struct.json_encode()
        if mapping.hand_off_fields
        else pl.lit(None, pl.String),
        "written_native": pl.struct(sorted(mapping.write.fields)).struct.json_encode()
        if mapping.write
        else pl.lit(None, pl.String),
        "pinned": any_holds(lead.leave_alone) if lead.leave_alone else pl.lit(None, pl.Boolean),
    }
    for name, fact in mapping.mapped_facts.items():
        columns[FACT_PREFIX + name] = fact_value(name, fact, zone, types)
    frame = native.select(**columns).with_columns(pl.col("name").replace("", None))
    return Mapped(
        frame.with_columns(pl.col(name).cast(kind) for name, kind in LEADS.items()),
        unread_leads(mapping, native, frame, types),
    )


def activities_from(
    activity: ActivityMapping, native: pl.DataFrame, zone: str, known: KnownWords = SHARED_WORDS
) -> Mapped:
    """Activity records → an ACTIVITIES frame. Records without a kind are left out; without a day, unread.

    `known`: words of kind and outcome that mean something where a field is taken as it stands.
    """
    if native.is_empty():
        return Mapped(pl.DataFrame(schema=ACTIVITIES), nothing_unread())
    when = told_by(activity.at, zone)
    columns: dict[str, pl.Expr] = {
        "activity": pl.concat_str(pl.lit(activity.object + ":"), pl.col(RECORD_ID)),
        "lead": pl.col(LEAD_ID),
        "kind": kind_answer(activity.kind, known.kinds),
        "day": when.day,
        "at": when.at,
        "direction": word_answer(activity.direction, DIRECTIONS).replace(UNKNOWN_OUTCOME, None),
        "outcome": word_answer(activity.outcome, known.outcomes),
        "by": filled(activity.by) if activity.by else pl.lit(None, pl.String),
        "subject": filled(activity.subject) if activity.subject else pl.lit(None, pl.String),
        "about": filled(activity.about) if activity.about else pl.lit(None, pl.String),
    }
    native = native.unique(subset=[RECORD_ID, LEAD_ID], keep="last", maintain_order=True)
    if activity.leave_out:
        native = native.filter(~any_holds(activity.leave_out))
    words = words_read((*activity.kind, *activity.outcome, *activity.direction))
    frame = native.with_columns(**when.read, **words).select(
        expression.cast(ACTIVITIES[name]).alias(name) for name, expression in columns.items()
    )
    unread = unread_activities(activity, native, frame, when, known)
    return Mapped(frame.filter(pl.col("kind").is_not_null() & pl.col("day").is_not_null()), unread)


def _stage(mapping: CrmMapping) -> pl.Expr:
    """The first stage whose native values all match; null otherwise. The same rule as `schema.stage_of`."""
    result = pl.lit(None, pl.String)
    for stage, value in reversed(list(mapping.stage.values.items())):
        matches = pl.all_horizontal(pl.col(field).is_in(list(values)) for field, values in value.set.items())
        result = pl.when(matches.fill_null(False)).then(pl.lit(stage)).otherwise(result)
    return result
