"""Nobody: the lead may stay without an owner, or in the queue it came in by, and no next rule is asked.

For leads that wait until they are worth somebody's time (say, `when: small_deal`). It is *nobody yet*: counted in
plans, `crmsync status` and `crmsync report load`, and no reason for an exit code. A lead that somebody owns stays
theirs. `otherwise: nobody` says the same of every lead that no rule could place.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS: frozenset[Need] = frozenset()
WORDS = to_say("nobody")
WAITS = True


def choose(desk: Desk) -> Placement:
    """Nobody, as it should be."""
    return desk.nobody_yet()
