"""Records of the wire to native frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from crmsync.sdk import CHANGED_AT, LEAD_ID, RECORD_ID, instants_as_text, native_column
from crmsync_salesforce.describe import ObjectSchema
from crmsync_salesforce.replies import Record


def native_records(
    records: Sequence[Record],
    fields: Sequence[str],
    schema: ObjectSchema,
    *,
    lead_field: str | None = None,
    stamp: str | None = None,
) -> pl.DataFrame:
    """A native frame with `@id`, `@lead` when `lead_field` names where it is, `@changed` when `stamp` does so
    (an empty name: it is told of none of them), and every field as it was asked for.

    Salesforce answers with its own spelling of names, parents as nested objects, instants as
    `2026-01-31T09:30:00.000+0000`.
    """
    paths = {
        RECORD_ID: "Id",
        **({LEAD_ID: lead_field} if lead_field else {}),
        **({CHANGED_AT: stamp} if stamp is not None else {}),
        **{name: name for name in fields},
    }
    frame = pl.DataFrame(
        [native_column(name, _values(records, path, schema)) for name, path in paths.items()],
    )
    # The type of a parent's field is not known here; text of that very shape is an instant.
    instants = [name for name, path in paths.items() if "." in path or schema.type_of(path) == "datetime"]
    return instants_as_text(frame, instants)


def _values(records: Sequence[Record], path: str, schema: ObjectSchema) -> list[Any]:
    if "." in path:
        return [_walk(record, path.lower().split(".")) for record in records]
    known = schema.fields.get(path.lower())
    name = known.name if known else path
    return [record.get(name) for record in records]


def _walk(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return None
        value = next((part for name, part in value.items() if name.lower() == step), None)
    return value
