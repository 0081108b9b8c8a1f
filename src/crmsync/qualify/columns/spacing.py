"""Which activities count where one that counts has the next so many days for itself: from the oldest on.

More activities never make fewer count: those that count are as many as can lie so far apart. So the certain ones give
the fewest, and all that are possible the most.
"""

from __future__ import annotations

import polars as pl

from crmsync.qualify.columns.plan import activity_age

_MOST_AGES = 2**32
"""More than there are ages."""


def spaced(mask: pl.Expr, days: int) -> pl.Expr:
    """Mask over a batch's activities: those under `mask` that count, each at least so many days after the last."""
    asked = pl.struct("row", activity_age.alias("age"), mask.alias("asked"))
    return asked.map_batches(lambda batch: _counting(batch.struct.unnest(), days), return_dtype=pl.Boolean())


def _counting(batch: pl.DataFrame, days: int) -> pl.Series:
    """Goes from one that counts to the next, for all leads at once: as many rounds as count of the busiest lead."""
    moment = pl.col("row").cast(pl.Int64) * _MOST_AGES - pl.col("age")
    asked = batch.with_row_index("place").filter("asked").with_columns(moment.alias("moment")).sort("moment")
    rows, moments = asked["row"], asked["moment"]
    following = moments.search_sorted(moments + days, side="left")
    counting = (rows != rows.shift(1)).fill_null(True).arg_true()
    found = [counting]
    while counting.len():
        follows = following.gather(counting)
        inside = follows < asked.height
        before, follows = counting.filter(inside), follows.filter(inside)
        counting = follows.filter(rows.gather(before) == rows.gather(follows))
        found.append(counting)
    places = asked["place"].gather(pl.concat([one.cast(pl.UInt32) for one in found]))
    return pl.repeat(False, batch.height, eager=True).scatter(places, True)
