"""Segment: the people of the pool who serve the lead's segment, in fair rotation among them.

The roster's `facts` say which fact holds the segment (by default `segment`); its value is compared, without
case, with the words under `segments` of each person. `then: least_loaded` chooses among them by open leads
instead of by rotation. Turns count in the pool's one rotation, so whoever serves few leads of one kind gets more of
the others. Passes to the next rule when the segment is not known or nobody who serves it can take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.narrowing import by_fact
from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS = frozenset({Need.POOL, Need.THEN, Need.SEGMENT})
WORDS = to_say("by segment")


def choose(desk: Desk) -> Placement:
    """Somebody who serves the lead's segment."""
    return by_fact(desk, Need.SEGMENT, lambda member: member.person.segments)
