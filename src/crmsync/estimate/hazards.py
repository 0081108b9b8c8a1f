"""How likely it is to leave on each day after coming, for somebody who is still there, by where to.

These are the daily hazards of which `fates` makes its curves, with as many days taken together as it needs to see
some leave: how many left in such a stretch, over the days that leads were there in it (an occurrence/exposure rate;
O. O. Aalen, Ø. Borgan, H. K. Gjessing, Survival and Event History Analysis, 2008, section 5.1.5). So a chance holds
for somebody who has been there for so many days, and beyond what was seen the last stretch goes on.

Who was first seen after coming is at risk from the next day on only; who is open is at risk until the last sight.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

EDGES = (0, 1, 2, 4, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180)
"""Days after coming on which a stretch may begin."""
ENOUGH = 10
"""So many leave in a stretch, else it is taken together with the next."""
LONG_SEEN = 1_000
"""Unless leads were there for so many days together: then it is known that few leave."""


@dataclass(frozen=True, slots=True)
class Hazards:
    """Stretches of days. `edges`: the first day of each, from 0; the last one goes on.

    `exposure`: the days that leads were there in it. `events`: where to → how many left in it; `other`: by any end
    that was not asked for.
    """

    edges: tuple[int, ...]
    exposure: tuple[int, ...]
    events: Mapping[str, tuple[int, ...]]
    other: tuple[int, ...]

    @property
    def last(self) -> int:
        """The day from which on every day is alike."""
        return self.edges[-1]

    def chance(self, to: str) -> tuple[float, ...]:
        """Of going there on one day, in each stretch."""
        none = (0,) * len(self.edges)
        return _rates(self.events.get(to, none), self.exposure)

    @property
    def elsewhere(self) -> tuple[float, ...]:
        """The chance of another end on one day, in each stretch."""
        return _rates(self.other, self.exposure)

    def stretch(self, day: int) -> int:
        """Which stretch this day after coming is of."""
        return bisect_right(self.edges, day) - 1


def hazards(
    spells: pl.DataFrame, to: Sequence[str], *, edges: Sequence[int] = EDGES, enough: int = ENOUGH
) -> Hazards:
    """Of these spells (schema SPELLS of `fates`), by these ends; all other ends are `other`."""
    seen = spells.filter((pl.col("seen_from") == 0) | (pl.col("days") > pl.col("seen_from")))
    begun = pl.when(pl.col("seen_from") == 0).then(0).otherwise(pl.col("seen_from") + 1)
    uppers: list[int | None] = [*(edge - 1 for edge in edges[1:]), None]
    spent = seen.select(
        (pl.min_horizontal("days", pl.lit(upper)) - pl.max_horizontal(begun, pl.lit(lower)) + 1)
        .clip(lower_bound=0)
        .sum()
        .alias(str(lower))
        for lower, upper in zip(edges, uppers, strict=True)
    ).row(0)
    counted: dict[str, list[int]] = {name: [0] * len(edges) for name in to}
    other = [0] * len(edges)
    for end, day, count in seen.drop_nulls("end").group_by("end", "days").len().iter_rows():
        counted.get(end, other)[bisect_right(edges, day) - 1] += count
    return _joined(tuple(edges), spent, counted, other, enough)


def _joined(
    edges: tuple[int, ...], spent: Sequence[int], counted: Mapping[str, list[int]], other: list[int], enough: int
) -> Hazards:
    """Stretches in which few left are taken together with the following, and what is left over with the last."""
    begins, left, there = [0], 0, 0
    for place in range(len(edges)):
        if place and (left >= enough or there >= LONG_SEEN):
            begins, left, there = [*begins, place], 0, 0
        there += spent[place]
        left += other[place] + sum(some[place] for some in counted.values())
    if left < enough and there < LONG_SEEN and len(begins) > 1:
        begins.pop()
    return Hazards(
        tuple(edges[place] for place in begins),
        _sums(spent, begins),
        {name: _sums(some, begins) for name, some in counted.items()},
        _sums(other, begins),
    )


def _sums(values: Sequence[int], begins: Sequence[int]) -> tuple[int, ...]:
    ends = (*begins[1:], len(values))
    return tuple(sum(values[begin:end]) for begin, end in zip(begins, ends, strict=True))


def _rates(events: Sequence[int], exposure: Sequence[int]) -> tuple[float, ...]:
    return tuple(some / days if days else 0.0 for some, days in zip(events, exposure, strict=True))
