"""Which connectors are installed, by entry point; imports none of them, and no library."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

GROUP = "crmsync.connectors"


def installed() -> dict[str, EntryPoint]:
    """Connector name → entry point, sorted by name. Imports nothing."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}
