"""What a reader of a plan should know besides its changes, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from crmsync.enumeration import first_few
from crmsync.model import native_values


def unreadable_notes(unreadable: pl.DataFrame) -> Iterator[str]:
    """Text that did not convert: which field, how many leads, and some of them to look at."""
    grouped = unreadable.group_by("fact", "field").agg(pl.len(), pl.col("lead").sort().head(3)).sort("fact", "field")
    for fact, field, count, leads in grouped.iter_rows():
        some = first_few(leads, count)
        records = "record" if count == 1 else "records"
        yield f"{fact}: unknown for {count:,} {records}, because {field} holds text that does not convert ({some})"


def unmanaged_notes(frame: pl.DataFrame) -> Iterator[str]:
    """Leads in stages that the mapping does not name: untouched, counted, listed."""
    grouped = frame.filter(~pl.col("managed")).group_by("stage_native").agg(pl.len(), pl.col("lead").sort().head(3))
    for native, count, leads in grouped.sort("stage_native").iter_rows():
        held = ", ".join(f"{field} = {value}" for field, value in native_values(native).items() if value is not None)
        some = first_few(leads, count)
        words = (
            f"{count:,} leads in a stage that the mapping does not name are left alone"
            if count > 1
            else "1 lead in a stage that the mapping does not name is left alone"
        )
        yield f"{words}: {held} ({some})"
