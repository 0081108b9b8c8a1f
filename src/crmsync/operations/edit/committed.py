"""What git says of a file of the configuration: its versions, and a new one for each saved change."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crmsync.operations.edit.opened_file import OpenedFile

_SECONDS = 20
_FIELDS = "%x00%H%x1f%aI%x1f%an%x1f%s"
"""Whatever somebody writes into a message or a text file, this sign is none of it; and the subject stands last."""
_HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class FileVersion:
    """A commit that changed the file. `diff`: what it changed, as lines."""

    commit: str
    at: datetime
    by: str
    subject: str
    diff: tuple[str, ...]


class NotCommitted(Exception):
    """Why git did not take a change, in its words."""


def in_work_tree(directory: Path) -> bool:
    """Whether the folder is part of a git work tree. Raises `NotCommitted` where it is one that git refuses, as it
    does where the work tree is another user's.
    """
    try:
        return _git(directory, "rev-parse", "--is-inside-work-tree").strip() == "true"
    except NotCommitted:
        if any((folder / ".git").exists() for folder in (directory, *directory.parents)):
            raise
        return False


def commit(file: OpenedFile, message: str, by: str) -> str:
    """One commit of this file and of nothing else, with the name of who changed it; its hash.

    Raises `NotCommitted`: the file itself is saved all the same.
    """
    folder, name = file.path.parent, file.path.name
    author = re.sub(r"[<>\s]+|[^\x20-\U0010ffff]", " ", by).strip() or "somebody"
    _git(folder, "add", "--", name)
    _git(
        folder, *_committer(folder), "commit", "--quiet", f"--author={author} <>", "-m", message, "--only", "--", name
    )
    return _git(folder, "rev-parse", "HEAD").strip()


def versions(file: OpenedFile, most: int) -> tuple[FileVersion, ...]:
    """The last commits that changed the file, newest first; none where the folder is no work tree."""
    folder, name = file.path.parent, file.path.name
    try:
        told = _git(folder, "log", f"-n{most}", f"--format={_FIELDS}", "--patch", "--no-color", "--no-ext-diff",
                    "--no-textconv", "--unified=2", "--", name)  # fmt: skip
    except NotCommitted:
        return ()
    return tuple(version for part in told.split("\0")[1:] if (version := _version(part)))


def _version(part: str) -> FileVersion | None:
    head, _, patch = part.partition("\n")
    fields = head.split("\x1f", 3)
    if len(fields) != 4 or not _HASH.fullmatch(fields[0]):
        return None
    lines = patch.strip("\n").splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("@@")), len(lines))
    return FileVersion(fields[0], datetime.fromisoformat(fields[1]), fields[2], fields[3], tuple(lines[start:]))


def _committer(folder: Path) -> Sequence[str]:
    """A name for whoever commits, where this machine has none."""
    try:
        _git(folder, "var", "GIT_COMMITTER_IDENT")
    except NotCommitted:
        return ("-c", "user.name=crmsync", "-c", "user.email=crmsync@localhost")
    return ()


def _git(folder: Path, *words: str) -> str:
    surroundings = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - no shell; names of files follow `--`
            ["git", "-C", str(folder), *words],  # noqa: S607 - where the admin has it
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        raise NotCommitted(f"git cannot be started: {(error.strerror or 'no reason told').lower()}") from None
    except subprocess.TimeoutExpired:
        raise NotCommitted(f"git did not end within {_SECONDS} seconds") from None
    if done.returncode != 0:
        words_of_git = (done.stderr or done.stdout).strip().splitlines()
        raise NotCommitted(words_of_git[0] if words_of_git else "git refused it")
    return done.stdout
