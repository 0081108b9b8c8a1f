"""Placing one lead: together with its twins, else by the rules in order, else in the last queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from crmsync.route.placing.accounts import Accounts
from crmsync.route.placing.choice import Choice, Lead, PassedOver, nobody
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.orders import Order
from crmsync.route.placing.registry import STRATEGIES
from crmsync.route.roster.roster_file import Otherwise, Rule


class Placing:
    """The rules at work. `rules`: for hand-offs under True, for new leads under False."""

    def __init__(
        self,
        desk: RoutingDesk,
        accounts: Accounts,
        rules: Mapping[bool, tuple[Rule, ...]],
        otherwise: Otherwise | None,
    ) -> None:
        self._desk = desk
        self._accounts = accounts
        self._rules = rules
        self._last = None if otherwise is None else Rule(strategy="queue", queue=otherwise.queue)

    def place(self, lead: Lead, met: Collection[str]) -> Choice:
        """The owner, with everybody passed over on the way; or nobody, and why."""
        together = self._with_twin(lead)
        if together is not None:
            return together
        passed: PassedOver = ()
        reasons: list[str] = []
        for rule in self._rules[lead.hand_off]:
            if not all(name in met for name in rule.when):
                continue
            choice = STRATEGIES[rule.strategy](lead, rule, self._desk)
            passed += choice.passed_over
            if choice.owner is not None:
                return replace(choice, passed_over=_once(passed, choice.owner))
            reasons.append(choice.reason)
            if not rule.overflow:
                return nobody(_sentence(reasons), _once(passed))
        if self._last is not None:
            choice = STRATEGIES["queue"](lead, self._last, self._desk)
            if choice.owner is not None:
                return replace(choice, reason=_sentence([*reasons, choice.reason]), passed_over=_once(passed))
            reasons.append(choice.reason)
        return nobody(_sentence(reasons) or "no rule of the roster fits this lead", _once(passed))

    def place_as_ordered(self, lead: Lead, met: Collection[str], order: Order) -> Choice:
        """Back to whom the order names, if that person is still there; else as ever, without those it leaves out."""
        if order.to is not None and not self._desk.gone(order.to):
            member = self._desk.member(order.to)
            return Choice(order.to, order.words) if member is None else self._desk.give(member, order.words)
        with self._desk.without(order.not_to):
            choice = self.place(lead, met)
        return choice if choice.owner is None else replace(choice, reason=f"{order.words}; {choice.reason}")

    def _with_twin(self, lead: Lead) -> Choice | None:
        for owner, why in self._accounts.twins(lead):
            member = self._desk.member(owner)
            if member is not None and self._desk.may_own(member, lead) and not self._desk.obstacle(member):
                free, _ = self._desk.available((member,))
                if free:
                    return self._desk.give(member, why)
        return None


def _once(passed: PassedOver, owner: str | None = None) -> PassedOver:
    """Each person once, with the first reason; the chosen one not at all."""
    first = dict(reversed(passed))
    return tuple((person, why) for person, why in dict.fromkeys(passed) if first[person] == why and person != owner)


def _sentence(reasons: list[str]) -> str:
    return "; ".join(dict.fromkeys(reasons))
