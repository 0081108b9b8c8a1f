"""The account's owner: the lead goes to whoever owns another lead of the same person or company.

The same person is the same e-mail; the same company is the same e-mail domain (unless the domain is shared by
many, such as a mail provider's) or the same company name. Leads anywhere in the CRM count, not only those of this
run; the oldest lead's owner comes first. Only receivers may take hand-offs. Counts for capacity, takes no turn.
Passes to the next rule when nobody is found or those found cannot take a lead now.
"""

from __future__ import annotations

from crmsync.route.choice import Choice, Desk, Lead, PassedOver, nobody
from crmsync.route.roster_file import Rule


def choose(lead: Lead, rule: Rule, desk: Desk) -> Choice:  # noqa: ARG001 - every strategy is called alike
    """The first owner of the same account who can take the lead, or nobody."""
    passed: PassedOver = ()
    for user in desk.account_owners(lead):
        member = desk.member(user)
        if member is None or not desk.may_own(member, lead):
            continue
        free, why = desk.available((member,))
        if free:
            return desk.give(member, "owns another lead of the same account", passed)
        passed += why
    return nobody("nobody who may take it owns another lead of the same account", passed)
