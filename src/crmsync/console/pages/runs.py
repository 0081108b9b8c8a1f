"""What ran, when, by whom, and what came of it."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.operations.history.runs import run_lines
from crmsync.settings import Settings

STEP = 50
MOST = 1_000


def runs(_site: Site, settings: Settings, request: Request) -> Shown:
    """What `crmsync runs` tells, of all connections or of one. Raises `UsageError` for one that is not configured."""
    chosen = request.query_params.get("connection", "")
    asked = request.query_params.get("show", "")
    there = asked.isascii() and asked.isdigit() and len(asked) <= len(str(MOST)) and int(asked)
    show = min(int(asked), MOST) if there else STEP
    lines = run_lines(settings, (chosen,) if chosen else (), show=show)
    more = show + STEP if len(lines) == show < MOST else None
    return Shown(
        "runs.html", {"lines": lines, "connections": list(settings.configured), "chosen": chosen, "more": more}
    )
