"""One file of a configuration as text and as a document; findings where it cannot be read."""

from __future__ import annotations

from pathlib import Path

from crmsync.configuration import Document, read_document
from crmsync.errors import ConfigurationError, Finding
from crmsync.files import Unreadable, read_text

LARGEST_FILE_BYTES = 8_000_000


def document_at(path: Path, hint: str | None = None) -> Document:
    """One YAML file as a document. Raises `ConfigurationError` when it cannot be read."""
    try:
        text = text_of(path)
    except Unreadable as error:
        raise ConfigurationError([Finding(str(path), 0, 0, str(error), error.hint or hint)]) from None
    return read_document(text, str(path))


def text_of(path: Path) -> str:
    """A file's text, its lines ended by `\\n`. Raises `Unreadable`."""
    return plain_text(read_text(path, largest_bytes=LARGEST_FILE_BYTES))


def plain_text(text: str) -> str:
    """The same with its lines ended by `\\n`. Raises `Unreadable` for what is no plain text."""
    if "\0" in text:
        raise Unreadable("is not plain text: it has NUL characters", "save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
