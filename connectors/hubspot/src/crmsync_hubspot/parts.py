"""Parts of decoded answers, of which any may be missing or of another kind than HubSpot documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = Mapping[str, Any]


def object_in(value: object) -> JsonObject:
    """An object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def objects_in(value: object) -> list[JsonObject]:
    """The objects of a list; none for anything else."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def text_in(value: object) -> str:
    """A text; an empty one for anything else."""
    return value if isinstance(value, str) else ""


def id_in(value: object) -> str:
    """An id, which comes as text or as number; an empty text for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def next_page(value: object) -> str | None:
    """Where the next page begins, by an answer's `paging`; null on the last one."""
    return id_in(object_in(object_in(value).get("next")).get("after")) or None
