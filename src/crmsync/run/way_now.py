"""Which way a lead would go if it were placed now: rule by rule, through the same assignment as in a run.

Nothing is counted for it and nothing stored. A lead that a receiver owns is looked at as if nobody did.
"""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
from msgspec import Struct

from crmsync.connection.prepared import Prepared
from crmsync.route.placing.assignment import assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.placing import RuleTried
from crmsync.run.batches import decided_as_of
from crmsync.run.counters import counters_from, credits_of
from crmsync.run.owners import known_leads, owners_given_on
from crmsync.store import Store
from crmsync.tongue import Tongue


class WayNow(Struct, frozen=True):
    """`hand_over`: by which it would get there; null = as a new lead. `owner`, `pool`: to whom; null = nobody.

    `tried` is empty for a lead that is neither handed off nor without an owner.
    """

    tried: tuple[RuleTried, ...]
    hand_over: str | None = None
    owner: str | None = None
    pool: str | None = None
    reason: str = ""


def way_now(prepared: Prepared, store: Store, lead: str, *, as_of: date, now: datetime, tongue: Tongue) -> WayNow:
    """The way of one stored lead."""
    decided = decided_as_of(prepared, store, [lead], as_of)
    received = pl.col("owner").is_in(sorted(prepared.roster.receivers))
    frame = decided.drop("stage").rename({"stage_after": "stage"}).with_row_index("row")
    frame = frame.with_columns(
        owner=pl.when(~received.fill_null(value=False)).then("owner"), owner_edited_on=pl.lit(None, pl.Date)
    )
    ladder = tuple(rung.stage for rung in prepared.settings.policy.ladder)
    tried: dict[str, list[RuleTried]] = {}
    circumstances = RoutingCircumstances(
        prepared.roster,
        prepared.hand_overs,
        ladder,
        as_of,
        now,
        zone=prepared.org.time_zone,
        tongue=tongue,
    )
    standing = RoutingStanding(
        counters=counters_from(store.journal.turns(prepared.name), prepared.roster),
        credits=credits_of(store, prepared.name),
        open_leads=store.facts.open_leads(prepared.name, ladder),
        known=known_leads(prepared, store, frame["email"]),
        accounts=store.facts.accounts(prepared.name) if prepared.accounts_asked else None,
        given_on=owners_given_on(prepared, store),
    )
    given = assign(frame, circumstances, standing, tried=tried)
    steps = tuple(tried.get(lead, ()))
    for row in given.assigned.iter_rows(named=True):
        return WayNow(steps, row["hand_over"], row["owner"], row["pool"], row["reason"])
    aside = next((each.reason for each in given.set_aside), "")
    return WayNow(steps, prepared.hand_overs[0].name if prepared.hand_overs and steps else None, reason=aside)
