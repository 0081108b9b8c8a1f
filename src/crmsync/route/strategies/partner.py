"""The BDR's partner: the lead goes to the person whom its present owner works with.

Follows `partner` of the present owner's entry in the roster. A partner may take a hand-off only if they are a
receiver. Counts for the partner's capacity, takes no turn of a rotation. Passes to the next rule when there is no
owner, no partner, or the partner cannot take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody

NEEDS = frozenset({Need.PEOPLE})


def choose(desk: Desk) -> Placement:
    """The present owner's partner, or nobody."""
    owner = desk.member(desk.lead.owner)
    if owner is None or owner.person.partner is None:
        return nobody("the present owner has no partner" if owner else "no present owner in the roster")
    partner = desk.person(owner.person.partner)
    if partner is None:
        return nobody("the partner of the present owner is not on this CRM")
    free, passed = desk.available((partner,))
    if not free:
        return nobody("the partner of the present owner cannot take a lead now", passed)
    if not desk.may_own(partner):
        return nobody("the partner of the present owner is no receiver", ((partner.user, "no receiver"),))
    return desk.give(partner, "partner of the owner before")
