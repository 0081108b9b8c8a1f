"""The files of a configuration: new ones are written, the same stay, others are shown and replaced only if asked."""

from __future__ import annotations

import difflib
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from crmsync.errors import UsageError
from crmsync.files import write_for_this_user
from crmsync.operations.init.asking import Asking

State = Literal["written", "unchanged", "kept", "replaced", "added to"]


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """`path`: relative to the configuration. `diff`: what `init` would change in a file it kept, or what it added."""

    path: str
    state: State
    diff: str = ""


def written(
    directory: Path, texts: Mapping[str, str], asking: Asking, *, ours: frozenset[str], added: frozenset[str]
) -> list[WrittenFile]:
    """Bring the files about. `ours`: never written by people; `added`: texts that keep what stands in the file.

    Raises `UsageError` when the folder cannot be written to.
    """
    return [_one(directory, name, text, asking, ours, added) for name, text in texts.items()]


def _one(
    directory: Path, name: str, text: str, asking: Asking, ours: frozenset[str], added: frozenset[str]
) -> WrittenFile:
    path = directory / name
    there = text_of(path)
    if there == text:
        if name == ".env":
            _for_this_user(path)
        return WrittenFile(name, "unchanged")
    if there is not None and name not in ours:
        diff = "" if name == ".env" else _diff(name, there, text)
        keeps = name in added
        if not keeps and not asking.replace(name, diff):
            return WrittenFile(name, "kept", diff)
        _write(path, text, private=name == ".env")
        return WrittenFile(name, "added to", diff) if keeps else WrittenFile(name, "replaced")
    _write(path, text, private=name == ".env")
    return WrittenFile(name, "written")


def text_of(path: Path) -> str | None:
    """A file's text; null where there is none. Raises `UsageError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="name another folder with --directory") from None


def _write(path: Path, text: str, *, private: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if private:
            write_for_this_user(path, text)
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        words = (error.strerror or "no reason told").lower()
        raise UsageError(f"{path} cannot be written: {words}", hint="name another folder with --directory") from None


def _for_this_user(path: Path) -> None:
    """A `.env` that others may read is closed to them."""
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        path.chmod(0o600)


def _diff(name: str, there: str, text: str) -> str:
    lines = difflib.unified_diff(
        there.splitlines(),
        text.splitlines(),
        f"{name} (as it is)",
        f"{name} (as init would write it)",
        lineterm="",
        n=1,
    )
    return "\n".join(lines)
