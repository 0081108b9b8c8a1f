"""The way of a generated lead through the stages, up to the one that the CRM shows: what its history tells."""

from __future__ import annotations

from collections.abc import Callable

_RUNGS = ("lead", "mql", "sal", "sql", "sqo", "customer")
_SKIPPED = 0.35
"""The share of leads that go from MQL to SQL, past SAL."""
_QUALIFIED_FIRST = 0.6
"""The share of those now disqualified or nurtured that were an MQL in between."""
_AGAIN = 0.08
"""The share of leads on the ladder that had been up it once before, and were sent back to its foot."""


def stages_passed(stage: str | None, draw: Callable[[], float]) -> tuple[str, ...]:
    """Every stage that it stood in, the present one last; none for one whose stage is empty. `draw` gives 0 to 1."""
    if stage is None:
        return ()
    if stage not in _RUNGS:
        return ("lead", "mql", stage) if draw() < _QUALIFIED_FIRST else ("lead", stage)
    way = _RUNGS[: _RUNGS.index(stage) + 1]
    if "sql" in way and draw() < _SKIPPED:
        way = tuple(rung for rung in way if rung != "sal")
    return ("lead", "mql", *way) if len(way) > 1 and draw() < _AGAIN else way


def days_of_moves(moves: int, days_ago: int, draw: Callable[[], float]) -> list[int]:
    """How many days ago each move came: between the lead's first day and yesterday, the oldest first."""
    return sorted((1 + int(draw() * days_ago) for _ in range(moves)), reverse=True)
