"""The policies that crmsync ships with, each read when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from crmsync.configuration import Document, read_document


class Presets(Mapping[str, Document]):
    """The shipped policies, by name; each is read when it is asked for, once a process. Nobody changes them."""

    def __getitem__(self, name: str) -> Document:
        """Read it."""
        return _preset(name)

    def __contains__(self, name: object) -> bool:
        """Without reading it."""
        return name in _preset_files()

    def __iter__(self) -> Iterator[str]:
        """Names only."""
        return iter(_preset_files())

    def __len__(self) -> int:
        """How many are shipped."""
        return len(_preset_files())


@cache
def _preset_files() -> Mapping[str, Traversable]:
    folder = files("crmsync.qualify") / "presets"
    return {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}


@cache
def _preset(name: str) -> Document:
    file = _preset_files()[name]
    return read_document(file.read_text(encoding="utf-8"), f"preset {file.name}")


def presets() -> Mapping[str, Document]:
    """The shipped policies, by name."""
    return Presets()
