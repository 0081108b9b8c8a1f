"""What a breached guard says above a plan: in words, with the way on."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.model import GuardReading, Plan
from crmsync.showing.foreign_text import markup
from crmsync.showing.run.plan_columns import ARROW


def guard_lines(plan: Plan) -> Iterator[str]:
    """Each breached guard in words, and the way on."""
    for guard in plan.guards:
        if guard.breached:
            yield f"  [red bold]Guard {guard.name}:[/red bold] {markup(_over(guard))}"
            yield f"    {ARROW} {markup(guard.way_on)}"


_SHARES = {"changed_share": "the leads", "gone_share": "the known leads were not found"}


def _over(guard: GuardReading) -> str:
    """The value beside its limit, in the guard's own unit; a share with as many digits as tell the two apart."""
    if guard.name in _SHARES:
        digits = 0 if round(guard.value, 2) > round(guard.limit, 2) else 2
        return f"{guard.value * 100:.{digits}f} % of {_SHARES[guard.name]}, limit {guard.limit * 100:g} %"
    if guard.name == "gone_leads":
        return f"{guard.value:,.0f} known leads were not found, allowed {guard.limit:,.0f}"
    if guard.name == "allowed_changes":
        return f"{guard.value:,.0f} leads to change, allowed {guard.limit:,.0f}"
    if guard.name == "writes_off":
        return "this connection is not switched on"
    if guard.name == "all_unmanaged":
        return "all leads stand in stages that the mapping does not name"
    return f"{guard.value:g}, limit {guard.limit:g}"
