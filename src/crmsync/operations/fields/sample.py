"""Some records of an object, every field of them: how full each field is, and what stands in it how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import polars as pl

from crmsync.contract import RECORD_ID, Connector, NativeField, PullRequest
from crmsync.mapping import filled
from crmsync.progress import Progress, silent

LEAST_RECORDS = 1_000
"""So many records are looked at, or all where there are fewer."""

_MOST_CHARACTERS = 12_000
"""Of the names that one question may hold: CRMs take questions as addresses, which have an end."""


@dataclass(frozen=True, slots=True)
class FieldSample:
    """What the records hold of one field. `filled`: how many hold something. `counted`: value → records with it.

    Of a field that takes several choices at once, each choice is counted.
    """

    filled: int
    counted: Counter[str]


@dataclass(frozen=True, slots=True)
class Sample:
    """`records`: how many were looked at; `whole`: the CRM has no more. `fields`: by native name."""

    object: str
    records: int
    whole: bool
    fields: dict[str, FieldSample]

    def share(self, name: str) -> float | None:
        """How many of the records hold something in the field, 0 … 1; null for what was not or could not be read."""
        told = self.fields.get(name)
        return round(told.filled / self.records, 4) if told and self.records else None


def sample_of(
    connector: Connector,
    object_name: str,
    fields: Sequence[NativeField],
    *,
    leads_object: str | None = None,
    progress: Progress = silent,
) -> Sample:
    """Read some pages of the object; only those of leads where `leads_object` is given.

    Raises `UsageError` when the user may not read the object, `RunStopped` when the CRM does not answer.
    """
    found: dict[str, FieldSample] = {}
    records, whole = 0, True
    for names in _in_questions(fields):
        request = PullRequest(
            object_name, tuple(field.name for field in names), leads_object, progress=_told(object_name, progress)
        )
        frame, whole = _first_pages(connector, request)
        records = frame.height
        for field in names:
            found[field.name] = _counted(frame, field)
    return Sample(object_name, records, whole, found)


def _told(object_name: str, progress: Progress) -> Callable[[int, int | None], None]:
    title = f"looking at {object_name}"
    return lambda done, total: progress(title, min(done, LEAST_RECORDS), min(total or LEAST_RECORDS, LEAST_RECORDS))


def _in_questions(fields: Sequence[NativeField]) -> Iterator[list[NativeField]]:
    """All fields, as many at once as one question can name; one question at least."""
    asked: list[NativeField] = []
    length = 0
    for field in fields:
        size = len(quote(field.name)) + 6
        if asked and length + size > _MOST_CHARACTERS:
            yield asked
            asked, length = [], 0
        asked.append(field)
        length += size
    yield asked


def _first_pages(connector: Connector, request: PullRequest) -> tuple[pl.DataFrame, bool]:
    """Enough records, each once, and whether these are all."""
    frames: list[pl.DataFrame] = []
    read = 0
    for page in connector.pull(request):
        frames.append(page.records)
        read += page.records.height
        if read >= LEAST_RECORDS:
            return _each_once(frames), page.cursor is not None
    return _each_once(frames), True


def _each_once(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical_relaxed").unique(RECORD_ID, keep="last", maintain_order=True)


def _counted(frame: pl.DataFrame, field: NativeField) -> FieldSample:
    held: pl.Series = frame.select(filled(field.name)).to_series().drop_nulls()
    values: Any = held.str.split(";").explode() if field.kind == "choices" else held
    counts = values.value_counts().rows()
    return FieldSample(held.len(), Counter({value: count for value, count in counts if value}))
