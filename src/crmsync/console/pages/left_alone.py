"""Leads that are left alone: which, why, until when and by whom, as `crmsync holds` tells it."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.console.hidden_words import left_alone_told
from crmsync.console.shown import Shown
from crmsync.console.site import Site
from crmsync.console.visitor import visitor_of
from crmsync.operations.left_alone.holds import kept_leads
from crmsync.run.left_alone import CAUSES
from crmsync.settings import Settings

STEP = 100
MOST = 1_000
"""Pins are set in the CRM, and there may be any number of them."""


def left_alone(site: Site, settings: Settings, request: Request) -> Shown:
    """Of all connections or of one; those that a person here ends first. Raises `UsageError` for an unknown one."""
    chosen, asked = request.query_params.get("connection", ""), request.query_params.get("show", "")
    most = min(int(asked), MOST) if asked.isascii() and asked.isdigit() and len(asked) < 6 else STEP
    found = kept_leads(settings, (chosen,) if chosen else (), now=site.now)
    found.sort(key=lambda it: CAUSES.index(it.what.cause) if it.what.cause != "pinned" else len(CAUSES))
    tongue, hidden = site.tongue(settings), visitor_of(request).hidden
    lines = [(each, left_alone_told(each.what, tongue, hidden=hidden)) for each in found[:most]]
    values = {"lines": lines, "total": len(found), "more": most + STEP if most < min(len(found), MOST) else None}
    released = request.query_params.get("released") == "yes"
    return Shown(
        "left_alone.html",
        {**values, "connections": list(settings.configured), "chosen": chosen, "released": released},
    )
