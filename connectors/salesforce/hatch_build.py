"""Puts the starter mapping, which stands in the repository's top-level `mappings`, into the built package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STARTER = "salesforce.yaml"


class StarterMapping(BuildHookInterface):  # type: ignore[type-arg]
    """An editable install reads the file where it stands; a source distribution carries it in the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel (`version` is `standard` or `editable`) or a source distribution."""
        source = Path(self.root).parents[1] / "mappings" / STARTER
        if version != "editable" and source.is_file():
            folder = "" if self.target_name == "wheel" else "src/"
            build_data["force_include"][str(source)] = f"{folder}crmsync_salesforce/{STARTER}"
