"""What may be shown of the values that stand in people's records: what many share, and the shape of the rest."""

from __future__ import annotations

import re
from collections import Counter

from crmsync.contract import FieldKind

SHARED_BY = 5
"""A text that so many records hold tells of nobody in particular."""

_SHOWN: frozenset[FieldKind] = frozenset({"choice", "choices", "boolean", "number", "money", "date", "datetime"})
_ORDERED: frozenset[FieldKind] = frozenset({"number", "money", "date", "datetime"})
_WORD = re.compile(r"[^\W_]+")


def masked_values(
    counted: Counter[str], kind: FieldKind, *, personal: bool, most: int
) -> tuple[tuple[str, int], ...]:
    """The most frequent values with their counts, masked where they could tell who somebody is.

    `personal`: the field holds names or addresses, so that no value of it is shown however many share it. Ids of
    other records say nothing and are left out; of times and figures that are nearly all different, the ends come.
    """
    if kind == "reference":
        return ()
    if kind in _ORDERED and counted and 2 * len(counted) > counted.total():
        ends = (min(counted, key=_order), max(counted, key=_order))
        return tuple((end, counted[end]) for end in dict.fromkeys(ends))
    told: Counter[str] = Counter()
    for value, count in counted.items():
        told[value if _may_be_shown(kind, count, personal) else masked(value)] += count
    return tuple(sorted(told.items(), key=lambda item: (-item[1], item[0]))[:most])


def _order(value: str) -> tuple[float, str]:
    try:
        return float(value), value
    except ValueError:
        return 0.0, value


def _may_be_shown(kind: FieldKind, count: int, personal: bool) -> bool:
    return not personal and (kind in _SHOWN or count >= SHARED_BY)


def masked(value: str) -> str:
    """The value's shape: the first letter of its first words, figures as `9`, signs as they are."""
    words = [_word(found) if (found := part[0]) else "" for part in _WORD.finditer(value)]
    signs = "@" in value
    if signs:
        return f"{words[0] if words else ''}@{words[-1] if len(words) > 1 else ''}"
    return " ".join(words[:3]) + (" ..." if len(words) > 3 else "")


def _word(word: str) -> str:
    return "9" * min(len(word), 6) if word.isdigit() else f"{word[0]}***"
