"""Files: reading one that somebody named, writing one for this user only, and a lock that dies with its process.

What is read is a regular file of bounded size, or there are words for why it is none: a named pipe would be waited
for, and a device has no end. What has been opened cannot change its kind, so the file is opened without waiting, and
looked at once it is open.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_LOCKED_BYTE = 1 << 30
"""Windows keeps others from reading locked bytes, so one far behind the text is locked."""

if sys.platform == "win32":
    import msvcrt

    def take_lock(file: BinaryIO) -> bool:
        """Lock an open file without waiting; false when somebody else holds it. Closing it frees it."""
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def take_lock(file: BinaryIO) -> bool:
        """Lock an open file without waiting; false when somebody else holds it. Closing it frees it."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Unreadable(Exception):
    """Why a file cannot be read, e.g. `is a directory`.

    `hint`: the mend, where it does not depend on the use. `missing`: there is none of that name.
    """

    def __init__(self, message: str, hint: str | None = None, *, missing: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.missing = missing


def led_to(path: Path) -> Path:
    """Where a file really is, links followed. Raises `OSError` where they lead in a circle, which some releases of
    Python tell in another way and some not at all.
    """
    try:
        found = path.resolve()
    except RuntimeError:
        found = path
    if found.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return found


def read_file(path: Path, *, largest_bytes: int) -> bytes:
    """The whole file. Raises `Unreadable` for anything but a regular file of at most so many bytes."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable("is not a file but a pipe or a device", "name a regular file")
            content = file.read(largest_bytes + 1) or b""
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        raise Unreadable((error.strerror or "cannot be read").lower(), missing=missing) from None
    except ValueError:  # a name with a NUL character
        raise Unreadable("is not the name of a file") from None
    if len(content) > largest_bytes:
        raise Unreadable(f"is larger than {largest_bytes:,} bytes")
    return content


def read_text(path: Path, *, largest_bytes: int) -> str:
    """The file as text, without a byte order mark. Raises `Unreadable` also for what is not UTF-8."""
    try:
        return read_file(path, largest_bytes=largest_bytes).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8 text", "save it as UTF-8") from None


def _without_waiting(path: str, flags: int) -> int:
    # Windows knows neither pipes in folders nor the flag.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_for_this_user(path: Path, text: str) -> None:
    """Put a file that only this user may read in the place of an earlier one, as a whole or not at all.

    Once this returns it outlasts a loss of power. Raises `OSError`, and the earlier file stays.
    """
    put_in_place(path, text.replace("\n", os.linesep).encode("utf-8"))


def put_in_place(path: Path, content: bytes, *, like: int | None = None) -> None:
    """Put a file in the place of an earlier one, as a whole or not at all. `like`: an open file whose permissions and
    owner it gets; by default only this user may read it.

    Once this returns it outlasts a loss of power. Raises `OSError`, and the earlier file stays.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if like is not None:
                _make_like(file.fileno(), like)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    if sys.platform != "win32":  # where a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _make_like(file: int, other: int) -> None:
    if sys.platform == "win32":
        return  # permissions come from the folder
    found = os.fstat(other)
    with suppress(PermissionError):  # only root gives files away
        os.fchown(file, found.st_uid, found.st_gid)
    os.fchmod(file, stat.S_IMODE(found.st_mode))
