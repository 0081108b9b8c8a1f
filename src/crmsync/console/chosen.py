"""Which connection and which lead a page is about."""

from __future__ import annotations

from starlette.requests import Request

from crmsync.console.visitor import visitor_of
from crmsync.errors import UsageError
from crmsync.settings import Settings


def chosen_connection(settings: Settings, request: Request) -> str:
    """The one that the address names, or the first. Raises `UsageError` for one that is not configured."""
    named = request.query_params.get("connection")
    return settings.named((named,) if named else ())[0]


def named_lead(request: Request) -> str:
    """As the address names it. Raises `UsageError` for an e-mail of somebody who may not read whose it is."""
    lead: str = request.path_params["lead"]
    if "@" in lead and visitor_of(request).hidden:
        raise UsageError("who leads are is hidden from you", hint="name a lead by its record id")
    return lead
