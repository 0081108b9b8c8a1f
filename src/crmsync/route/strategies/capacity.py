"""Capacity: the person of the pool with the most room left, until all are full; then the next rule takes over.

Room is what is left of `per_day`, `per_week`, `per_days`, `per_month` and `open_leads`, whichever is least; people
without any limit are passed over (put them into the pool of the next rule: that is the overflow). The order of the
roster breaks ties.
Counts for capacity, takes no turn of a rotation. `overflow: false` on the rule lets the lead wait instead.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody
from crmsync.tongue import to_say

NEEDS = frozenset({Need.POOL, Need.PEOPLE, Need.CAPACITY})
WORDS = to_say("most room left")


def choose(desk: Desk) -> Placement:
    """The person with the most room."""
    say = desk.tongue.say
    free, passed = desk.available(desk.pool())
    room = {member.user: desk.room(member) for member in free}
    limited = {user: left for user, left in room.items() if left is not None}
    unlimited = tuple((user, say("has no capacity set")) for user in room if user not in limited)
    if not limited:
        return nobody(say("nobody of pool {pool} has room left", pool=desk.pool_name), passed + unlimited)
    chosen = max(limited, key=lambda user: limited[user])
    others = tuple(
        (user, say("has room for {number}", number=left)) for user, left in limited.items() if user != chosen
    )
    member = next(each for each in free if each.user == chosen)
    words = say("has the most room, for {number}", number=limited[chosen])
    return desk.give(member, words, passed + unlimited + others)
