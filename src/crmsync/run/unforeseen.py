"""What nobody foresaw, in words: it ends one connection's run, never the others'."""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmsync.errors import CrmsyncError, Unforeseen


@contextmanager
def unforeseen_in_words() -> Iterator[None]:
    """Raise any exception that is none of crmsync's own as `Unforeseen`."""
    try:
        yield
    except CrmsyncError:
        raise
    except Exception as error:
        raise in_words(error) from error


def told(error: Exception) -> CrmsyncError:
    """One of crmsync's own as it is, any other in words."""
    if isinstance(error, CrmsyncError):
        return error
    words = in_words(error)
    words.__cause__ = error
    return words


def in_words(error: Exception) -> Unforeseen:
    """Its kind and its place in the code. Its own text stays out: it may hold a person's data or a secret."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        hint = "give the path in the command or the configuration a shorter name"
        return Unforeseen("the name of a file is longer than this system takes", hint=hint)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "crmsync" in frame.filename]
    where = f" in {frames[-1].name} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return Unforeseen(
        f"{type(error).__name__}, which crmsync did not foresee{where}",
        hint="run again; if it stays, tell the maintainers this line (CRMSYNC_TRACEBACK=1 shows the way to it)",
    )
