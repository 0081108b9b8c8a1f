"""Placing one lead: together with its twins, else by the rules in order, else in the last queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct

from crmsync.route.choosing.strategy import Lead, PassedOver, Placement, nobody
from crmsync.route.placing.accounts import Accounts
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.orders import Order
from crmsync.route.placing.requests import Request
from crmsync.route.placing.rule_desk import ask
from crmsync.route.registry import USUAL
from crmsync.route.roster.roster_file import NOBODY, Otherwise, RoutingRule
from crmsync.tongue import ENGLISH, Tongue
from crmsync.values import replace

Outcome = Literal["skipped", "passed_on", "waits", "gave"]


class RuleTried(Struct, frozen=True):
    """What became of a lead at one rule. `rule` counts from 1; null = before or after all rules.

    `skipped`: not all of its criteria are met; `passed_on`: it found nobody; `waits`: it found nobody and lets no
    other take over; `gave`: the lead got its owner there.
    """

    rule: int | None
    outcome: Outcome
    words: str


class Placing:
    """The rules at work. `rules`: by the name of the hand-over, for new leads under null."""

    def __init__(
        self,
        desk: RoutingDesk,
        accounts: Accounts,
        rules: Mapping[str | None, tuple[RoutingRule, ...]],
        otherwise: Otherwise | Literal["nobody"] | None,
        tongue: Tongue = ENGLISH,
        tried: dict[str, list[RuleTried]] | None = None,
    ) -> None:
        """`tried`: where it is noted what became of each lead at each rule; null = nowhere."""
        self._tried = tried
        self._desk = desk
        self._accounts = accounts
        self._rules = rules
        self._otherwise = otherwise
        self._tongue = tongue

    def place(self, request: Request) -> Placement:
        """The owner, with everybody passed over on the way; or nobody, and why."""
        if self._tried is not None:
            self._tried[request.lead.lead] = []
        together = self._with_twin(request.lead)
        if together is not None:
            self._note(request, None, "gave", together.reason)
            return together
        passed: PassedOver = ()
        reasons: list[str] = []
        for number, rule in enumerate(self._rules[request.lead.hand_over], start=1):
            if not request.met.issuperset(rule.when):
                self._note(request, number, "skipped", ", ".join(sorted(set(rule.when) - request.met)))
                continue
            placement = ask(self._desk, request, rule)
            passed += placement.passed_over
            goes_on = rule.overflow and not placement.waits
            outcome = _outcome(found=placement.owner is not None, overflow=goes_on)
            self._note(request, number, outcome, placement.reason)
            if placement.owner is not None or placement.waits:
                return replace(placement, passed_over=_once(passed, placement.owner))
            reasons.append(placement.reason)
            if not rule.overflow:
                return nobody(_sentence(reasons), _once(passed))
        if self._otherwise == NOBODY:
            waits = self._desk.nobody_yet()
            return replace(waits, reason=_sentence([*reasons, waits.reason]), passed_over=_once(passed))
        if self._otherwise is not None:
            last = self._desk.to_queue(self._otherwise.queue)
            if last.owner is not None:
                return replace(last, reason=_sentence([*reasons, last.reason]), passed_over=_once(passed))
            reasons.append(last.reason)
        return nobody(_sentence(reasons) or self._tongue.say("no rule of the roster fits this lead"), _once(passed))

    def place_as_ordered(self, request: Request, order: Order) -> Placement:
        """Back to whom the order names, if that person is still there; else as ever, without those it leaves out."""
        words = self._tongue.say_with(order.words, order.values)
        if order.to is not None and not self._desk.gone(order.to):
            member = self._desk.member(order.to)
            return Placement(order.to, words) if member is None else self._desk.give(member, words)
        if order.queue is not None:
            return Placement(order.queue, words)
        not_to = {user: self._tongue.say(why) for user, why in order.not_to.items()}
        with self._desk.without(not_to):
            placement = self.place(request) if order.pool is None else self._in_pool(request, order.pool)
        reason = f"{words}; {placement.reason}"
        return placement if placement.owner is None else replace(placement, reason=reason)

    def _in_pool(self, request: Request, pool: str) -> Placement:
        """Somebody of this pool: who has its twin, else by the first rule that names the pool, else in turns."""
        twin = self._with_twin(request.lead, {member.user for member in self._desk.pool(pool)})
        if twin is not None:
            return twin
        own = self._rules[request.lead.hand_over]
        listed = (rule for rules in (own, *self._rules.values()) for rule in rules)
        named = next((rule for rule in listed if rule.pool == pool), RoutingRule(pool=pool))
        placement = ask(self._desk, request, named)
        if placement.owner is None and named.strategy != USUAL:
            placement = ask(self._desk, request, RoutingRule(pool=pool))
        return placement

    def _note(self, request: Request, rule: int | None, outcome: Outcome, words: str) -> None:
        if self._tried is not None:
            self._tried[request.lead.lead].append(RuleTried(rule, outcome, words))

    def _with_twin(self, lead: Lead, among: Collection[str] | None = None) -> Placement | None:
        for owner, why in self._accounts.twins(lead):
            member = self._desk.member(owner) if among is None or owner in among else None
            if member is not None and self._desk.may_own(member, lead) and not self._desk.obstacle(member):
                free, _ = self._desk.available((member,))
                if free:
                    return self._desk.give(member, why)
        return None


def _outcome(*, found: bool, overflow: bool) -> Outcome:
    if found:
        return "gave"
    return "passed_on" if overflow else "waits"


def _once(passed: PassedOver, owner: str | None = None) -> PassedOver:
    """Each person once, with the first reason; the chosen one not at all."""
    first = dict(reversed(passed))
    return tuple((person, why) for person, why in dict.fromkeys(passed) if first[person] == why and person != owner)


def _sentence(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))
