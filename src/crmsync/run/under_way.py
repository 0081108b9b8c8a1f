"""Hand-offs under way, held against policy, roster and clock: what this run has to do about them.

Reads the store; never asks the CRM. Nothing of it is remembered before the run says so (`learnt`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.hand_off import (
    Completing,
    HandOffEvent,
    HandOffRecord,
    LiveHandOff,
    Setting,
    Verdict,
    judge,
    over,
    queue_of,
)
from crmsync.model import THE_HAND_OFF, Change
from crmsync.qualify.language.hand_overs import HandOver
from crmsync.route.placing.orders import Order
from crmsync.route.roster.directory import Directory
from crmsync.run.hands_off import hands_off
from crmsync.store import Store
from crmsync.values import replace

NOTHING = Verdict()


class UnderWay(Struct, frozen=True):
    """What hand-offs under way ask of this run. `verdicts`, and what they are about (`records`), by lead.

    `completing`: by hand-over (null = the policy's only one), what adds to changes what it needs. `attempts`: how
    often a lead was handed off so far, by lead and hand-over.
    """

    completing: Mapping[str | None, Completing]
    watching: bool
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    records: Mapping[str, HandOffRecord] = field(default_factory=dict)
    attempts: Mapping[tuple[str, str | None], int] = field(default_factory=dict)

    def only(self, leads: Collection[str]) -> UnderWay:
        """The same for a run that looks at these leads only."""
        mine = set(leads)
        return replace(self, verdicts={lead: verdict for lead, verdict in self.verdicts.items() if lead in mine})

    def completed(self, change: Change, native: Mapping[str, str | None], hand_over: str | None) -> Change:
        """The change with what its hand-over adds to it.

        `hand_over`: by which the owner changes (null = by none: then by the one under way, if there is one).
        """
        key, there = _key(hand_over), self.records.get(change.lead)
        if hand_over is None and there is not None:
            key = there.hand_over
        if key not in self.completing:
            return change
        return self.completing[key].completed(
            change,
            native,
            verdict=self.verdicts.get(change.lead, NOTHING),
            attempts=self.attempts.get((change.lead, key), 0),
        )

    def knowing(self, counts: Mapping[str, str | None], order: Sequence[str]) -> tuple[UnderWay, frozenset[str]]:
        """The same once it is known which hand-over counts for each lead, and leads for which that is a later one.

        `counts`: lead → name, null = none; `order`: the names in the policy's order. Where another hand-over counts,
        the one under way asks for nothing but that a lead goes back to whom it came from.
        """
        place = {_key(name): number for number, name in enumerate(order)}
        verdicts, later = dict(self.verdicts), set()
        for lead, verdict in self.verdicts.items():
            name, key = counts.get(lead), self.records[lead].hand_over
            if name is None or _key(name) == key or key not in place:
                continue
            if place[_key(name)] > place[key]:
                later.add(lead)
            if lead in later or verdict.order is None or not verdict.order.to:
                verdicts[lead] = Verdict(event=verdict.event)
        return replace(self, verdicts=verdicts), frozenset(later)

    def handed_on(self, leads: Collection[str], now: datetime) -> UnderWay:
        """The same where the hand-offs of these leads are over, as a later hand-over has come."""
        ended = {lead: over(self.records[lead], now, "handed_on") for lead in leads}
        return replace(self, verdicts={**self.verdicts, **ended})

    @property
    def orders(self) -> Mapping[str, Order]:
        """For routing, by lead."""
        return {lead: verdict.order for lead, verdict in self.verdicts.items() if verdict.order}

    @property
    def asking(self) -> tuple[str, ...]:
        """Leads that have to be looked at in this run."""
        return tuple(lead for lead, verdict in self.verdicts.items() if verdict.asks)

    @property
    def reminded(self) -> tuple[str, ...]:
        """Leads whose owner is to be reminded."""
        steps = ((lead, verdict.step) for lead, verdict in self.verdicts.items())
        return tuple(lead for lead, step in steps if step and step.move == "reminded")

    def learnt(self, followed: Collection[str] | None) -> tuple[HandOffEvent, ...]:
        """What reading alone has told.

        `followed`: leads with which this run does what has to follow; null = all. That another may be handed off
        anew is not written down: nobody would look at it again.
        """
        told = ((lead, verdict) for lead, verdict in self.verdicts.items() if verdict.event)
        known = (it for lead, it in told if not it.again or followed is None or lead in followed)
        return tuple(verdict.event for verdict in known if verdict.event)

    @property
    def notes(self) -> tuple[str, ...]:
        """For the reader of the plan."""
        stuck = [lead for lead, verdict in self.verdicts.items() if verdict.stuck]
        if not stuck:
            return ()
        return (
            f"returned as often as the policy allows, so a person has to decide: {len(stuck):,} ({first_few(stuck)})",
        )


def hand_offs_under_way(
    prepared: Prepared,
    store: Store,
    *,
    now: datetime,
    as_of: date,
    leavers: Collection[str] = (),
    undoing: Collection[str] = (),
) -> UnderWay:
    """Judge every hand-off under way. Without a process in the policy none is watched.

    `leavers`: native users whose leads are given to others in this run. `undoing`: leads of which it may put back the
    stage.
    """
    policy = prepared.settings.policy
    if not policy.every_hand_over:
        return UnderWay({}, watching=False)
    completing = _completing(prepared, now)
    watched = [each for each in policy.every_hand_over if each.is_process]
    if not watched:
        return UnderWay(completing, watching=False)
    back = {*undoing, *hands_off(store.left_alone.undone(prepared.name), policy.movement, as_of)}
    settings = {
        each.key: _setting(prepared, each, now=now, as_of=as_of, leavers=leavers, taken_back=back) for each in watched
    }
    kinds = {each.key: each.kinds_of_touch for each in watched if each.kinds_of_touch}
    zone, told = prepared.org.time_zone, facts_of_place(prepared)
    live = store.hand_offs.live(prepared.name, kinds, now=now, time_zone=zone, facts=told)
    return UnderWay(
        completing,
        watching=True,
        verdicts={each.hand_off.lead: _verdict(each, settings, now) for each in live},
        records={each.hand_off.lead: each.hand_off for each in live},
        attempts=store.hand_offs.attempts(prepared.name),
    )


def facts_of_place(prepared: Prepared) -> tuple[str, ...]:
    """The facts that say where a lead is, if a clock asks for that."""
    clocks = (clock for each in prepared.settings.policy.every_hand_over for clock in each.clocks)
    asked = any(clock.zone == "lead" for clock in clocks)
    return prepared.roster.where_leads_are.rule.facts if asked else ()


def _verdict(live: LiveHandOff, settings: Mapping[str | None, Setting], now: datetime) -> Verdict:
    """Of a hand-over that the policy does not have, or watch, any more nothing is asked."""
    setting = settings.get(live.hand_off.hand_over)
    return over(live.hand_off, now, "switched_off") if setting is None else judge(live, setting)


def _completing(prepared: Prepared, now: datetime) -> dict[str | None, Completing]:
    policy = prepared.settings.policy
    names = [each.name for each in policy.every_hand_over]
    people = frozenset(user.id for user in prepared.users if user.kind == "person")
    return {
        each.key: Completing(
            policy=each,
            mapped=prepared.mapping.of_hand_over(each.key),
            stages=policy.stages_of(each),
            roster=prepared.roster,
            people=people,
            now=now,
            tongue=prepared.tongue,
            names=names[number:],
        )
        for number, each in enumerate(policy.every_hand_over)
    }


def _setting(
    prepared: Prepared,
    hand_over: HandOver,
    *,
    now: datetime,
    as_of: date,
    leavers: Collection[str],
    taken_back: Collection[str],
) -> Setting:
    mapped = prepared.mapping.of_hand_over(hand_over.key)
    response, reason = mapped.response, mapped.return_reason
    return Setting(
        policy=hand_over,
        stages=prepared.settings.policy.stages_of(hand_over),
        roster=prepared.roster,
        active=frozenset(user.id for user in prepared.users if user.active).difference(leavers),
        answer=lambda live: response.word(live.native.get(response.field)) if response else None,
        reason=lambda live: live.native.get(reason) if reason else None,
        local_day=lambda instant: local_day(instant, prepared.org.time_zone),
        now=now,
        as_of=as_of,
        queues=frozenset(user.id for user in prepared.users if user.kind == "queue"),
        leavers=leavers,
        taken_back=taken_back,
        queue_of=lambda target: queue_of(target, prepared.name, Directory(prepared.users).queue),
        org_zone=ZoneInfo(prepared.org.time_zone),
    )


def remember_learnt(
    prepared: Prepared, store: Store, under_way: UnderWay, *, now: datetime, followed: Collection[str] | None = None
) -> None:
    """Write down what reading alone has told: first touches, answers, hand-offs that are over.

    `followed`: see `UnderWay.learnt`.
    """
    if under_way.watching:
        store.hand_offs.record(prepared.name, under_way.learnt(followed))
    else:
        store.hand_offs.end(prepared.name, now=now)


def _key(hand_over: str | None) -> str | None:
    """How the store names a hand-over."""
    return None if hand_over == THE_HAND_OFF else hand_over
