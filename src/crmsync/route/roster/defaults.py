"""What holds where roster.yaml says nothing: pools that are always there, and rules for a roster of roles only."""

from __future__ import annotations

from collections.abc import Mapping

from crmsync.route.roster.roster_file import Match, Roster, RoutingRule

RECEIVERS = "receivers"
"""The pool that is always there: everybody who may receive a hand-off."""

NEW_LEADS = "bdrs"
"""The pool that is always there: everybody with the role `bdr`."""

DIRECT = "direct"
"""Under this name the counters keep what people got outside any rotation, so that capacity counts it."""


def default_pools(roster: Roster) -> Mapping[str, Match]:
    """The pools of the file and those that are always there."""
    return {RECEIVERS: roster.receivers, NEW_LEADS: Match(role=("bdr",)), **roster.pools}


def hand_off_rules(roster: Roster) -> tuple[RoutingRule, ...]:
    """The rules for hand-offs; by default a round robin among the receivers."""
    given = roster.rules.hand_off
    return (RoutingRule(pool=RECEIVERS),) if given is None else given


def new_lead_rules(roster: Roster) -> tuple[RoutingRule, ...]:
    """The rules for ownerless leads; by default a round robin among BDRs, none when the roster has no BDR."""
    if roster.rules.new_lead is not None:
        return roster.rules.new_lead
    fits = default_pools(roster)[NEW_LEADS].fits
    return (RoutingRule(pool=NEW_LEADS),) if any(map(fits, roster.people)) else ()
