"""The review day: the earliest day on which time alone could change a verdict, a band or the stage.

Edges are exact days on which something enters or leaves a window. Between edges only ageing points move, and they
move one way; the predicates of `watching.Watch` say whether a threshold could be crossed within so many days. They
are monotone in the days, so the first such day is found by halving the time (or parting it in more pieces where
there are few leads), for all leads at once. A review may find nothing changed; it never comes late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from crmsync.qualify.engine.compile import Unit
from crmsync.qualify.engine.watching import Watch

_LAST_DAY = date.max.toordinal() - date(1970, 1, 1).toordinal()
_PROBES = 60_000
"""Rows of one step of the search: bounds its memory, and lets few leads be searched in few steps."""

_later, _before, _by = pl.col("#later"), pl.col("#before"), pl.col("#by")


def with_edge(unit: Unit, frame: pl.DataFrame) -> pl.DataFrame:
    """An evaluated frame with `#edge`: whole days to the first on which time alone could change something.

    Ageing points aside. Null = never.
    """
    days = {str(place): days for place, days in enumerate(unit.plan.edges)}
    asked = frame.select("row", **days)  # an expression is read anew wherever it stands
    to_come = [pl.when(pl.col(name) > 0).then(pl.col(name)) for name in days]
    nearest = asked.select(pl.min_horizontal(to_come)).to_series() if to_come else pl.lit(None)
    return frame.with_columns(nearest.cast(pl.Int32).alias("#edge"))


def days_to_review(unit: Unit, frame: pl.DataFrame) -> pl.Series:
    """Days from `as_of` to the review (Int32, null = never by time alone), from a frame with its edge."""
    if not unit.watches:
        return frame["#edge"].alias("#review")
    crossing = _first_crossing(unit.watches, frame)
    return frame.select(pl.min_horizontal("#edge", crossing).alias("#review"))["#review"]


def days_to_other_points(watch: Watch, frame: pl.DataFrame) -> pl.Series:
    """Days from `as_of` until ageing may change a score's whole points (Int32); null = not before the next edge."""
    return _first_crossing((watch,), frame)


def _first_crossing(watches: Sequence[Watch], frame: pl.DataFrame) -> pl.Series:
    """The first day on which a watch may have crossed, up to the nearest edge (Int32, null = none has)."""
    last = max(watch.days for watch in watches) + 1
    horizon = pl.min_horizontal("#edge", pl.lit(last, dtype=pl.Int32))
    searched = _with_crossed(watches, frame.select("row", *_needed(watches), horizon.alias("#later")))
    searched = searched.filter("#crossed").with_columns(
        pl.lit(0, dtype=pl.Int32).alias("#before"), _later.alias("#by")
    )
    while (searched["#by"] - searched["#before"] > 1).any():
        searched = _narrowed(watches, searched)
    found = frame.select("row").join(searched.select("row", "#by"), on="row", how="left", maintain_order="left")
    return found["#by"]


def review_day(days: pl.Expr, today: pl.Expr) -> pl.Expr:
    """The day itself; null for never, and for days after the year 9999."""
    day = today.cast(pl.Int64) + days
    return pl.when(day <= _LAST_DAY).then(day).cast(pl.Int32).cast(pl.Date)


def _narrowed(watches: Sequence[Watch], searched: pl.DataFrame) -> pl.DataFrame:
    """Probes each lead's open time at evenly spread days: not crossed up to `#before`, crossed from `#by` on."""
    widest = int(searched.select((_by - _before).max()).item())
    pieces = max(2, min(widest, _PROBES // searched.height))
    probe = pl.DataFrame({"#piece": range(1, pieces + 1)}, schema={"#piece": pl.Int64})
    day = _before + ((_by - _before) * pl.col("#piece") + pieces - 1) // pieces
    probes = searched.join(probe, how="cross").with_columns(day.cast(pl.Int32).alias("#later"))
    probed = (
        _with_crossed(watches, probes)
        .group_by("row")
        .agg(
            _later.filter(~pl.col("#crossed")).max().alias("#not"),
            _later.filter(pl.col("#crossed")).min().alias("#is"),
        )
    )
    narrowed = searched.join(probed, on="row", how="left").with_columns(
        pl.max_horizontal("#before", "#not").alias("#before"), pl.min_horizontal("#by", "#is").alias("#by")
    )
    return narrowed.drop("#not", "#is")


def _with_crossed(watches: Sequence[Watch], frame: pl.DataFrame) -> pl.DataFrame:
    """Adds `#crossed`: whether any threshold could be crossed by `#later`."""
    levels = list(_levels(watches))
    for level in levels:
        frame = frame.with_columns(**level)
    crossed = pl.any_horizontal([one for watch in watches for one in watch.crossed])
    return frame.with_columns(crossed.alias("#crossed")).drop([name for level in levels for name in level])


def _levels(watches: Sequence[Watch]) -> Iterator[Mapping[str, pl.Expr]]:
    """The bounds of all watches; those of one level need only those before."""
    for number in range(max(len(watch.bounds) for watch in watches)):
        at = [watch.bounds[number] for watch in watches if number < len(watch.bounds)]
        yield {name: bound for bounds in at for name, bound in bounds.items()}


def _needed(watches: Sequence[Watch]) -> list[str]:
    """The lead columns that bounds and predicates use."""
    bounds = {name: bound for level in _levels(watches) for name, bound in level.items()}
    expressions = [*bounds.values(), *(one for watch in watches for one in watch.crossed)]
    names = {name for expression in expressions for name in expression.meta.root_names()}
    return sorted(names - bounds.keys() - {"#later"})
