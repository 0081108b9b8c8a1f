"""What the strategies share that narrow a pool to the people who serve a fact of the lead."""

from __future__ import annotations

from collections.abc import Callable, Collection

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody
from crmsync.route.people.member import Member
from crmsync.tongue import to_say

_NAMES = {
    Need.TERRITORY: to_say("territory"),
    Need.SEGMENT: to_say("segment"),
    Need.LANGUAGE: to_say("language"),
}


def by_fact(desk: Desk, fact: Need, serves: Callable[[Member], Collection[str]]) -> Placement:
    """Among the pool's people who serve the lead's fact (territory, segment, language), compared without case."""
    value, say = desk.fact(fact), desk.tongue.say
    name = say(_NAMES[fact])
    if value is None:
        return nobody(say("the lead's {fact} is not known", fact=name))
    wanted = value.strip().casefold()
    return desk.among(
        lambda member: wanted in {each.casefold() for each in serves(member)},
        found=say("serves the lead's {fact}", fact=name),
        other=say("does not serve the lead's {fact}", fact=name),
    )
