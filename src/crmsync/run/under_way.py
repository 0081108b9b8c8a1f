"""Hand-offs under way, held against policy, roster and clock: what this run has to do about them.

Reads the store; never asks the CRM. Nothing of it is remembered before the run says so (`learnt`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from crmsync.clock import local_day
from crmsync.connection.prepared import Prepared
from crmsync.enumeration import first_few
from crmsync.hand_off import Completing, HandOffEvent, Setting, Verdict, judge
from crmsync.mapping import HandOffMapping
from crmsync.qualify.language.policy import Policy
from crmsync.route.placing.orders import Order
from crmsync.run.hands_off import hands_off
from crmsync.store import Store


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What hand-offs under way ask of this run. `verdicts`: by lead. `attempts`: hand-offs so far, by lead.

    `completing` adds to changes what a hand-off needs; null = the policy has none.
    """

    completing: Completing | None
    watching: bool
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)

    def only(self, leads: Collection[str]) -> UnderWay:
        """The same for a run that looks at these leads only."""
        mine = set(leads)
        return replace(self, verdicts={lead: verdict for lead, verdict in self.verdicts.items() if lead in mine})

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
    policy, movement = prepared.settings.policy.hand_off, prepared.settings.policy.movement
    if policy is None:
        return UnderWay(None, watching=False)
    mapped = prepared.mapping.hand_off or HandOffMapping()
    stages = stages_in_sales(prepared.settings.policy)
    completing = Completing(
        policy=policy,
        mapped=mapped,
        stages=stages,
        roster=prepared.roster,
        people=frozenset(user.id for user in prepared.users if user.kind == "person"),
        now=now,
        tongue=prepared.tongue,
    )
    if not policy.is_process:
        return UnderWay(completing, watching=False)
    response, reason = mapped.response, mapped.return_reason
    setting = Setting(
        policy=policy,
        stages=stages,
        roster=prepared.roster,
        active=frozenset(user.id for user in prepared.users if user.active).difference(leavers),
        answer=lambda live: response.word(live.native.get(response.field)) if response else None,
        reason=lambda live: live.native.get(reason) if reason else None,
        local_day=lambda instant: local_day(instant, prepared.org.time_zone),
        now=now,
        as_of=as_of,
        queues=frozenset(user.id for user in prepared.users if user.kind == "queue"),
        leavers=leavers,
        taken_back={*undoing, *hands_off(store.left_alone.undone(prepared.name), movement, as_of)},
    )
    kinds = policy.first_touch.kinds if policy.first_touch else ()
    live = store.hand_offs.live(prepared.name, kinds, now=now, time_zone=prepared.org.time_zone)
    verdicts = {each.hand_off.lead: judge(each, setting) for each in live}
    return UnderWay(completing, watching=True, verdicts=verdicts, attempts=store.hand_offs.attempts(prepared.name))


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


def stages_in_sales(policy: Policy) -> frozenset[str]:
    """The stages of the ladder at or above the hand-off stage."""
    ladder = [rung.stage for rung in policy.ladder]
    return frozenset(ladder[ladder.index(policy.hand_off.stage) :]) if policy.hand_off else frozenset()
