"""Whose counter a plan moves, once per pool and not at every lead."""

from __future__ import annotations

from collections.abc import Iterator

from crmsync.operations.run.every_connection import ConnectionReport
from crmsync.route.roster.defaults import DIRECT
from crmsync.showing.foreign_text import MOST_OF_REASONS, markup
from crmsync.showing.run.plan_columns import ARROW, person


def turn_lines(report: ConnectionReport) -> Iterator[str]:
    """One line for each pool: everybody who gets leads by it, with their turns before and after the plan."""
    pools: dict[str, dict[str, tuple[int, int]]] = {}
    for change in report.plan.changes:
        turn = change.routing
        if turn is None or turn.pool is None or change.owner_after is None:
            continue
        if turn.counter_before is None or turn.counter_after is None:
            continue
        before, after = pools.setdefault(turn.pool, {}).get(
            change.owner_after, (turn.counter_before, turn.counter_after)
        )
        pools[turn.pool][change.owner_after] = min(before, turn.counter_before), max(after, turn.counter_after)
    for pool, turns in sorted(pools.items()):
        counted = "Leads outside any rotation" if pool == DIRECT else f"Turns in pool {pool}"
        people = (f"{person(owner, report)} {ends[0]} {ARROW} {ends[1]}" for owner, ends in turns.items())
        yield f"  [bold]{markup(counted)}:[/bold] {markup(', '.join(sorted(people)), most=MOST_OF_REASONS)}"
