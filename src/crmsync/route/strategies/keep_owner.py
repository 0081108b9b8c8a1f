"""Keep the present owner, also where the lead would otherwise be handed off.

For leads that stay with whoever qualified them (say, `when: small_deal`). The owner must be an active person of the
roster; absence and capacity do not matter, because nothing new is given. Passes to the next rule when the lead has
no owner, or the owner is a queue, not in the roster, inactive in the CRM, leaving, or has given the lead back.
"""

from __future__ import annotations

from crmsync.route.placing.choice import Choice, Desk, Lead, nobody
from crmsync.route.roster.roster_file import Rule


def choose(lead: Lead, rule: Rule, desk: Desk) -> Choice:  # noqa: ARG001 - every strategy is called alike
    """The present owner, or nobody."""
    owner = desk.member(lead.owner)
    if owner is None:
        return nobody("the present owner is not in the roster" if lead.owner else "the lead has no owner")
    if not owner.active:
        return nobody("the present owner is inactive in the CRM")
    if desk.gives_up(owner):
        return nobody("the present owner gives it up")
    return Choice(owner.user, "stays with its present owner")
