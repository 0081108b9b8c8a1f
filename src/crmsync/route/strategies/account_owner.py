"""The account's owner: the lead goes to whoever owns the company in the CRM, or another lead of it.

First come the owners of the CRM's own records of the same company (accounts, customers, open opportunities), as far
as the mapping file names such records under `accounts`, in the order of its entries. Then come owners of other leads
of the same person or company, anywhere in the CRM, the oldest lead's first (of one second: by e-mail). The order of
the roster breaks ties. The same person is the same e-mail; the same company is the same e-mail domain (unless the
domain is shared by many, such as a mail provider's) or the same company name; of the CRM's records those with the
same domain come first. A lead that the CRM itself ties to a company (the roster's `facts` say which fact holds that
record's id, by default `account`) is of that company, whatever its e-mail says. Only receivers may take hand-offs.
Counts for capacity, takes no turn. Passes to the next rule when nobody is found or those found cannot take a lead
now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import AccountOwner, Desk, Need, PassedOver, Placement, nobody
from crmsync.route.people.member import Member

NEEDS = frozenset({Need.ACCOUNTS, Need.KNOWN_OWNERS, Need.PEOPLE})


def choose(desk: Desk) -> Placement:
    """The first owner of the same company who can take the lead, or nobody."""
    passed: PassedOver = ()
    for owner in (*desk.account_owners(), *desk.known_owners()):
        member = desk.member(owner.user)
        if member is None or not desk.may_own(member):
            passed += _why_not(owner, member, desk)
            continue
        free, why = desk.available((member,))
        if free:
            return desk.give(member, _what(owner, desk), passed)
        passed += why
    words = desk.tongue.say("nobody who may take it owns an account or another lead of the same company")
    return nobody(words, passed)


def _what(owner: AccountOwner, desk: Desk) -> str:
    if owner.account is None:
        return desk.tongue.say("owns another lead of the same account")
    return desk.tongue.say("owns {account} of the same company", account=owner.account)


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
