"""A connector's starter mapping: as a mapping, as plain data, and as text in parts of which some can be replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmsync.configuration import read_document
from crmsync.connection import registry
from crmsync.mapping import CrmMapping, mapping_from

_KEY = re.compile(r"([a-z_]+):")


@dataclass(frozen=True, slots=True)
class Starter:
    """`data`: the file as plain data. `parts`: (top-level key or null, its lines with the comments above them)."""

    mapping: CrmMapping
    data: Mapping[str, Any]
    parts: tuple[tuple[str | None, str], ...]

    def text(self, instead: Mapping[str, str], head: str) -> str:
        """The file with other text for some keys, and `head` in the place of what stands above the first."""
        parts = self.parts
        first = next(place for place, (key, _) in enumerate(parts) if key is not None)
        own = "".join(line for line in parts[first][1].splitlines(keepends=True) if not line.startswith("#"))
        told = [own, *(instead.get(key or "", part) for key, part in parts[first + 1 :])]
        return head + "\n" + "".join(told).rstrip("\n") + "\n"


def starter_of(connector: str, lead_object: str | None = None) -> Starter:
    """What an installed connector brings for leads of this object (null: the usual one).

    Raises `UsageError` when it brings none.
    """
    text = registry.starter_mapping(connector, lead_object)
    document = read_document(text, f"starter mapping of {connector}")
    return Starter(mapping_from(document), document.data, tuple(parts_of(text)))


def parts_of(text: str) -> list[tuple[str | None, str]]:
    """Each top-level key with its lines; comments directly above it are its own, others are parts without a key.

    Together they are the text again.
    """
    parts: list[tuple[str | None, list[str]]] = [(None, [])]
    comments: list[str] = []
    for line in text.splitlines():
        found = _KEY.match(line)
        if found:
            parts.append((found[1], [*comments, line]))
            comments = []
        elif line.startswith("#"):
            comments.append(line)
        elif not line.strip():
            if comments:
                parts.append((None, comments))
            comments = []
            parts[-1][1].append(line)
        else:
            parts[-1][1].extend([*comments, line])
            comments = []
    parts.append((None, comments))
    return [(key, "\n".join(lines) + "\n") for key, lines in parts if lines]
