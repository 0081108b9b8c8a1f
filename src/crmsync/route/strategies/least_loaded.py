"""Least loaded: the person of the pool with the fewest open leads, by weight.

Compares open leads (as the caller counted them, and as this run has moved them) divided by weight; the order of
the roster breaks ties. Counts for capacity, takes no turn of a rotation. Passes to the next rule when nobody of the
pool can take a lead.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody_free
from crmsync.tongue import to_say

NEEDS = frozenset({Need.POOL, Need.PEOPLE, Need.OPEN_LEADS})
WORDS = to_say("fewest open leads")
FOLLOWS = True


def choose(desk: Desk) -> Placement:
    """The person with the fewest open leads."""
    free, passed = desk.available(desk.pool())
    if not free:
        return nobody_free(desk.pool_name, passed, desk.tongue)
    chosen = min(free, key=lambda member: desk.open_leads(member) / member.person.weight)
    others = tuple(
        (
            member.user,
            desk.tongue.say_many(
                "has {number} open lead at weight {weight}",
                "has {number} open leads at weight {weight}",
                desk.open_leads(member),
                weight=desk.tongue.plain_number(member.person.weight),
            ),
        )
        for member in free
        if member is not chosen
    )
    words = desk.tongue.say_many(
        "least loaded with {number} open lead at weight {weight}",
        "least loaded with {number} open leads at weight {weight}",
        desk.open_leads(chosen),
        weight=desk.tongue.plain_number(chosen.person.weight),
    )
    return desk.give(chosen, words, passed + others)
