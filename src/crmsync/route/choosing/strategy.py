"""What a strategy is: what it may need, what it may ask and do, and what it answers.

A strategy is one file under `strategies/`. Its docstring is its page in the reference, `NEEDS` says what it needs,
`choose` names an owner. Whoever runs strategies reads their needs, never their names: what a strategy has not
declared it cannot read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Protocol

from msgspec import Struct

from crmsync.route.people.member import Member
from crmsync.tongue import ENGLISH, Tongue


class Need(Enum):
    """What a strategy needs. The values are words for messages; of facts, the roster's word under `facts`.

    Of the rule: POOL, QUEUE and SHARE, which it must name, OWNERS_MEANT, which it may narrow by `pool`, `same` and
    `within_days`, and THEN, whose strategy chooses among the people this one
    leaves (and whose own needs count then, too). Of the people: PEOPLE who can take a lead (without any, a hand-off
    has nobody to go to), their turns in the pool's ROTATION, their CAPACITY. Of the whole CRM: everybody's
    OPEN_LEADS, the KNOWN_OWNERS of other leads of the same person or company, the owners of its own ACCOUNTS. Of the
    lead: a fact (TERRITORY, SEGMENT, LANGUAGE).
    """

    POOL = "pool"
    QUEUE = "queue"
    SHARE = "share"
    OWNERS_MEANT = "which owners are meant"
    THEN = "then"
    PEOPLE = "people who can take a lead"
    ROTATION = "turns of the rotation"
    CAPACITY = "capacity"
    OPEN_LEADS = "open leads"
    KNOWN_OWNERS = "owners of other leads"
    ACCOUNTS = "owners of accounts"
    TERRITORY = "territory"
    SEGMENT = "segment"
    LANGUAGE = "language"


FACTS = (Need.TERRITORY, Need.SEGMENT, Need.LANGUAGE)
"""The needs that are a fact of the lead."""


class NotDeclared(TypeError):
    """A strategy asks for what it has not declared. That is a mistake in its file, and never a lead's."""

    def __init__(self, strategy: str, need: Need) -> None:
        super().__init__(f"the strategy `{strategy}` asks for {need.value}: add Need.{need.name} to its NEEDS")


class Lead(Struct, frozen=True):
    """One lead that needs an owner. `domain` and `company` are keys to compare by, null when they say nothing.

    `hand_over`: the name of the hand-over that counts for it; null = it is a new lead. `account`: native id of the
    CRM's record that the CRM itself ties the lead to.
    """

    lead: str
    hand_over: str | None
    owner: str | None = None
    email: str | None = None
    domain: str | None = None
    company: str | None = None
    account: str | None = None


class AccountOwner(Struct, frozen=True):
    """Somebody who owns something of a lead's company: `account` names the CRM's record, null = another lead.

    `since`: the day since when it is there, of a lead also since when it is theirs; null = not known. `facts`: what
    it says of the facts that rules compare, by their names.
    """

    user: str
    account: str | None = None
    since: date | None = None
    facts: tuple[tuple[str, str], ...] = ()


class Obstacle(str):
    """Why somebody cannot take a lead, in words. `cause`: the same without until when and up to how many."""

    __slots__ = ("cause",)
    cause: str

    def __new__(cls, words: str, cause: str) -> Obstacle:
        """The words are the text."""
        told = super().__new__(cls, words)
        told.cause = cause
        return told


class PoolsTurn(Struct, frozen=True):
    """The turn that a pool had in the rotation among pools that share leads: its turns and share before and after.

    `pools`: (pool, weight) of those among which the turn was shared; empty = an earlier run has counted it.
    """

    pool: str
    rotation: str
    before: int
    after: int
    share_before: float | None = None
    share_after: float | None = None
    pools: tuple[tuple[str, int], ...] = ()


PassedOver = tuple[tuple[str, str], ...]
"""(native user id, why) for everybody who was looked at and not chosen."""


class Placement(Struct, frozen=True):
    """A strategy's answer. `owner` null = nobody, and `reason` says why. Reasons hold words and native ids only.

    `waits`: nobody, and that is as it should be: no further rule is asked, and the lead stays as it is.
    `pool`: whose counter counted this; `before` and `after`: the owner's count in it. Of a rotation also
    `share_before` and `share_after`: the turns that had fallen to the owner by weight, and `sharing`: how many people
    could take the turn, with `shared`: their native ids and weights, empty where it made up for an absence.
    `between`: the turn that the pool itself had.
    """

    owner: str | None
    reason: str
    pool: str | None = None
    before: int | None = None
    after: int | None = None
    passed_over: PassedOver = ()
    share_before: float | None = None
    share_after: float | None = None
    sharing: int | None = None
    shared: tuple[tuple[str, int], ...] | None = None
    waits: bool = False
    between: PoolsTurn | None = None


class Desk(Protocol):
    """What a strategy may ask and do for one lead under one rule. Implemented by `placing.rule_desk.RuleDesk`.

    What stands behind a need raises `NotDeclared` unless the strategy has declared it.
    """

    @property
    def lead(self) -> Lead:
        """The lead that needs an owner."""

    @property
    def tongue(self) -> Tongue:
        """The language of reasons: `desk.tongue.say("has room for {number}", number=3)`."""

    @property
    def pool_name(self) -> str:
        """The name of the rule's pool. Need.POOL."""

    def pool(self) -> tuple[Member, ...]:
        """The people of the rule's pool in roster order, inactive ones too. Need.POOL."""

    def available(self, members: tuple[Member, ...]) -> tuple[list[Member], PassedOver]:
        """Those who can take a lead now, and why the others cannot."""

    def member(self, user: str | None) -> Member | None:
        """The roster person behind a native user id."""

    def person(self, key: str) -> Member | None:
        """The roster person with this key, if this CRM knows them."""

    def may_own(self, member: Member) -> bool:
        """Whether this person is the right kind of owner: who receives leads of the hand-over or of a later one;
        anybody for new leads.
        """

    def gives_up(self, member: Member) -> bool:
        """Whether this person does not keep the lead: gone, or had their turn with it."""

    def fact(self, need: Need) -> str | None:
        """What the lead's fact says, as text; null = not known. Need: the fact itself."""

    def open_leads(self, member: Member) -> int:
        """How many open leads the person has in the whole CRM at this moment. Need.OPEN_LEADS."""

    def room(self, member: Member) -> int | None:
        """How many more leads the person can take now; null = no limit. Need.CAPACITY."""

    def known_owners(self) -> tuple[AccountOwner, ...]:
        """Owners of other leads of the same person or company, the oldest lead's first. Need.KNOWN_OWNERS."""

    def account_owners(self) -> tuple[AccountOwner, ...]:
        """Owners of the CRM's own records of the same company, in the order of their claim. Need.ACCOUNTS."""

    def not_meant(self, owner: AccountOwner) -> str | None:
        """Why the rule does not mean this owner, by its `pool`, `same` and `within_days`; null = it does.

        Need.OWNERS_MEANT.
        """

    def among(self, fits: Callable[[Member], bool], *, found: str, other: str) -> Placement:
        """By the rule's `then` among the pool's people who fit. Need.POOL, Need.THEN.

        `found`: why they fit; `other`: why the others are passed over.
        """

    def among_pools(self) -> Placement:
        """By the rule's `then` among the people of the pool whose turn it is by the rule's `share`.

        Need.SHARE, Need.THEN.
        """

    def take_turn(self, members: tuple[Member, ...]) -> Placement:
        """Give the pool's next turn to one of these who can take a lead, and count it; or nobody.

        Need.POOL, Need.PEOPLE, Need.ROTATION.
        """

    def give(self, member: Member, reason: str, passed: PassedOver = ()) -> Placement:
        """Give the lead to this person outside any rotation and count it for capacity. Need.PEOPLE."""

    def to_queue(self) -> Placement:
        """Put the lead into the rule's queue; nobody where the connection has none. Need.QUEUE."""

    def nobody_yet(self) -> Placement:
        """Leave the lead as it is, without an owner or in its queue, until somebody is to have it."""


class Strategy(Struct, frozen=True):
    """One way to choose an owner, as its file says.

    `page`: its docstring. `follows`: may be named after `then`. `usual`: of a rule that names none. `waits`: lets
    leads stay without an owner. `words`: what people call it.
    """

    name: str
    page: str
    needs: frozenset[Need]
    choose: Callable[[Desk], Placement]
    follows: bool = False
    usual: bool = False
    waits: bool = False
    words: str = ""


def nobody(reason: str, passed: PassedOver = ()) -> Placement:
    """The answer of a strategy that found no owner."""
    return Placement(None, reason, passed_over=passed)


def nobody_free(pool: str | None, passed: PassedOver, tongue: Tongue = ENGLISH) -> Placement:
    """Nobody of the pool, with the causes that keep its people from the lead, each once.

    Leads that wait for the same cause are told together, until when and up to how many aside.
    """
    causes = sorted({why.cause if isinstance(why, Obstacle) else why for _, why in passed})
    words = tongue.say("nobody of pool {pool} can take this lead now", pool=pool)
    return nobody(f"{words}: {', '.join(causes)}" if causes else words, passed)
