"""Keep the present owner, also where the lead would otherwise be handed off.

For leads that stay with whoever qualified them (say, `when: small_deal`). The owner must be an active person of the
roster; absence and capacity do not matter, because nothing new is given. Passes to the next rule when the lead has
no owner, or the owner is a queue, not in the roster, inactive in the CRM, leaving, or has given the lead back.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody
from crmsync.tongue import to_say

NEEDS: frozenset[Need] = frozenset()
WORDS = to_say("keep the owner")


def choose(desk: Desk) -> Placement:
    """The present owner, or nobody."""
    owner, say = desk.member(desk.lead.owner), desk.tongue.say
    if owner is None:
        not_here = say("the present owner is not in the roster")
        return nobody(not_here if desk.lead.owner else say("the lead has no owner"))
    if not owner.active:
        return nobody(say("the present owner is inactive in the CRM"))
    if desk.gives_up(owner):
        return nobody(say("the present owner gives it up"))
    return Placement(owner.user, say("stays with its present owner"))
