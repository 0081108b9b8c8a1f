"""The JSON Schemas as they were written when this version was made: to print one, no model is built.

`scripts/make_reference.py` writes them, and a test holds them against the models.
"""

from __future__ import annotations

from pathlib import Path

import crmsync

_BESIDE = Path(crmsync.__file__).parent
_FOLDERS = (_BESIDE / "schemas", _BESIDE.parents[1] / "docs" / "reference" / "schemas")
"""In an installation; in a checkout."""


def shipped_schema(kind: str) -> str:
    """The schema of one kind of file as a file holds it. An installation without them makes it anew."""
    shipped = shipped_file(kind)
    if shipped is not None:
        return shipped
    from crmsync.operations.files.schemas import schema_text  # noqa: PLC0415 - half a second

    return schema_text(kind)


def shipped_file(name: str) -> str | None:
    """The text of a schema that was written; null = this installation has none."""
    for folder in _FOLDERS:
        file = folder / f"{name}.json"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None
