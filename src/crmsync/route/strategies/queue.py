"""Queue: the lead goes to a queue of the CRM, where people help themselves.

`queue` is the queue's name or id, or one for each connection. A hand-off that ended in a queue is looked at again
when the lead is next decided, and moves on as soon as an earlier rule finds somebody; a new lead in a queue has an
owner and stays. Passes to the next rule when this connection has no such queue.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS = frozenset({Need.QUEUE})
WORDS = to_say("a queue")


def choose(desk: Desk) -> Placement:
    """The rule's queue, or nobody where the connection has none."""
    return desk.to_queue()
