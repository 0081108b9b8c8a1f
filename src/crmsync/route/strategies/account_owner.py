"""The account's owner: the lead goes to whoever owns the company in the CRM, or another lead of it.

First come the owners of the CRM's own records of the same company (accounts, customers, open opportunities), as far
as the mapping file names such records under `accounts`, in the order of its entries. Then come owners of other leads
of the same person or company, anywhere in the CRM, the oldest lead's first (of one second: by e-mail). The order of
the roster breaks ties. The same person is the same e-mail; the same company is the same e-mail domain (unless the
domain is shared by many, such as a mail provider's) or the same company name; of the CRM's records those with the
same domain come first. A lead that the CRM itself ties to a company (the roster's `facts` say which fact holds that
record's id, by default `account`) is of that company, whatever its e-mail says. Only receivers may take hand-offs.
Counts for capacity, takes no turn.

A rule may say which of them it means: `pool` (only people of it), `same` (only records and leads that say the same of
these facts, letter case and spaces aside), `within_days` (only records created in the last so many days, and leads
created in them or theirs only since then, as far as a person was seen to give them or crmsync gave them). What is not
known is not the same, and not of these days; of the CRM's records the mapping's `accounts` tell both. Passes to the
next rule when nobody is found or those found cannot take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import AccountOwner, Desk, Need, PassedOver, Placement, nobody
from crmsync.route.people.member import Member
from crmsync.tongue import to_say

NEEDS = frozenset({Need.ACCOUNTS, Need.KNOWN_OWNERS, Need.OWNERS_MEANT, Need.PEOPLE})
WORDS = to_say("the account's owner")


def choose(desk: Desk) -> Placement:
    """The first owner of the same company who can take the lead, or nobody."""
    passed: PassedOver = ()
    refused: set[str] = set()
    for owner in (*desk.account_owners(), *desk.known_owners()):
        if owner.user in refused:
            continue
        member, other = desk.member(owner.user), desk.not_meant(owner)
        if member is None or not desk.may_own(member) or other:
            passed += _why_not(owner, member, desk) if other is None else _another(owner, other, desk)
            continue
        free, why = desk.available((member,))
        if free:
            return desk.give(member, _what(owner, desk), passed)
        passed += why
        refused.add(owner.user)
    words = desk.tongue.say("nobody who may take it owns an account or another lead of the same company")
    return nobody(words, passed)


def _what(owner: AccountOwner, desk: Desk) -> str:
    if owner.account is None:
        return desk.tongue.say("owns another lead of the same account")
    return desk.tongue.say("owns {account} of the same company", account=owner.account)


def _another(owner: AccountOwner, other: str, desk: Desk) -> PassedOver:
    """Somebody who owns what the rule does not mean; of other leads that goes without saying."""
    if owner.account is None:
        return ()
    return ((owner.user, desk.tongue.say("{what}, but {why}", what=_what(owner, desk), why=other)),)


def _why_not(owner: AccountOwner, member: Member | None, desk: Desk) -> PassedOver:
    """Told of the CRM's accounts only: that a BDR owns other leads of the company is no wonder."""
    if owner.account is None:
        return ()
    say, owns = desk.tongue.say, _what(owner, desk)
    if member is None:
        return ((owner.user, say("{what}, but is not in the roster", what=owns)),)
    if member.active:
        return ((owner.user, say("{what}, but may not receive hand-offs", what=owns)),)
    return ((owner.user, say("{what}, but is inactive in the CRM", what=owns)),)
