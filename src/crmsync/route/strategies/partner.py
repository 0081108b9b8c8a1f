"""The BDR's partner: the lead goes to the person whom its present owner works with.

Follows `partner` of the present owner's entry in the roster. A partner may take a hand-off only if they are a
receiver. Counts for the partner's capacity, takes no turn of a rotation. Passes to the next rule when there is no
owner, no partner, or the partner cannot take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody
from crmsync.tongue import to_say

NEEDS = frozenset({Need.PEOPLE})
WORDS = to_say("the BDR's partner")


def choose(desk: Desk) -> Placement:
    """The present owner's partner, or nobody."""
    owner, say = desk.member(desk.lead.owner), desk.tongue.say
    if owner is None or owner.person.partner is None:
        nobody_there = say("no present owner in the roster")
        return nobody(say("the present owner has no partner") if owner else nobody_there)
    partner = desk.person(owner.person.partner)
    if partner is None:
        return nobody(say("the partner of the present owner is not on this CRM"))
    free, passed = desk.available((partner,))
    if not free:
        return nobody(say("the partner of the present owner cannot take a lead now"), passed)
    if not desk.may_own(partner):
        words = say("the partner of the present owner is no receiver")
        return nobody(words, ((partner.user, say("no receiver")),))
    return desk.give(partner, say("partner of the owner before"))
