"""Puts the starter mappings, which stand in the repository's top-level `mappings`, into the built package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STARTERS = ("salesforce.yaml", "salesforce-contacts.yaml")


class StarterMapping(BuildHookInterface):  # type: ignore[type-arg]
    """An editable install reads the file where it stands; a source distribution carries it in the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel (`version` is `standard` or `editable`) or a source distribution."""
        folder = "" if self.target_name == "wheel" else "src/"
        for name in STARTERS if version != "editable" else ():
            source = Path(self.root).parents[1] / "mappings" / name
            if source.is_file():
                build_data["force_include"][str(source)] = f"{folder}crmsync_salesforce/{name}"
