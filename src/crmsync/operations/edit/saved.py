"""A changed file put in the place of the one it was made from: as a whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from typing import BinaryIO

from crmsync.errors import UsageError
from crmsync.files import Unreadable, put_in_place, read_file, take_lock
from crmsync.operations.edit.opened_file import LARGEST_FILE_BYTES, OpenedFile, digest_of, inside


class ChangedMeanwhile(UsageError):
    """Somebody else has changed the file since it was read."""


_MOMENT_SECONDS, _MOMENTS_APART_SECONDS = 1.0, 0.02
"""How long somebody else who saves it is waited for, and how often that is looked at."""


def save(directory: Path, file: OpenedFile, text: str) -> bool:
    """Write `text` over the file that `file` was read from; its permissions stay. False where the file says this
    already, as it does when the same was sent twice: nothing is written then.

    Raises `ChangedMeanwhile` when it holds something else by now, `UsageError` when it cannot be written.
    """
    content = text.encode("utf-8")
    if len(content) > LARGEST_FILE_BYTES:
        raise UsageError(f"{file.name} would be larger than {LARGEST_FILE_BYTES:,} bytes")
    if inside(directory, file.path) != file.path:  # a folder on the way has become a link since
        raise _changed(file)
    try:
        with file.path.open("r+b") as held:
            if not _lock_in_a_moment(held):
                raise UsageError(f"somebody else is saving {file.name} at this moment", hint="try again")
            if _digest(file.path) == digest_of(content):
                return False
            if _digest(file.path) != file.digest:
                raise _changed(file)
            put_in_place(file.path, content, like=held.fileno())
            return True
    except OSError as error:
        raise UsageError(
            f"{file.name} cannot be written: {(error.strerror or 'no reason told').lower()}",
            hint="download the changed file, and put it there as somebody who may",
        ) from None


def _lock_in_a_moment(held: BinaryIO) -> bool:
    until = monotonic() + _MOMENT_SECONDS
    while not take_lock(held):
        if monotonic() >= until:
            return False
        sleep(_MOMENTS_APART_SECONDS)
    return True


def _digest(path: Path) -> str | None:
    try:
        return digest_of(read_file(path, largest_bytes=LARGEST_FILE_BYTES))
    except Unreadable:
        return None


def _changed(file: OpenedFile) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        f"{file.name} has been changed meanwhile, so nothing was written",
        hint="look at what it says now, and make the change again there",
    )
