"""Which connectors are installed, by entry point; imports none of them, and no library."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, distributions

GROUP = "crmsync.connectors"


def installed() -> dict[str, EntryPoint]:
    """Connector name → entry point, sorted by name. Imports nothing."""
    return dict(_in(tuple(sys.path)))


@lru_cache(maxsize=1)
def _in(path: tuple[str, ...]) -> tuple[tuple[str, EntryPoint], ...]:  # noqa: ARG001 - where they are looked for
    """Looked up once while `path` stays: every package that is installed there is opened for it."""
    found = sorted((entry for each in _packages() for entry in each.entry_points.select(group=GROUP)), key=_name)
    return tuple((entry.name, entry) for entry in found)


def _packages() -> Iterable[Distribution]:
    """Those that have a connector, by name the first on the path; what the others offer is not taken apart."""
    first: dict[str, Distribution] = {}
    for each in distributions():
        if GROUP in (each.read_text("entry_points.txt") or ""):
            first.setdefault(each.name, each)
    return first.values()


def _name(entry: EntryPoint) -> str:
    return entry.name
