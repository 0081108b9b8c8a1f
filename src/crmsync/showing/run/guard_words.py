"""What a breached guard says above a plan: in words, with the way on."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.enumeration import first_few
from crmsync.model import Plan
from crmsync.showing.foreign_text import markup
from crmsync.showing.run.plan_columns import ARROW


def guard_lines(plan: Plan) -> Iterator[str]:
    """Each breached guard in words, some of the leads concerned, and the way on."""
    for guard in plan.guards:
        if guard.breached:
            some = f" (see {first_few(guard.leads)})" if guard.leads else ""
            yield f"  [red bold]Guard {guard.name}:[/red bold] {markup(guard.words + some)}"
            yield f"    {ARROW} {markup(guard.way_on)}"
