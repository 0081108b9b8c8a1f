"""What strategies take and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from crmsync.route.roster.resolution import Member
from crmsync.route.roster.roster_file import Rule


@dataclass(frozen=True, slots=True)
class Lead:
    """One lead that needs an owner. `domain` and `company` are keys to compare by, null when they say nothing.

    `facts` holds the facts the roster names (territory, segment, language, account) under those words, as text.
    """

    lead: str
    hand_off: bool
    owner: str | None = None
    email: str | None = None
    domain: str | None = None
    company: str | None = None
    facts: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class AccountOwner:
    """Somebody who owns something of a lead's company: `account` names the CRM's record, null = another lead."""

    user: str
    account: str | None = None


PassedOver = tuple[tuple[str, str], ...]
"""(native user id, why) for everybody who was looked at and not chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A strategy's answer. `owner` null = nobody, and `reason` says why. Reasons hold words and native ids only.

    `pool`: whose counter counted this; `before` and `after`: the owner's count in it. Of a rotation also
    `share_before` and `share_after`: the turns that had fallen to the owner by weight, and `sharing`: how many people
    could take the turn.
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


class Desk(Protocol):
    """What strategies may ask and do. Implemented by `desk.RoutingDesk`."""

    def pool(self, name: str | None) -> tuple[Member, ...]:
        """The pool's people in roster order, inactive ones too."""

    def available(self, members: tuple[Member, ...]) -> tuple[list[Member], PassedOver]:
        """Those who can take a lead now, and why the others cannot."""

    def member(self, user: str | None) -> Member | None:
        """The roster person behind a native user id."""

    def person(self, key: str) -> Member | None:
        """The roster person with this key, if this CRM knows them."""

    def may_own(self, member: Member, lead: Lead) -> bool:
        """Whether this person is the right kind of owner: a receiver for hand-offs, anybody for new leads."""

    def account_owners(self, lead: Lead) -> tuple[AccountOwner, ...]:
        """Owners of the CRM's records of the same company, then of other leads of it, the oldest lead's first."""

    def gives_up(self, member: Member) -> bool:
        """Whether this person does not keep the lead that is placed: gone, or had their turn with it."""

    def open_leads(self, member: Member) -> int:
        """How many open leads the person has at this moment."""

    def room(self, member: Member) -> int | None:
        """How many more leads the person can take now; null = no limit."""

    def queue(self, rule: Rule) -> str | None:
        """Native id of the rule's queue on this connection."""

    def take_turn(self, pool: str, members: tuple[Member, ...], words: str, passed: PassedOver = ()) -> Choice:
        """Give the pool's next turn to one of `members` who can take a lead, and count it; or nobody."""

    def give(self, member: Member, reason: str, passed: PassedOver = ()) -> Choice:
        """Give the lead to this person outside any rotation and count it for capacity."""


class Strategy(Protocol):
    """One way to choose an owner: a function `choose` in a file of its own under `strategies/`."""

    def __call__(self, lead: Lead, rule: Rule, desk: Desk) -> Choice:
        """The owner, or nobody with the reason."""


def nobody(reason: str, passed: PassedOver = ()) -> Choice:
    """The answer of a strategy that found no owner."""
    return Choice(None, reason, passed_over=passed)


def nobody_free(pool: str | None, passed: PassedOver) -> Choice:
    """Nobody of the pool, with the causes that keep its people from the lead, each once."""
    causes = sorted({_cause(why) for _, why in passed})
    words = f"nobody of pool {pool} can take this lead now"
    return nobody(f"{words}: {', '.join(causes)}" if causes else words, passed)


def _cause(why: str) -> str:
    """Without until when and up to how many: leads that wait for the same cause are told together."""
    return why.partition(" until ")[0].partition(": ")[0]
