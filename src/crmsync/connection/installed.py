"""Which connectors are installed, by entry point; imports none of them, and no library."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

GROUP = "crmsync.connectors"


def installed() -> dict[str, EntryPoint]:
    """Connector name → entry point, sorted by name. Imports nothing."""
    return dict(_in(tuple(sys.path)))


@lru_cache(maxsize=1)
def _in(path: tuple[str, ...]) -> tuple[tuple[str, EntryPoint], ...]:  # noqa: ARG001 - where they are looked for
    """Looked up once while `path` stays: every package that is installed there is opened for it."""
    return tuple((entry.name, entry) for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name))
