"""The roster as one CRM knows it: who is who, who is active, who cannot be chosen and why."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl
from msgspec import Struct

from crmsync.errors import Finding
from crmsync.model import THE_HAND_OFF
from crmsync.route.choosing.strategy import Need
from crmsync.route.people.member import Member
from crmsync.route.people.shape import User
from crmsync.route.roster.defaults import all_rules, between, hand_over_names, may_own, may_wait, rules_of
from crmsync.route.roster.lead_hours import NOWHERE, LeadCalendar
from crmsync.route.roster.read_people import ReadFromCrm
from crmsync.route.roster.roster_file import Roster


class Skipped(Struct, frozen=True):
    """A roster person who takes no lead on this connection. `person` counts from 1; `user` null = not found."""

    person: int
    user: str | None
    reason: str


class ResolvedRoster(Struct, frozen=True):
    """The roster as one CRM knows it.

    `members`: everybody found, inactive ones too, in roster order. `pools`: their members likewise. `queues`:
    native id by the queue as written. `findings`: what must be mended before anything is assigned.
    `skipped`: people who cannot be chosen here. `read`: how many people came from the CRM. `roster` holds them, too.
    `digest` changes with the roster, the absences of its calendars, and with users' active flags and memberships.
    `every_queue`: all queues of the CRM, `queue_names`: the active ones. `inactive`: its users who are not active.
    `where_leads_are`: for clocks that run in the lead's zone.
    """

    roster: Roster
    members: tuple[Member, ...]
    pools: Mapping[str, tuple[Member, ...]]
    by_user: Mapping[str, Member]
    queues: Mapping[str, str]
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    read: tuple[ReadFromCrm, ...]
    digest: str
    every_queue: frozenset[str] = frozenset()
    queue_names: frozenset[str] = frozenset()
    inactive: frozenset[str] = frozenset()
    where_leads_are: LeadCalendar = NOWHERE

    def may_receive(self, member: Member, hand_over: str = THE_HAND_OFF) -> bool:
        """Whether this person may own leads of the hand-over: active in the CRM and a receiver by the roster."""
        return member.active and may_own(self.roster, member.person, hand_over)

    def receivers_of(self, hand_over: str) -> frozenset[str]:
        """Native ids of everybody who may receive leads of it, by roster and CRM (dates and loads aside)."""
        return frozenset(member.user for member in self.members if self.may_receive(member, hand_over))

    @property
    def receivers(self) -> frozenset[str]:
        """Those of all hand-overs."""
        return frozenset[str]().union(*map(self.receivers_of, hand_over_names(self.roster)))

    def needs_receivers(self, hand_over: str) -> bool:
        """Whether a hand-over depends on people: false when all its rules are queues or keep the owner."""
        return any(Need.PEOPLE in rule.needs for rule in rules_of(self.roster, hand_over))

    @property
    def may_wait(self) -> bool:
        """Whether the roster says that some leads have nobody yet."""
        return may_wait(self.roster)

    @property
    def needs(self) -> frozenset[Need]:
        """What placing leads by this roster needs to know: for the strategies of its rules, and for capacities."""
        rules = all_rules(self.roster)
        limited = any(member.person.capacity.open_leads is not None for member in self.members)
        return frozenset({Need.OPEN_LEADS} if limited else ()).union(*(rule.needs for rule in rules))

    @property
    def shares(self) -> Mapping[str, Mapping[str, int]]:
        """Rotation → pool → part, of rules that share leads between pools, hand-offs first."""
        return {between(rule.share): rule.share for rule in reversed(all_rules(self.roster)) if rule.share}

    @property
    def people_in_pools(self) -> Mapping[str, tuple[str, ...]]:
        """Pool → keys of its people, those whom the CRM names, too."""
        return {name: tuple(member.key for member in members) for name, members in self.pools.items()}

    @property
    def facts_compared(self) -> tuple[str, ...]:
        """The facts in which what somebody owns has to be like the lead, for some rule."""
        rules = all_rules(self.roster)
        return tuple(sorted({name for rule in rules for name in rule.same}))

    @property
    def ages_count(self) -> bool:
        """Whether a rule asks how long somebody has owned a lead."""
        rules = all_rules(self.roster)
        return any(rule.within_days is not None for rule in rules)

    @property
    def all_roles(self) -> frozenset[str]:
        """Every role that somebody here has."""
        return frozenset(role for member in self.members for role in member.person.all_roles)

    def role_of(self, user: str | None) -> str | None:
        """The (first) role of this native user id; null when not in the roster."""
        member = self.by_user.get(user) if user else None
        roles = member.person.all_roles if member else ()
        return roles[0] if roles else None

    def roles(self) -> pl.DataFrame:
        """Columns `by` (native user id) and `by_role` (first role), to join to activities."""
        rows = [(member.user, self.role_of(member.user)) for member in self.members]
        return pl.DataFrame(rows, schema={"by": pl.String(), "by_role": pl.String()}, orient="row")


def queue_key(queue: User) -> str:
    """One text for a queue as written, to look it up in `Resolved.queues`."""
    return queue if isinstance(queue, str) else json.dumps(queue, sort_keys=True)
