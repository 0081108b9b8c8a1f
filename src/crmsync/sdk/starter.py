"""The starter mappings that crmsync brings for its own connectors."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import crmsync
from crmsync.errors import UsageError


def shipped_mapping(name: str) -> str:
    """The YAML text of the starter mapping `name` (e.g. `salesforce`).

    A wheel carries it as package data (`crmsync/starter_mappings`), a checkout and an editable install have
    it in the top-level `mappings` folder. Raises `UsageError` when crmsync ships none of that name.
    """
    packaged = files(crmsync).joinpath("starter_mappings", f"{name}.yaml")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(crmsync.__file__).resolve().parents[2] / "mappings" / f"{name}.yaml"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    raise UsageError(
        f"crmsync ships no starter mapping named {name!r}",
        hint="write a mapping file and name it under the connection's `mapping` in crmsync.yaml",
    )
