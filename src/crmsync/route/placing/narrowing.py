"""What the strategies share that first narrow a pool to the right people and then choose fairly among them."""

from __future__ import annotations

from collections.abc import Callable, Collection

from crmsync.route.placing.choice import Choice, Desk, Lead, nobody, nobody_free
from crmsync.route.roster.resolution import Member
from crmsync.route.roster.roster_file import Rule
from crmsync.route.strategies import least_loaded


def by_fact(lead: Lead, rule: Rule, desk: Desk, word: str, serves: Callable[[Member], Collection[str]]) -> Choice:
    """Among the pool's people who serve the lead's `word` (territory, segment, language), compared without case."""
    value = (lead.facts or {}).get(word)
    if value is None:
        return nobody(f"the lead's {word} is not known")
    wanted = value.strip().casefold()
    return among(
        rule,
        desk,
        lambda member: wanted in {each.casefold() for each in serves(member)},
        found=f"serves the lead's {word}",
        other=f"does not serve the lead's {word}",
    )


def among(rule: Rule, desk: Desk, fits: Callable[[Member], bool], *, found: str, other: str) -> Choice:
    """By the rule's `then` among those of its pool who fit; the others are passed over for the reason `other`."""
    assert rule.pool is not None
    members = desk.pool(rule.pool)
    right = tuple(member for member in members if fits(member))
    passed = tuple((member.user, other) for member in members if member not in right)
    if rule.then == "least_loaded":
        free, why = desk.available(right)
        if not free:
            return nobody_free(rule.pool, passed + why)
        return least_loaded.among(free, passed + why, desk)
    return desk.take_turn(rule.pool, right, f"{found}; next in the rotation of pool {rule.pool}", passed)
