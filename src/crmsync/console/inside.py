"""Where a page may lead on to: to this console, and nowhere else."""

from __future__ import annotations


def inside(path: str) -> str:
    """The path, where it is one of this console; else its first page."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path[:2]
    return path if own else "/"
