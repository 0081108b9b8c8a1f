"""Some of many names in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def first_few(names: Sequence[str], total: int | None = None, *, most: int = 3) -> str:
    """`a, b, c, …`: at most so many names; the dots stand for the rest of `total` (default: of `names`)."""
    shown = names[:most]
    return ", ".join(shown) + (", …" if (len(names) if total is None else total) > len(shown) else "")
