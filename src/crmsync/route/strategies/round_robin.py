"""Weighted round robin: the turns of the pool in proportion to weights, with a proven bound.

Takes the next turn of the rule's pool. Whose turn it is follows from the weights of those who can take a lead now
and from the turns each had so far; the order of the roster breaks ties. The counter belongs to the pool, so rules
that name the same pool share one rotation. Passes to the next rule when nobody of the pool can take a lead.

The bound and its proof: `docs/explanation/fairness.md`.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS = frozenset({Need.POOL, Need.PEOPLE, Need.ROTATION})
WORDS = to_say("in turn")
FOLLOWS = True
USUAL = True


def choose(desk: Desk) -> Placement:
    """The next in the rotation of the rule's pool."""
    return desk.take_turn(desk.pool())
