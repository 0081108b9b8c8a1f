"""A roster opened for one assignment: who is there at this instant, and what the leads of others say of these."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl
from msgspec import Struct

from crmsync.route.at_work.availability import Availability
from crmsync.route.placing.accounts import Accounts, with_account_keys
from crmsync.route.placing.circumstances import RoutingCircumstances, RoutingStanding
from crmsync.route.placing.claims import Claims
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.hand_overs import and_later
from crmsync.route.placing.needing_owner import HeldLead, Owning, hands_off, needing_owner, open_leads_by_owner
from crmsync.route.placing.order_of_turns import in_order_of_turns, places_in_roster
from crmsync.route.placing.owned import Owned
from crmsync.route.placing.requests import Request
from crmsync.route.placing.turns import GivenBack, settle_credits, still_good, undo
from crmsync.route.roster.roster_file import Duplicates
from crmsync.route.rotation.counters import Ledger

_ACCOUNT_COLUMNS = ("lead", "email", "company", "created_at", "owner")


class OpenedRoster(Struct, frozen=True):
    """The roster at this instant, and how the counters and the leads of others stand."""

    circumstances: RoutingCircumstances
    standing: RoutingStanding
    availability: Availability
    ledger: Ledger
    owning: Owning
    owned: Owned
    places: Mapping[str, int]

    def needing(
        self, leads: pl.DataFrame, picked: Collection[str] | None, *, new: bool
    ) -> tuple[pl.DataFrame, tuple[HeldLead, ...]]:
        """Leads to be placed, in the order of turns, and those that stay because a person set their owner.

        `new`: whether there are rules for new leads.
        """
        given = self.circumstances
        found = needing_owner(leads, given.ladder, given.hand_overs, self.owning, given.orders).collect()
        if found.height > 1:
            found = in_order_of_turns(
                found,
                given.resolved.roster,
                ladder=given.ladder,
                places=self.places,
                orders=given.orders,
                hand_overs=given.hand_overs,
            )
        needing, held = hands_off(found, given.as_of, given.hands_off_days)
        if not new:
            needing = needing.filter("hand_off")
        if picked is not None:
            needing = needing.filter(pl.col("lead").is_in(sorted(picked)))
            held = tuple(item for item in held if item.lead in picked)
        return needing, held

    def keyed(self, leads: pl.DataFrame) -> pl.DataFrame:
        """All leads known, with what they are found to belong together by."""
        everything = self._account_columns(leads)
        if self.standing.known is not None:
            others = self._account_columns(self.standing.known).join(everything, on="lead", how="anti")
            everything = pl.concat([everything, others], how="vertical_relaxed")
        return with_account_keys(everything, self._duplicates.shared_domains)

    def together(self, keyed: pl.DataFrame, needing: pl.DataFrame) -> Accounts:
        """Which leads belong together."""
        return Accounts(keyed, needing, self._duplicates.same, self.places, self.circumstances.tongue)

    def desk(self, leads: pl.DataFrame, needing: pl.DataFrame, together: Accounts) -> RoutingDesk:
        """The desk at which these leads are placed."""
        given, standing = self.circumstances, self.standing
        link = f"fact.{given.resolved.roster.facts.account}"
        shared = self._duplicates.shared_domains
        claims = Claims(standing.accounts, needing, shared, link, self.places, self.owned)
        loads = standing.open_leads
        if loads is None:
            loads = open_leads_by_owner(leads, given.ladder)
        return RoutingDesk(
            given.resolved,
            self.availability,
            self.ledger,
            together,
            loads,
            claims,
            self.owning.receivers,
            given.tongue,
            given.as_of,
        )

    def settle_reserved(
        self, requests: Sequence[Request], leads: pl.DataFrame, desk: RoutingDesk
    ) -> tuple[dict[str, tuple[str, ...]], tuple[GivenBack, ...]]:
        """Reserved turns that are used again, and those given back. Leads of other batches are not looked at."""
        reserved, resolved = self.standing.reserved, self.circumstances.resolved
        if not reserved:
            return {}, ()
        asking = {request.lead.lead: request.lead for request in requests}
        good: dict[str, tuple[str, ...]] = {}
        given_back: list[GivenBack] = []
        here = leads.filter(pl.col("lead").is_in(sorted(reserved))).sort("lead").select("lead", "owner")
        for name, owner_now in here.iter_rows():
            pool, owner, *rotations = reserved[name]
            order = self.circumstances.orders.get(name)
            if name in asking and still_good(desk, resolved, asking[name], pool, owner, order):
                good[name] = reserved[name]
            elif owner_now != owner:
                undo(resolved, self.ledger, pool, owner)
                for rotation in rotations:
                    undo(resolved, self.ledger, rotation, pool)
                given_back.append(GivenBack(name, pool, owner))
        return good, tuple(given_back)

    @property
    def _duplicates(self) -> Duplicates:
        return self.circumstances.resolved.roster.duplicates

    def _account_columns(self, leads: pl.DataFrame) -> pl.DataFrame:
        owned = self.owned
        return leads.select(*_ACCOUNT_COLUMNS, since=owned.lead_since(), told=owned.in_lead(leads.columns))


def opened(circumstances: RoutingCircumstances, standing: RoutingStanding) -> OpenedRoster:
    """The roster opened, with what happened outside the rotation counted already."""
    resolved, hand_overs, leavers = circumstances.resolved, circumstances.hand_overs, circumstances.leavers
    availability = Availability(resolved, circumstances.now, leavers, circumstances.tongue)
    ledger = Ledger(standing.counters)
    settle_credits(resolved, ledger, standing.credits, as_of=circumstances.as_of, today=availability.today)
    receivers = and_later({each.name: availability.receivers_of(each.name) for each in hand_overs}, hand_overs)
    former = {each.name: availability.former(each.name) for each in hand_overs}
    zone = circumstances.zone if resolved.ages_count else None
    return OpenedRoster(
        circumstances,
        standing,
        availability,
        ledger,
        Owning(receivers, availability.users_gone, former, frozenset(leavers)),
        Owned(resolved.facts_compared, zone, standing.given_on),
        places_in_roster(resolved.by_user),
    )
