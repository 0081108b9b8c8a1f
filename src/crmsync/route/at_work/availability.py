"""Who can take a lead at this moment, and why the others cannot."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from crmsync.route.choosing.strategy import Obstacle
from crmsync.route.hours.calendar import local_day, stretches_at_work
from crmsync.route.people.member import Member
from crmsync.route.roster.defaults import may_own
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.rotation.counters import Ledger
from crmsync.tongue import ENGLISH, Tongue, to_say

INACTIVE = to_say("inactive in the CRM")
LEAVING = to_say("is leaving")
NOT_YET_HERE = to_say("starts on {day}")
LEFT = to_say("left on {day}")
AWAY = to_say("absent until {moment}")
LASTING = (INACTIVE, LEAVING, NOT_YET_HERE, LEFT, AWAY)
"""Messages of what keeps a person from every lead of a run alike."""


class Availability:
    """Answers for one instant. Everything but capacity is worked out once per person.

    `today`: the local day by person's key. `hours_rule`: what the roster says about working hours.
    """

    def __init__(
        self, resolved: ResolvedRoster, now: datetime, leavers: Collection[str] = (), tongue: Tongue = ENGLISH
    ) -> None:
        self._tongue = tongue
        self._leavers = frozenset(leavers)
        self.hours_rule = resolved.roster.outside_hours
        self.today = {member.key: local_day(now, member.person.zone) for member in resolved.members}
        self._absent = {member.key for member in resolved.members if _absent(member, now)}
        self._obstacle = {member.key: self._lasting(member, now) for member in resolved.members}
        self._resolved = resolved
        asked = () if self.hours_rule == "ignore" else resolved.members
        self._off = {member.key for member in asked if not _at_work(member, now)}

    def receivers_of(self, hand_over: str) -> frozenset[str]:
        """Native ids of those who may own leads of it.

        A receiver stays one while absent, off work or full, and ends as one when inactive, past the last day or
        leaving.
        """
        those = self._resolved.members
        return frozenset(
            each.user for each in those if self._resolved.may_receive(each, hand_over) and not self.gone(each)
        )

    def former(self, hand_over: str) -> frozenset[str]:
        """Native ids of those who would be its receivers if they took leads still."""
        roster, those = self._resolved.roster, self._resolved.members
        return frozenset(each.user for each in those if may_own(roster, each.person, hand_over) and self.gone(each))

    @property
    def users_gone(self) -> frozenset[str]:
        """Native ids of users who take no leads any more, in the roster or not."""
        return self._resolved.inactive | {each.user for each in self._resolved.members if self.gone(each)}

    def obstacle(self, member: Member) -> str | None:
        """Why this person takes no lead today, whatever their load; null = they do."""
        return self._obstacle[member.key]

    def is_absent(self, member: Member) -> bool:
        """Whether only an absence keeps this person away: what a rejoin rule may make up for."""
        return member.key in self._absent and member.active and self._employed(member) is None

    def gone(self, member: Member) -> bool:
        """Whether this person takes no lead any more: inactive in the CRM, leaving, or past the last day."""
        return not member.active or member.user in self._leavers or left(member, self.today[member.key]) is not None

    def full(self, member: Member, ledger: Ledger, open_leads: int) -> str | None:
        """Which capacity is used up; null = none."""
        capacity, today = member.person.capacity, self.today[member.key]
        say_many = self._tongue.say_many
        if (most := capacity.per_day) is not None and ledger.on_day(member.key, today) >= most:
            return self._full(say_many("{number} a day", "{number} a day", most))
        if (most := capacity.per_week) is not None and ledger.in_week(member.key, today) >= most:
            return self._full(say_many("{number} a week", "{number} a week", most))
        for days, most in sorted(capacity.per_days.items()):
            if ledger.in_days(member.key, today, days) >= most:
                return self._full(self._tongue.say("{number} in {days} days", number=most, days=days))
        if (most := capacity.per_month) is not None and ledger.in_month(member.key, today) >= most:
            return self._full(say_many("{number} a month", "{number} a month", most))
        if (most := capacity.open_leads) is not None and open_leads >= most:
            return self._full(say_many("{number} open lead", "{number} open leads", most))
        return None

    def _full(self, limit: str) -> Obstacle:
        cause = self._tongue.say("at capacity")
        return Obstacle(f"{cause}: {limit}", cause)

    def is_off(self, member: Member) -> bool:
        """Whether the person has working hours that count for routing, and is outside them."""
        return member.key in self._off

    def at_work_first(self, free: list[Member]) -> tuple[list[Member], list[tuple[str, str]]]:
        """Leave out those outside their working hours, as the roster says."""
        if self.hours_rule == "ignore" or not self._off:
            return free, []
        here = [member for member in free if member.key not in self._off]
        if not here and self.hours_rule == "last_resort":
            return free, []
        off = self._tongue.say("outside working hours")
        return here, [(member.user, off) for member in free if member.key in self._off]

    def _lasting(self, member: Member, now: datetime) -> str | None:
        if not member.active:
            return self._tongue.say(INACTIVE)
        employed = self._employed(member)
        if employed:
            return employed
        return self._away(member, now) if member.key in self._absent else None

    def _away(self, member: Member, now: datetime) -> Obstacle:
        end = max(stretch.end for stretch in member.away if stretch.start <= now < stretch.end)
        until = self._tongue.moment(end.astimezone(member.person.zone))
        return Obstacle(self._tongue.say(AWAY, moment=until), self._tongue.say("absent"))

    def _employed(self, member: Member) -> str | None:
        today, person = self.today[member.key], member.person
        if member.user in self._leavers:
            return self._tongue.say(LEAVING)
        if person.starts and today < person.starts:
            return self._tongue.say(NOT_YET_HERE, day=self._tongue.day(person.starts))
        return left(member, today, self._tongue)


def left(member: Member, today: date, tongue: Tongue = ENGLISH) -> str | None:
    """Words when the person's last day is over."""
    ends = member.person.ends
    return tongue.say(LEFT, day=tongue.day(ends)) if ends and today > ends else None


def _absent(member: Member, now: datetime) -> bool:
    return any(stretch.start <= now < stretch.end for stretch in member.away)


def _at_work(member: Member, now: datetime) -> bool:
    if member.person.week is None:
        return True
    following = next(stretches_at_work(member.person.week, member.person.zone, (), now), None)
    return following is not None and following.start <= now
