"""Reading one YAML text into plain data plus the place of every key and value.

There are two readers. The quick one reads the plain kind of file that is right; every other text, and with it every
mistake, is read with care. What the quick one reads, the careful one reads alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from crmsync.configuration.place import Mark, Path
from crmsync.configuration.quick_reading import read_quickly
from crmsync.errors import ConfigurationError, Finding
from crmsync.values import replace

LARGEST_TEXT_CHARACTERS = 2_000_000


class Document(Struct, frozen=True):
    """A file's content. `data` is plain Python (dict with str keys, list, str, int, float, bool, date, None)."""

    file: str
    data: Any
    values: Mapping[Path, Mark]
    keys: Mapping[Path, Mark]

    def finding(self, path: Path, message: str, hint: str | None = None, *, at_key: bool = False) -> Finding:
        """A finding at `path`; the nearest known place above it when the path itself is not in the file."""
        first, second = (self.keys, self.values) if at_key else (self.values, self.keys)
        for length in range(len(path), -1, -1):
            mark = first.get(path[:length]) or second.get(path[:length])
            if mark:
                return Finding(self.file, mark.line, mark.column, message, hint)
        return Finding(self.file, 1, 1, message, hint)

    def warning(self, path: Path, message: str, hint: str | None = None, *, at_key: bool = False) -> Finding:
        """The same for what is worth a look and stops nothing."""
        return replace(self.finding(path, message, hint, at_key=at_key), severity="warning")

    def error(self, path: Path, message: str, hint: str | None = None, *, at_key: bool = False) -> ConfigurationError:
        """The same as an exception with one finding."""
        return ConfigurationError([self.finding(path, message, hint, at_key=at_key)])


def read_document(text: str, file: str) -> Document:
    """Parse one YAML text. Raises `ConfigurationError`; an empty text gives an empty mapping."""
    if len(text) > LARGEST_TEXT_CHARACTERS:
        message = f"the file has {len(text):,} characters; at most {LARGEST_TEXT_CHARACTERS:,} are read"
        raise ConfigurationError([Finding(file, 1, 1, message)])
    content = read_quickly(text)
    if content is None:
        from crmsync.configuration.careful_reading import read_carefully  # noqa: PLC0415 - 15 ms, seldom needed

        content = read_carefully(text, file)
    return Document(file, content.data, content.values, content.keys)
