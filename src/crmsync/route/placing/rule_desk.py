"""The desk as one rule's strategy sees it: for one lead, and of all that can be asked only what it has declared."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from crmsync.route.choosing.strategy import (
    AccountOwner,
    Lead,
    Need,
    NotDeclared,
    PassedOver,
    Placement,
    Strategy,
    nobody_free,
)
from crmsync.route.people.member import Member
from crmsync.route.placing.desk import RoutingDesk
from crmsync.route.placing.owned import another
from crmsync.route.placing.requests import Request
from crmsync.route.registry import STRATEGIES
from crmsync.route.roster.roster_file import RoutingRule
from crmsync.tongue import Tongue
from crmsync.values import replace


def ask(desk: RoutingDesk, request: Request, rule: RoutingRule) -> Placement:
    """The answer of the rule's strategy for this lead.

    Raises `NotDeclared` when it asks for what it has not declared, `TypeError` when it names a person without
    having given them the lead: then nothing would be counted.
    """
    strategy = STRATEGIES[rule.strategy]
    placement = strategy.choose(RuleDesk(desk, request, rule, strategy))
    uncounted = placement.pool is None and placement.owner != request.lead.owner
    if uncounted and desk.member(placement.owner) is not None:
        raise TypeError(f"the strategy `{strategy.name}` names a person itself: let it return `desk.give(…)`")
    return placement


class _Narrowed(Struct, frozen=True):
    """Whom a strategy left of the pool and why (`found`), and whom it passed over."""

    members: tuple[Member, ...]
    found: str
    passed: PassedOver


class RuleDesk(Struct, frozen=True):
    """Implements `strategy.Desk`."""

    _desk: RoutingDesk
    _request: Request
    _rule: RoutingRule
    _strategy: Strategy
    _narrowed: _Narrowed | None = None

    def _declared(self, need: Need) -> None:
        if need not in self._strategy.needs:
            raise NotDeclared(self._strategy.name, need)

    @property
    def tongue(self) -> Tongue:
        """The language of reasons."""
        return self._desk.tongue

    @property
    def lead(self) -> Lead:
        """The lead that needs an owner."""
        return self._request.lead

    @property
    def pool_name(self) -> str:
        """The name of the rule's pool."""
        self._declared(Need.POOL)
        assert self._rule.pool is not None
        return self._rule.pool

    def pool(self) -> tuple[Member, ...]:
        """The people of the rule's pool, or those whom the strategy before `then` left of them."""
        name = self.pool_name
        return self._desk.pool(name) if self._narrowed is None else self._narrowed.members

    def available(self, members: tuple[Member, ...]) -> tuple[list[Member], PassedOver]:
        """Those who can take a lead now, and why the others cannot, those left out before `then` first."""
        free, passed = self._desk.available(members)
        return free, self._passed + passed

    @property
    def _passed(self) -> PassedOver:
        return () if self._narrowed is None else self._narrowed.passed

    def member(self, user: str | None) -> Member | None:
        """The roster person behind a native user id."""
        return self._desk.member(user)

    def person(self, key: str) -> Member | None:
        """The roster person with this key, if this CRM knows them."""
        return self._desk.person(key)

    def may_own(self, member: Member) -> bool:
        """Whether this person is the right kind of owner for the lead."""
        return self._desk.may_own(member, self.lead)

    def gives_up(self, member: Member) -> bool:
        """Whether this person does not keep the lead."""
        return self._desk.gives_up(member)

    def fact(self, need: Need) -> str | None:
        """What the lead's fact says, as text; null = not known."""
        self._declared(need)
        return self._request.facts.get(need.value)

    def open_leads(self, member: Member) -> int:
        """How many open leads the person has at this moment."""
        self._declared(Need.OPEN_LEADS)
        return self._desk.open_leads(member)

    def room(self, member: Member) -> int | None:
        """How many more leads the person can take now; null = no limit."""
        self._declared(Need.CAPACITY)
        return self._desk.room(member)

    def known_owners(self) -> tuple[AccountOwner, ...]:
        """Owners of other leads of the same person or company."""
        self._declared(Need.KNOWN_OWNERS)
        return self._desk.known_owners(self.lead)

    def account_owners(self) -> tuple[AccountOwner, ...]:
        """Owners of the CRM's own records of the same company."""
        self._declared(Need.ACCOUNTS)
        return self._desk.account_owners(self.lead)

    def not_meant(self, owner: AccountOwner) -> str | None:
        """Why the rule does not mean this owner; null = it does."""
        self._declared(Need.OWNERS_MEANT)
        pool, member = self._rule.pool, self._desk.member(owner.user)
        if pool is not None and member is not None and member not in self._desk.pool(pool):
            return self.tongue.say("not in pool {pool}", pool=pool)
        return another(owner, self._rule, self._request.compared, self._desk.as_of, self.tongue)

    def among(self, fits: Callable[[Member], bool], *, found: str, other: str) -> Placement:
        """By the rule's `then` among the pool's people who fit; it reads what it has declared itself."""
        self._declared(Need.THEN)
        members = self.pool()
        right = tuple(member for member in members if fits(member))
        passed = tuple((member.user, other) for member in members if member not in right)
        following = STRATEGIES[self._rule.then]
        return following.choose(replace(self, _strategy=following, _narrowed=_Narrowed(right, found, passed)))

    def among_pools(self) -> Placement:
        """By the rule's `then` among the people of the pool whose turn it is."""
        self._declared(Need.SHARE)
        self._declared(Need.THEN)
        share, say = self._rule.share, self.tongue.say
        members = {member.user: member for pool in share for member in self._desk.pool(pool)}
        turn, passed = self._desk.pools_turn(share, tuple(members.values()))
        if turn is None:
            return nobody_free(", ".join(share), passed, self.tongue)
        rule, following = self._rule.model_copy(update={"pool": turn.pool}), STRATEGIES[self._rule.then]
        placement = following.choose(replace(self, _rule=rule, _strategy=following))
        part = {"pool": turn.pool, "part": share[turn.pool], "whole": sum(share.values())}
        words = f"{say('pool {pool} has the turn, with {part} of {whole}', **part)}; {placement.reason}"
        return replace(placement, reason=words, between=turn, passed_over=(*passed, *placement.passed_over))

    def take_turn(self, members: tuple[Member, ...]) -> Placement:
        """The pool's next turn, among these who can take a lead."""
        self._declared(Need.ROTATION)
        self._declared(Need.PEOPLE)
        words = self.tongue.say("next in the rotation of pool {pool}", pool=self.pool_name)
        if self._narrowed is not None:
            words = f"{self._narrowed.found}; {words}"
        return self._desk.take_turn(self.pool_name, members, words, self._passed)

    def give(self, member: Member, reason: str, passed: PassedOver = ()) -> Placement:
        """Give the lead to this person outside any rotation and count it for capacity."""
        self._declared(Need.PEOPLE)
        return self._desk.give(member, reason, passed)

    def nobody_yet(self) -> Placement:
        """Leave the lead as it is, until somebody is to have it."""
        return self._desk.nobody_yet()

    def to_queue(self) -> Placement:
        """Put the lead into the rule's queue, or nobody where the connection has none."""
        self._declared(Need.QUEUE)
        return self._desk.to_queue(self._rule.queue)
