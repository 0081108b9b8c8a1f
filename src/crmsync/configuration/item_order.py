"""Which items of a list stay, and where what stood above the others is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def order_of(old: Sequence[Any], new: Sequence[Any], alike: Callable[[Any, Any], bool]) -> list[int | None]:
    """Of each new item the place of the old one that says the same; null where there is none left."""
    left = dict(enumerate(old))
    order: list[int | None] = []
    for value in new:
        found = next((place for place, each in left.items() if alike(each, value)), None)
        if found is not None:
            del left[found]
        order.append(found)
    return order


def staying(comments: Sequence[str], order: Sequence[int | None]) -> list[str]:
    """Before each new item, and behind the last, what stood above items that are taken out: it stays before the next
    of those that were there.
    """
    told = [""] * (len(order) + 1)
    place = len(order)
    for old in range(len(comments) - 1, -1, -1):
        if old in order:
            place = order.index(old)
        else:
            told[place] = comments[old] + told[place]
    return told
