"""Which activities a rule counts, where of all that belong together only one does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from crmsync.qualify.columns.grouping import group_column
from crmsync.qualify.terms.once_per import OncePer
from crmsync.values import replace


class ActivityMatch(Struct, frozen=True):
    """An activity (its columns) that matches a rule's selector, for certain or perhaps, with its milli-points."""

    activity: Mapping[str, Any]
    certain: bool
    points: int


def counted_in_days(matches: Sequence[ActivityMatch], days: int) -> list[ActivityMatch]:
    """The same activities: of the certain ones those that count without the others; the others perhaps.

    `matches`: youngest first. From the oldest on, each that counts has the next so many days for itself.
    """
    told: list[ActivityMatch] = []
    latest = None
    for one in reversed(matches):
        counts = one.certain and (latest is None or (one.activity["day"] - latest).days >= days)
        if counts:
            latest = one.activity["day"]
        told.append(one if counts or not one.certain else replace(one, points=0))
    return told[::-1]


def counted_once(matches: Sequence[ActivityMatch], once_per: OncePer) -> list[ActivityMatch]:
    """The same activities: those that count for certain add up to the surest points, others perhaps or with none.

    `matches`: youngest first. An activity counts for nothing when a younger one of its group counts for certain.
    """
    told = list(_youngest_of_each(matches, group_column(once_per)))
    unnamed = next((place for place, one in enumerate(told) if _is_open(one, once_per)), None)
    if unnamed is None:
        return told
    named = next((place for place, one in enumerate(told) if one.certain and not _is_open(one, once_per)), None)
    # Somebody did it, perhaps the one who did the youngest of the others: of these two, the better one is certain.
    other_is_better = named is not None and abs(told[named].points) >= abs(told[unnamed].points)
    for place, one in enumerate(told):
        if (_is_open(one, once_per) and (other_is_better or place != unnamed)) or (
            place == named and not other_is_better
        ):
            told[place] = replace(one, certain=False)
    return told


def _is_open(match: ActivityMatch, once_per: OncePer) -> bool:
    return match.certain and match.activity[group_column(once_per)] is None


def _youngest_of_each(matches: Sequence[ActivityMatch], column: str) -> Iterator[ActivityMatch]:
    taken: set[object] = set()
    for one in matches:
        group = one.activity[column]
        if group in taken:
            yield replace(one, points=0)
            continue
        if one.certain and group is not None:
            taken.add(group)
        yield one
