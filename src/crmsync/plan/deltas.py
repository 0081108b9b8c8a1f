"""What a plan takes from and gives to each owner. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from crmsync.model import Plan


class OwnerDelta(Struct, frozen=True):
    """One owner (native id, null = nobody) in a plan: leads got and given away, and held before and after.

    `before`: of all leads of the connection as last read, not of the plan's alone.
    """

    owner: str | None
    before: int
    gains: int
    losses: int

    @property
    def after(self) -> int:
        """Leads held once all of the plan is written."""
        return self.before + self.gains - self.losses


def owner_deltas(plan: Plan) -> Iterator[OwnerDelta]:
    """Those who gain most come first, then those who lose; nobody comes last."""
    moved = [change for change in plan.changes if change.owner_changes]
    gains = Counter(change.owner_after for change in moved)
    losses = Counter(change.owner_before for change in moved)
    concerned = {*gains, *losses}
    deltas = [OwnerDelta(each, plan.owner_leads.get(each, 0), gains[each], losses[each]) for each in concerned]
    yield from sorted(deltas, key=lambda it: (it.owner is None, it.losses - it.gains, it.owner or ""))
