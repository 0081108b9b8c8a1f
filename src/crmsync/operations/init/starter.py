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
        told = [head, *(instead.get(key or "", part) for key, part in self.parts)]
        return "\n".join(part.strip("\n") + "\n" for part in told if part.strip())


def starter_of(connector: str) -> Starter:
    """What an installed connector brings. Raises `UsageError` when it brings none."""
    text = registry.starter_mapping(connector)
    document = read_document(text, f"starter mapping of {connector}")
    return Starter(mapping_from(document), document.data, tuple(_parts(text)))


def _parts(text: str) -> list[tuple[str | None, str]]:
    """Each top-level key with its lines; comments directly above it are its own, others are parts without a key."""
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
    joined = [(key, "\n".join(lines) + "\n") for key, lines in parts if any(line.strip() for line in lines)]
    return joined[1:] if joined and joined[0][0] is None else joined
