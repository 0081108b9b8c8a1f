"""What holds where roster.yaml says nothing: pools that are always there, and rules for a roster of roles only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmsync.model import THE_HAND_OFF
from crmsync.route.people.person import Person
from crmsync.route.registry import STRATEGIES
from crmsync.route.roster.roster_file import NOBODY, Match, Roster, RoutingRule

RECEIVERS = "receivers"
"""The pool that is always there: everybody who may receive a hand-off."""

NEW_LEADS = "bdrs"
"""The pool that is always there: everybody with the role `bdr`."""

DIRECT = "direct"
"""Under this name the counters keep what people got outside any rotation, so that capacity counts it."""


_BETWEEN = "between "


def between(pools: Iterable[str]) -> str:
    """The name of the rotation among these pools, whatever their parts: it goes on when those change."""
    return _BETWEEN + ", ".join(sorted(pools))


def is_between(rotation: str) -> bool:
    """Whether turns of this rotation are pools' and not people's."""
    return rotation.startswith(_BETWEEN)


def default_pools(roster: Roster) -> Mapping[str, Match]:
    """The pools of the file and those that are always there."""
    return {RECEIVERS: receivers_of_all(roster), NEW_LEADS: Match.model_construct(role=("bdr",)), **roster.pools}


def receivers_of_all(roster: Roster) -> Match:
    """Who receives a hand-off where the roster says it once; the AEs where it says it for each hand-over."""
    return roster.receivers if isinstance(roster.receivers, Match) else Match.model_construct(role=("ae",))


def hand_over_names(roster: Roster) -> tuple[str, ...]:
    """The hand-overs that the roster has rules for, in its order; the policy's only one where it names none."""
    return tuple(roster.rules.of_hand_overs) or (THE_HAND_OFF,)


def rules_of(roster: Roster, hand_over: str | None) -> tuple[RoutingRule, ...]:
    """The rules of a hand-over by its name; null = those for new leads, which there are only beside the only one."""
    if hand_over is None:
        return () if roster.rules.of_hand_overs else new_lead_rules(roster)
    return hand_off_rules(roster) if hand_over == THE_HAND_OFF else roster.rules.of_hand_overs.get(hand_over, ())


def all_rules(roster: Roster) -> tuple[RoutingRule, ...]:
    """Every rule that holds: of all hand-overs, then for new leads."""
    return tuple(rule for name in (*hand_over_names(roster), None) for rule in rules_of(roster, name))


def hand_off_rules(roster: Roster) -> tuple[RoutingRule, ...]:
    """The rules of the only hand-over; by default a round robin among the receivers."""
    given = roster.rules.hand_off
    return (RoutingRule.model_construct(pool=RECEIVERS),) if given is None else given


def new_lead_rules(roster: Roster) -> tuple[RoutingRule, ...]:
    """The rules for ownerless leads; by default a round robin among BDRs, none when the roster has no BDR."""
    if roster.rules.new_lead is not None:
        return roster.rules.new_lead
    fits = default_pools(roster)[NEW_LEADS].fits
    return (RoutingRule.model_construct(pool=NEW_LEADS),) if any(map(fits, roster.people)) else ()


def may_wait(roster: Roster) -> bool:
    """Whether the roster says that some leads have nobody yet."""
    return roster.rules.otherwise == NOBODY or any(STRATEGIES[rule.strategy].waits for rule in all_rules(roster))


def matches_of(roster: Roster, hand_over: str) -> tuple[Match, ...]:
    """Who may own leads of a hand-over (one of these fits): as `receivers` says, else the pools of its rules."""
    if hand_over == THE_HAND_OFF:
        return (receivers_of_all(roster),)
    if not isinstance(roster.receivers, Match) and hand_over in roster.receivers:
        return (roster.receivers[hand_over],)
    pools = default_pools(roster)
    named = dict.fromkeys(name for rule in rules_of(roster, hand_over) for name in rule.pools)
    return tuple(pools[name] for name in named if name in pools)


def may_own(roster: Roster, person: Person, hand_over: str) -> bool:
    """Whether this person may own leads of a hand-over, by what the roster says of them."""
    return any(match.fits(person) for match in matches_of(roster, hand_over))
