"""`crmsync check --data`: what the CRM's records hold, seen through the mapping. Reads; writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from crmsync.connection.opening import Opened
from crmsync.connection.prepared import Prepared
from crmsync.contract import LEAD_ID, RECORD_ID, PullRequest
from crmsync.mapping import FactMapping, activities_from, activity_fields, filled, first_filled, leads_from
from crmsync.model import FACT_PREFIX
from crmsync.operations.check.data_counts import DataCheck, FactData
from crmsync.operations.check.data_findings import data_findings
from crmsync.progress import Progress

MOST_RECORDS = 50_000
"""Records of one object that are looked at; more are not read."""


def looked_at(opened: Opened, progress: Progress) -> DataCheck:
    """Read a sample of every object of the mapping, and count."""
    found = DataCheck()
    _leads(opened, found, progress)
    prepared = opened.prepared
    for activity in prepared.mapping.activities:
        pages = _pages(
            opened, activity.object, activity_fields(activity), found, progress, prepared.mapping.lead.object
        )
        for records in pages:
            mapped = activities_from(activity, records, prepared.org.time_zone, prepared.words)
            told = mapped.frame.unique("activity").group_by("kind", "outcome").len()
            for kind, outcome, count in told.iter_rows():
                found.activities[activity.object, kind, outcome] += count
            unnamed = mapped.unread.filter(pl.col("part") != "day").unique(("record", "part", "field"))
            for part, native, value, count in unnamed.group_by("part", "field", "value").len().iter_rows():
                found.unnamed[activity.object, part, native, value] += count
    found.findings += data_findings(prepared, found)
    return found


def _leads(opened: Opened, found: DataCheck, progress: Progress) -> None:
    prepared = opened.prepared
    written = prepared.configuration.mapping.mapped_facts
    facts = {name: FactData(name, ", ".join(fact.field)) for name, fact in prepared.mapping.mapped_facts.items()}
    seen: dict[str, set[str]] = {name: set() for name, fact in written.items() if fact.values}
    _offer_stages(prepared, found)
    for records in _pages(opened, prepared.mapping.lead.object, prepared.lead_fields, found, progress):
        found.leads += records.height
        mapped = leads_from(prepared.mapping, records, prepared.org.time_zone, prepared.native_types)
        for name, told in facts.items():
            text = records.select(first_filled(prepared.mapping.mapped_facts[name].field)).to_series()
            told.filled += text.len() - text.null_count()
            column = mapped.frame[FACT_PREFIX + name]
            told.converted += column.len() - column.null_count()
            if name in seen:
                seen[name].update(value.casefold() for value in text.drop_nulls().unique())
        for name, value in mapped.unread.filter(pl.col("part") == "fact").select("name", "value").iter_rows():
            facts[name].unconverted[value] += 1
        _count_stages(prepared, records, mapped.frame, found)
    for name, values in seen.items():
        facts[name].unused = _unused(written[name], values)
    found.facts = list(facts.values())


def _unused(fact: FactMapping, seen: set[str]) -> list[str]:
    return [native for native in fact.values or () if native.strip().casefold() not in seen]


def _offer_stages(prepared: Prepared, found: DataCheck) -> None:
    """Every stage comes, also one in which no lead stands."""
    for stage, value in prepared.mapping.stage.values.items():
        fields = list(value.set.items())
        for text in fields[0][1]:
            found.stages[stage, text] += 0
    found.stages[prepared.compiled.lowest_stage, None] += 0


def _count_stages(prepared: Prepared, records: pl.DataFrame, frame: pl.DataFrame, found: DataCheck) -> None:
    mapping = prepared.mapping.stage
    natives = [filled(name).alias(f"@{name}") for name in mapping.fields]
    held = records.unique(RECORD_ID, keep="last").select(pl.col(RECORD_ID).alias("lead"), *natives)
    frame = frame.select("lead", "stage", "managed").join(held, on="lead", maintain_order="left")
    for row in frame.iter_rows(named=True):
        stage = row["stage"]
        if not row["managed"]:
            found.unmanaged[row[f"@{mapping.field}"] or ""] += 1
        elif stage is None:
            found.stages[prepared.compiled.lowest_stage, None] += 1
        else:
            told = next(iter(mapping.values[stage].set))
            found.stages[stage, row[f"@{told}"]] += 1


def _pages(
    opened: Opened,
    object_name: str,
    fields: Sequence[str],
    found: DataCheck,
    progress: Progress,
    leads_object: str | None = None,
) -> Iterator[pl.DataFrame]:
    """Records of one object, page by page, until there are enough."""
    title = f"{opened.prepared.name}: looking at {object_name}"
    request = PullRequest(
        object_name, tuple(fields), leads_object, progress=lambda done, total: progress(title, done, total)
    )
    found.read[object_name] = 0
    seen: set[tuple[str, ...]] = set()
    for page in opened.connector.pull(request):
        fresh = _fresh(page.records, seen)
        records = fresh.head(MOST_RECORDS - found.read[object_name])
        found.read[object_name] += records.height
        yield records
        full = found.read[object_name] >= MOST_RECORDS
        if records.height < fresh.height or (full and page.cursor is None):
            found.cut.append(object_name)
            return


def _fresh(records: pl.DataFrame, seen: set[tuple[str, ...]]) -> pl.DataFrame:
    """Without those that came before, in this page or an earlier one: a CRM may tell one twice. Notes them."""
    named = [name for name in (RECORD_ID, LEAD_ID) if name in records.columns]
    records = records.unique(subset=named, keep="last", maintain_order=True)
    keys = records.select(named).rows()
    fresh = records.filter(pl.Series([key not in seen for key in keys], dtype=pl.Boolean))
    seen.update(keys)
    return fresh
