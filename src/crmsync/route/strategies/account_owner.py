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
            passed += _why_not(owner, member)
            continue
        free, why = desk.available((member,))
        if free:
            return desk.give(member, _what(owner), passed)
        passed += why
    return nobody("nobody who may take it owns an account or another lead of the same company", passed)


def _what(owner: AccountOwner) -> str:
    return (
        "owns another lead of the same account"
        if owner.account is None
        else f"owns {owner.account} of the same company"
    )


def _why_not(owner: AccountOwner, member: Member | None) -> PassedOver:
    """Told of the CRM's accounts only: that a BDR owns other leads of the company is no wonder."""
    if owner.account is None:
        return ()
    if member is None:
        obstacle = "is not in the roster"
    else:
        obstacle = "may not receive hand-offs" if member.active else "is inactive in the CRM"
    return ((owner.user, f"{_what(owner)}, but {obstacle}"),)
