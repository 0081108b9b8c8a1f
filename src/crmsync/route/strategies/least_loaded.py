"""Least loaded: the person of the pool with the fewest open leads, by weight.

Compares open leads (as the caller counted them, and as this run has moved them) divided by weight; the order of
the roster breaks ties. Counts for capacity, takes no turn of a rotation. Passes to the next rule when nobody of the
pool can take a lead.
"""

from __future__ import annotations

from crmsync.route.placing.choice import Choice, Desk, Lead, nobody_free
from crmsync.route.roster.resolution import Member
from crmsync.route.roster.roster_file import Rule


def choose(lead: Lead, rule: Rule, desk: Desk) -> Choice:  # noqa: ARG001 - every strategy is called alike
    """The person with the fewest open leads."""
    free, passed = desk.available(desk.pool(rule.pool))
    if not free:
        return nobody_free(rule.pool, passed)
    return among(free, passed, desk)


def among(free: list[Member], passed: tuple[tuple[str, str], ...], desk: Desk) -> Choice:
    """The least loaded of these (not empty), with the others as passed over."""
    chosen = min(free, key=lambda member: desk.open_leads(member) / member.person.weight)
    others = tuple(
        (member.user, f"has {desk.open_leads(member)} open leads at weight {member.person.weight}")
        for member in free
        if member is not chosen
    )
    words = f"least loaded with {desk.open_leads(chosen)} open leads at weight {chosen.person.weight}"
    return desk.give(chosen, words, passed + others)
