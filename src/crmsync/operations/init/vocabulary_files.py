"""The words of all languages, from the package's own files."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from crmsync.configuration import read_document
from crmsync.suggest.vocabulary import NamePhrases, vocabulary_from


@cache
def vocabulary() -> NamePhrases:
    """Read once a process; English first, then by the languages' letters."""
    entries = [entry for entry in (files("crmsync.suggest") / "words").iterdir() if entry.name.endswith(".yaml")]
    entries.sort(key=lambda entry: (entry.name != "en.yaml", entry.name))
    return vocabulary_from(read_document(entry.read_text("utf-8"), entry.name).data for entry in entries)
