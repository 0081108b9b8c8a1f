"""What a selection leaves out: the first so many changes, and what the rest would have been. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

import polars as pl

from crmsync.connection.prepared import Prepared
from crmsync.model import Change, Rest
from crmsync.plan import Filling, changed
from crmsync.route.placing.hand_overs import COUNTS, with_the_one_that_counts
from crmsync.route.placing.order_of_turns import in_order_of_turns, places_in_roster
from crmsync.run.course import Course


def rest_of(everything: pl.DataFrame, filled: Mapping[str, Filling], changes: Collection[Change]) -> Rest:
    """`everything`: the decided frame of all leads, `filled`: what becomes of their fields for people. `changes`:
    those of the selection.
    """
    stage_moves = {change.lead for change in changes if change.stage_changes}
    owner_moves = {change.lead for change in changes if change.owner_changes}
    rows = changed(everything)
    moved = pl.col("stage_after").ne_missing(pl.col("stage")) & ~pl.col("lead").is_in(sorted(stage_moves))
    empty = pl.col("stage").is_null() & (pl.col("stage_after") == pl.col("lowest"))
    stages = rows.filter(moved & ~empty)
    to_another = pl.col("owner_after").is_not_null() & pl.col("owner_after").ne_missing(pl.col("owner"))
    owners = rows.filter(to_another & ~pl.col("lead").is_in(sorted(owner_moves)))
    told = {change.lead: change.fields for change in changes}
    fields = {lead for lead, each in filled.items() if each.writes.keys() - set(told.get(lead, ()))}
    leads = {*stages["lead"], *owners["lead"], *fields}
    return Rest(len(leads), Counter(stages["stage_after"].to_list()), owners.height, len(fields))


def first_of(
    prepared: Prepared, course: Course, frame: pl.DataFrame, filled: Mapping[str, Filling], limit: int
) -> frozenset[str]:
    """The first leads to change, in the order in which leads get their owners; of the part that is written, if the
    selection names one. `frame`: decided and routed. `filled`: lead → what becomes of its fields for people.
    """
    policy = prepared.settings.policy
    ladder = [rung.stage for rung in policy.ladder]
    written = {lead for lead, each in filled.items() if each.writes}
    rows = changed(frame, written, course.selection.only).drop("stage").rename({"stage_after": "stage"})
    counted = with_the_one_that_counts(rows.lazy(), prepared.hand_overs).collect()
    in_order = in_order_of_turns(
        counted.with_columns(hand_off=pl.col(COUNTS).is_not_null()),
        prepared.roster.roster,
        ladder=ladder,
        places=places_in_roster(prepared.roster.by_user),
        orders=course.orders,
        hand_overs=prepared.hand_overs,
    )
    return frozenset(in_order["lead"].head(limit))
