"""Into how many parts leads may be parted: each is a report of its own."""

from __future__ import annotations

from crmsync.errors import UsageError

MOST_PARTS = 500


def refuse_too_many(name: str, parts: int) -> None:
    """Raises `UsageError` where what leads are parted by holds more values than anybody could read."""
    if parts > MOST_PARTS:
        raise UsageError(
            f"leads cannot be parted by `{name}`: it holds {parts:,} values, and {MOST_PARTS} are the most",
            hint="part by something that is one of a few, or look at a shorter time with `since`",
        )
