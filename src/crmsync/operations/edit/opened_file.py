"""A file of the configuration, opened to be changed: its text, and a digest that tells a change made meanwhile."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from crmsync.errors import UsageError
from crmsync.files import Unreadable, led_to, read_file

LARGEST_FILE_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """`name`: as people know it, from the configuration's folder on. `path`: the file itself, links followed.

    `text`: all of it, byte order mark and ends of lines as they are.
    """

    name: str
    path: Path
    text: str
    digest: str

    def diff(self, text: str) -> tuple[str, ...]:
        """What another text changes, as lines of a unified diff; none where it changes nothing."""
        before, after = (each.splitlines() for each in (self.text, text))
        lines = tuple(difflib.unified_diff(before, after, self.name, self.name, lineterm=""))
        if not lines and text != self.text:
            return (f"--- {self.name}", f"+++ {self.name}", "@@ only the ends of lines @@")
        return lines


def opened_file(directory: Path, path: Path) -> OpenedFile:
    """Read a file that is to be changed. Raises `UsageError` for one that lies elsewhere, or is no plain text."""
    found = inside(directory, path)
    name = path.name if found is None else _name(directory, path)
    if found is None:
        raise UsageError(
            f"{name} does not lie in the configuration's folder",
            hint="change it where it lies, or let crmsync.yaml name a file in its own folder",
        )
    try:
        content = read_file(found, largest_bytes=LARGEST_FILE_BYTES)
        text = content.decode("utf-8")
    except Unreadable as error:
        raise UsageError(f"{name} {error}", hint=error.hint) from None
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from None
    return OpenedFile(name, found, text, digest_of(content))


def inside(directory: Path, path: Path) -> Path | None:
    """Where a file really is, links followed; null where that is not in the folder."""
    try:
        found, folder = led_to(path), led_to(directory)
    except (OSError, ValueError):
        return None
    return found if found.is_relative_to(folder) else None


def digest_of(content: bytes) -> str:
    """Tells one content from another."""
    return sha256(content).hexdigest()


def _name(directory: Path, path: Path) -> str:
    try:
        return path.relative_to(directory).as_posix()
    except ValueError:
        return path.name
