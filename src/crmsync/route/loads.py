"""What each pool gave to whom so far, beside what fell to them by weight."""

from __future__ import annotations

import polars as pl

from crmsync.route.counters import Counters, Ledger
from crmsync.route.defaults import DIRECT
from crmsync.route.resolution import Resolved

LOADS = {
    "pool": pl.String(),
    "user": pl.String(),
    "turns": pl.Int64(),
    "share": pl.Float64(),
    "deviation": pl.Float64(),
}
"""One row per pool and person with a count; `user` null = not in the roster (on this CRM) any more.

`share`: turns that fell to the person by weight; `deviation`: turns minus share. Both null for leads given outside
any rotation.
"""


def pool_loads(resolved: Resolved, counters: Counters) -> pl.DataFrame:
    """Counts, shares and deviations (schema LOADS), pools by name, people in roster order."""
    ledger = Ledger(counters)
    place = {member.key: index for index, member in enumerate(resolved.members)}
    rows = []
    for pool in sorted(counters):
        rotation = ledger.rotation(pool)
        for key in sorted(rotation.turns, key=lambda key: (place.get(key, len(place)), key)):
            user = resolved.members[place[key]].user if key in place else None
            share = None if pool == DIRECT else rotation.share_of(key)
            turns = rotation.turns[key]
            rows.append((pool, user, turns, share, None if share is None else turns - share))
    return pl.DataFrame(rows, schema=LOADS, orient="row")
