"""What a breached guard says above a plan: in words, with the way on."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.enumeration import first_few
from crmsync.model import Plan
from crmsync.showing.foreign_text import markup
from crmsync.showing.run.plan_columns import ARROW


def guard_lines(plan: Plan) -> Iterator[str]:
    """Each breached guard in words, some of the leads concerned, and the way on.

    The command that lets all of them through is the same for each: it stands once, at the last.
    """
    breached = [guard for guard in plan.guards if guard.breached]
    last = next((guard for guard in reversed(breached) if guard.advice), None)
    for guard in breached:
        some = f" (see {first_few(guard.leads)})" if guard.leads else ""
        yield f"  [red bold]Guard {guard.name}:[/red bold] {markup(guard.words + some)}"
        above = guard.advice and guard is not last
        yield f"    {ARROW} {markup(f'{guard.advice}: the command below' if above else guard.way_on)}"
