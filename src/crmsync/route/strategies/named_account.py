"""Named accounts: the people of the pool who have the lead's company on their list, in fair rotation among them.

`accounts` of a person lists e-mail domains (`acme.com`) and company names, compared without case. `then:
least_loaded` chooses among several by open leads. Turns count in the pool's rotation. Passes to the next rule when
nobody names the company or those who do cannot take a lead now.
"""

from __future__ import annotations

from crmsync.route.choosing.strategy import Desk, Need, Placement
from crmsync.tongue import to_say

NEEDS = frozenset({Need.POOL, Need.THEN})
WORDS = to_say("named accounts")


def choose(desk: Desk) -> Placement:
    """Somebody who names the lead's company."""
    own = {key for key in (desk.lead.domain, desk.lead.company) if key}
    return desk.among(
        lambda member: not own.isdisjoint(account.strip().lower() for account in member.person.accounts),
        found=desk.tongue.say("has the company as a named account"),
        other=desk.tongue.say("does not name this account"),
    )
