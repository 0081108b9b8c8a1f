"""The roster as one CRM knows it: who is who, who is active, who cannot be chosen and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmsync.errors import Finding
from crmsync.route.choosing.strategy import Need
from crmsync.route.people.member import Member
from crmsync.route.people.shape import User
from crmsync.route.roster.defaults import hand_off_rules, new_lead_rules
from crmsync.route.roster.read_people import ReadFromCrm
from crmsync.route.roster.roster_file import Roster


@dataclass(frozen=True, slots=True)
class Skipped:
    """A roster person who takes no lead on this connection. `person` counts from 1; `user` null = not found."""

    person: int
    user: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ResolvedRoster:
    """The roster as one CRM knows it.

    `members`: everybody found, inactive ones too, in roster order. `pools`: their members likewise. `queues`:
    native id by the queue as written. `findings`: what must be mended before anything is assigned.
    `skipped`: people who cannot be chosen here. `read`: how many people came from the CRM. `roster` holds them, too.
    `digest` changes with the roster, the absences of its calendars, and with users' active flags and memberships.
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

    def may_receive(self, member: Member) -> bool:
        """Whether this person may own handed-off leads: active in the CRM and a receiver by the roster."""
        return member.active and self.roster.receivers.fits(member.person)

    @property
    def receivers(self) -> frozenset[str]:
        """Native ids of everybody who may receive a hand-off, by roster and CRM (dates and loads aside)."""
        return frozenset(member.user for member in self.members if self.may_receive(member))

    @property
    def needs_receivers(self) -> bool:
        """Whether hand-offs depend on people: false when all hand-off rules are queues or keep the owner."""
        return any(Need.PEOPLE in rule.needs for rule in hand_off_rules(self.roster))

    @property
    def needs(self) -> frozenset[Need]:
        """What placing leads by this roster needs to know: for the strategies of its rules, and for capacities."""
        rules = (*hand_off_rules(self.roster), *new_lead_rules(self.roster))
        limited = any(member.person.capacity.open_leads is not None for member in self.members)
        return frozenset({Need.OPEN_LEADS} if limited else ()).union(*(rule.needs for rule in rules))

    @property
    def facts_compared(self) -> tuple[str, ...]:
        """The facts in which what somebody owns has to be like the lead, for some rule."""
        rules = (*hand_off_rules(self.roster), *new_lead_rules(self.roster))
        return tuple(sorted({name for rule in rules for name in rule.same}))

    @property
    def ages_count(self) -> bool:
        """Whether a rule asks how long somebody has owned a lead."""
        rules = (*hand_off_rules(self.roster), *new_lead_rules(self.roster))
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
