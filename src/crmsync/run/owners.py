"""Owners for the leads of a run: what routing takes from the store and the course, and what it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import polars as pl
from msgspec import Struct

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.route.choosing.strategy import Need
from crmsync.route.placing.assignment import Assignments, assign
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.needing_owner import open_leads_by_owner
from crmsync.route.placing.orders import Credit
from crmsync.run.counters import counters_from
from crmsync.run.course import Course
from crmsync.store import Store
from crmsync.values import replace


class RoutingOfRun(Struct, frozen=True):
    """What routing takes besides the leads: the same whichever of them are picked."""

    circumstances: RoutingCircumstances
    standing: RoutingStanding
    owners_stay: bool

    def assigned(self, leads: pl.DataFrame, picked: frozenset[str] | None) -> Assignments:
        """Owners for those of the leads that are `picked` (null: all); the others count, and get none."""
        if picked is None:
            return assign(leads, self.circumstances, self.standing)
        reserved = {lead: turn for lead, turn in self.standing.reserved.items() if lead in picked}
        standing = replace(self.standing, reserved=reserved)
        return assign(leads, self.circumstances, standing, picked=frozenset() if self.owners_stay else picked)


def routing_of(
    prepared: Prepared,
    store: Store,
    course: Course,
    frame: pl.DataFrame,
    credits: Sequence[Credit],
    *,
    as_of: date,
    now: datetime,
) -> RoutingOfRun:
    """From the policy, the roster, the store and the course; `credits`: turns that are owed."""
    policy = prepared.settings.policy
    ladder = tuple(rung.stage for rung in policy.ladder)
    circumstances = RoutingCircumstances(
        prepared.roster,
        prepared.hand_overs,
        ladder,
        as_of,
        now,
        hands_off_days=policy.movement.hands_off_days or None,
        leavers=course.leavers,
        orders=course.orders,
        zone=prepared.org.time_zone,
        tongue=prepared.tongue,
    )
    standing = RoutingStanding(
        counters=counters_from(store.journal.turns(prepared.name), prepared.roster),
        reserved={entry.change.lead: entry.reserved for entry in course.open if entry.reserved},
        credits=credits,
        # When every lead is in the frame, routing counts and looks there.
        open_leads=None if course.everything else _open_leads(prepared, store, ladder, frame),
        known=None if course.everything else known_leads(prepared, store, frame["email"]),
        accounts=_accounts(prepared, store, frame),
        given_on=owners_given_on(prepared, store),
    )
    return RoutingOfRun(circumstances, standing, owners_stay=course.selection.only in {"stage", "fields"})


def with_owners(
    prepared: Prepared,
    course: Course,
    frame: pl.DataFrame,
    assignments: Assignments,
    picked: frozenset[str] | None,
) -> pl.DataFrame:
    """The leads that may change, with their new owners; see `Decided.frame`."""
    routed = assignments.assigned.drop("row").rename({"owner": "owner_after", "reason": "route_reason"})
    clearing = [entry.change.lead for entry in course.open if entry.change.stage_changes]
    if picked is not None:
        frame = frame.filter(pl.col("lead").is_in(sorted(picked)))
    return frame.join(routed, on="lead", how="left", maintain_order="left").with_columns(
        lowest=pl.lit(prepared.compiled.lowest_stage),
        # A stage that was emptied on its way to another one stays empty, if the lead is left alone since.
        clearing=pl.col("lead").is_in(clearing) & pl.col("left_alone").is_null(),
        reminded=pl.col("lead").is_in(course.reminded),
    )


def _open_leads(
    prepared: Prepared, store: Store, ladder: tuple[str, ...], frame: pl.DataFrame
) -> Mapping[str, int] | None:
    """Owners' open leads in the whole CRM, if anything in the roster asks for them.

    Those in the frame count by the stage decided for them, as they do where all leads are in it: else an owner would
    depend on which run looks.
    """
    if Need.OPEN_LEADS not in prepared.roster.needs:
        return None
    open_now = frame.filter("managed", pl.col("stage").is_null() | pl.col("stage").is_in(ladder))
    counts = Counter(store.facts.open_leads(prepared.name, ladder))
    counts.subtract(Counter(open_now["owner"].drop_nulls().to_list()))
    counts.update(open_leads_by_owner(frame.drop("stage").rename({"stage_after": "stage"}), ladder))
    return {owner: number for owner, number in counts.items() if number}


def known_leads(prepared: Prepared, store: Store, emails: pl.Series) -> pl.DataFrame:
    """The CRM's other leads: all when owners of the same company count, else those of the same people."""
    if Need.KNOWN_OWNERS in prepared.roster.needs:
        types = prepared.mapping.fact_types
        told = {name: types[name] for name in prepared.roster.facts_compared if name in types}
        return store.facts.lead_owners(prepared.name, fact_types=told)
    return store.facts.lead_owners(prepared.name, emails=emails.drop_nulls().unique().to_list())


def owners_given_on(prepared: Prepared, store: Store) -> Mapping[str, date]:
    """The days on which crmsync gave leads to their present owners, if a rule asks how long they have them."""
    if not prepared.roster.ages_count:
        return {}
    given = store.history.owners_given(prepared.name)
    return {lead: local_day(at, prepared.org.time_zone) for lead, at in given.items()}


def _accounts(prepared: Prepared, store: Store, frame: pl.DataFrame) -> pl.DataFrame | None:
    """The CRM's own accounts, if a rule asks who owns them."""
    return store.facts.accounts(prepared.name) if prepared.accounts_asked and not frame.is_empty() else None
