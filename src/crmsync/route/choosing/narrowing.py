"""What the strategies share that narrow a pool to the people who serve a fact of the lead."""

from __future__ import annotations

from collections.abc import Callable, Collection

from crmsync.route.choosing.strategy import Desk, Need, Placement, nobody
from crmsync.route.people.member import Member


def by_fact(desk: Desk, fact: Need, serves: Callable[[Member], Collection[str]]) -> Placement:
    """Among the pool's people who serve the lead's fact (territory, segment, language), compared without case."""
    value = desk.fact(fact)
    if value is None:
        return nobody(f"the lead's {fact.value} is not known")
    wanted = value.strip().casefold()
    return desk.among(
        lambda member: wanted in {each.casefold() for each in serves(member)},
        found=f"serves the lead's {fact.value}",
        other=f"does not serve the lead's {fact.value}",
    )
