"""Shares between pools: each pool gets its part of the leads, in fair rotation between the pools.

`share` names the pools with whole numbers: of `{berlin: 70, partners: 30}` the first gets 7 of 10. Whose turn it is
follows as between people, with the same bound: from the parts of those pools in which somebody can take a lead now,
and from the turns each pool had so far; a pool in which nobody can misses the turn. Within the pool the lead goes to
the next in its rotation, which it has in common with all rules that name it, or by `then: least_loaded` to whoever
has the fewest open leads. Passes to the next rule when nobody of any of these pools can take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS = frozenset({Need.SHARE, Need.THEN})
WORDS = to_say("shares between pools")


def choose(desk: Desk) -> Placement:
    """Somebody of the pool whose turn it is."""
    return desk.among_pools()
